import { type FeeSchedule, MICRO, type MicroPrice, type MicroShares, type MicroUsdc, microUsdc } from '@app/domain';

/**
 * Taker fees (E4): shares x rate x (p (1 - p))^exponent in USDC, at the fifth decimal. Makers pay nothing.
 *
 * Known limitation: the venue does not say how it rounds the fifth decimal. Half up is this model's choice; the one amount known from the
 * chain (10.13209, exactly 10.132097) lies one step lower.
 */

/** The smallest step of a fee: 0.00001 USDC. */
export const FEE_STEP = microUsdc(10n);

/** Largest exponent of a fee curve that is understood. */
const MAX_EXPONENT = 8;

/** Whether fees can be computed from a schedule: its exponent is a whole number from 1 to 8, or its rate is 0. */
export function isChargeable(schedule: FeeSchedule): boolean {
  const { rate, exponent } = schedule;
  return rate === 0n || (Number.isInteger(exponent) && exponent >= 1 && exponent <= MAX_EXPONENT);
}

/**
 * The fee of one fill, in micro-USDC; 0 for a market without schedule.
 * @param price micro-USDC per share, 0..1_000_000   @param shares micro-shares, >= 0
 * @throws RangeError when the schedule is not {@link isChargeable}.
 */
export function takerFee(schedule: FeeSchedule | null, price: MicroPrice, shares: MicroShares): MicroUsdc {
  if (isFree(schedule)) return NOTHING;
  return roundFee(shares * curveAt(schedule, price), stepOf(schedule));
}

/**
 * The fee to reserve for a buy of `shares` at prices up to `worstPrice`, in micro-USDC: with the cost at the worst price it covers cost and
 * fee at every better one, because cheaper shares save more than their fee can rise. Rounded up.
 * @throws RangeError when the schedule is not {@link isChargeable}.
 */
export function worstTakerFee(schedule: FeeSchedule | null, worstPrice: MicroPrice, shares: MicroShares): MicroUsdc {
  if (isFree(schedule)) return NOTHING;
  return roundUp(shares * curveAt(schedule, worstPrice), stepOf(schedule));
}

/**
 * The fee to reserve for a buy that spends `amount`, in micro-USDC: amount x rate, which the fee nears when the price nears 0. Rounded up.
 * @throws RangeError when the schedule is not {@link isChargeable}.
 */
export function worstTakerFeeOfAmount(schedule: FeeSchedule | null, amount: MicroUsdc): MicroUsdc {
  if (isFree(schedule)) return NOTHING;
  return roundUp(amount * schedule.rate, MICRO * FEE_STEP);
}

const NOTHING = microUsdc(0n);
/** What shares x rate x p (1 - p) is divided by to give fee steps: 10^6 x 10^6 x 10^12 micro-units, 10^5 steps to a USDC. */
const STEP_OF_EXPONENT_1 = 10n ** 19n;
const PRICE_PRODUCT = MICRO * MICRO;

function isFree(schedule: FeeSchedule | null): schedule is null {
  if (schedule === null || schedule.rate === 0n) return true;
  if (!isChargeable(schedule)) throw new RangeError(`a fee curve of exponent ${schedule.exponent} is not understood`);
  return false;
}

/** rate x (p (1 - p))^exponent, in units of {@link stepOf} per micro-share. */
function curveAt({ rate, exponent }: FeeSchedule, price: MicroPrice): bigint {
  const product = price * (MICRO - price);
  return rate * (exponent === 1 ? product : product ** BigInt(exponent));
}

function stepOf({ exponent }: FeeSchedule): bigint {
  return exponent === 1 ? STEP_OF_EXPONENT_1 : STEP_OF_EXPONENT_1 * PRICE_PRODUCT ** BigInt(exponent - 1);
}

/** The rounding of E4: half up at the fifth decimal; what is below the first step is nothing. */
function roundFee(exact: bigint, step: bigint): MicroUsdc {
  return exact < step ? NOTHING : ((((exact + step / 2n) / step) * FEE_STEP) as MicroUsdc);
}

function roundUp(exact: bigint, step: bigint): MicroUsdc {
  return microUsdc(((exact + step - 1n) / step) * FEE_STEP);
}
