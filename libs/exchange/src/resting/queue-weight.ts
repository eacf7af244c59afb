import { MICRO } from '@app/domain';

/**
 * How much of a cancelled size stood in front of an order (F5): the share f(ahead) / (f(ahead) + f(behind)) with f(x) = ln(1 + x), x in
 * shares. Cancels are likelier where more stands, but far less than in proportion to it.
 *
 * Replays have to agree to the last digit on every machine, and `Math.log` may differ between engines. The logarithm is therefore a table of
 * whole numbers, made by squaring integers, with straight lines between its points; only whole numbers below 2^53 and their quotients by
 * powers of two occur, all of which a double holds exactly. Base 2 instead of e: the base cancels out of the share. Largest error of a
 * logarithm: 3e-6.
 */

/** Units of a logarithm: 2^24 is one. */
const ONE_BITS = 24;
const ONE = 2 ** ONE_BITS;
const STEP_BITS = 8;
const STEPS = 2 ** STEP_BITS;
/** Bits of a position between two points of the table. */
const REST_BITS = 16;
const REST = 2 ** REST_BITS;

/** log2(1 + i / 256) for i from 0 to 256. */
const TABLE: readonly number[] = Array.from({ length: STEPS + 1 }, (_, i) => (i === STEPS ? ONE : logOfMantissa(i)));

/** Takes the binary digits of log2(1 + i / 256) one at a time: squaring a number doubles its logarithm. */
function logOfMantissa(i: number): number {
  const precision = 60n;
  let mantissa = BigInt(STEPS + i) << (precision - BigInt(STEP_BITS));
  let log = 0;
  for (let bit = 0; bit < ONE_BITS; bit += 1) {
    mantissa = (mantissa * mantissa) >> precision;
    log *= 2;
    if (mantissa >> (precision + 1n) > 0n) {
      mantissa >>= 1n;
      log += 1;
    }
  }
  return log;
}

/** Largest power of two not above a whole number from 1 to 2^53, as its exponent. */
function exponentOf(value: number): number {
  return value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(Math.floor(value / 2 ** 32));
}

/** log2 of a whole number from 1 to 2^53, in 2^-24ths, rounded down. */
export function fixedLog2(value: number): number {
  const exponent = exponentOf(value);
  const position = Math.floor((value / 2 ** exponent - 1) * ONE);
  const index = Math.floor(position / REST);
  const low = TABLE[index] ?? 0;
  const high = TABLE[index + 1] ?? ONE;
  return exponent * ONE + low + Math.floor(((high - low) * (position - index * REST)) / REST);
}

const SHARE = Number(MICRO);
const LOG_OF_A_SHARE = fixedLog2(SHARE);

/** f(x), up to a constant factor. @param size micro-shares, >= 0 */
function weight(size: bigint): number {
  return fixedLog2(SHARE + Number(size)) - LOG_OF_A_SHARE;
}

/**
 * The part of a cancelled size expected in front of an order, rounded down, never more than `ahead`. All in micro-shares, >= 0.
 * @param ahead   what stands before the order   @param behind   what stands after it, at the same price
 */
export function cancelledAhead(cancelled: bigint, ahead: bigint, behind: bigint): bigint {
  if (cancelled === 0n || ahead === 0n) return 0n;
  if (behind === 0n) return cancelled < ahead ? cancelled : ahead;
  const front = weight(ahead);
  const share = (cancelled * BigInt(front)) / BigInt(front + weight(behind));
  return share < ahead ? share : ahead;
}
