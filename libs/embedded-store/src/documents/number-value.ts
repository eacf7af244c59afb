import { Decimal128 } from 'bson';
import { BsonType } from './bson-type';

/** A number as the sum of three doubles, each the nearest to what the ones before it leave over. */
export interface NumberParts {
  readonly high: number;
  readonly middle: number;
  readonly low: number;
  /**
   * For a Decimal128 too large or too small for such a sum: bytes that order it among all numbers with the same `high` on the same
   * side of it; then `middle` only names that side. Null for all others.
   */
  readonly beyond: Buffer | null;
}

const SAFE_HIGH_WORD = 0x200000;

/** True when the int64 at `start` is exactly a double. */
export function isSafeInt64(bytes: Buffer, start: number): boolean {
  const high = bytes.readInt32LE(start + 4);
  return high < SAFE_HIGH_WORD && high >= -SAFE_HIGH_WORD;
}

/** Nearest double of a number value of any type. */
export function doubleOf(type: number, bytes: Buffer, start: number): number {
  switch (type) {
    case BsonType.int32:
      return bytes.readInt32LE(start);
    case BsonType.double:
      return bytes.readDoubleLE(start);
    case BsonType.int64:
      return bytes.readInt32LE(start + 4) * 4294967296 + bytes.readUInt32LE(start);
    default:
      return Number(decimalText(bytes, start));
  }
}

function decimalText(bytes: Buffer, start: number): string {
  return new Decimal128(Uint8Array.prototype.slice.call(bytes, start, start + 16)).toString();
}

interface Decimal {
  digits: bigint;
  /** Power of ten the digits are multiplied with. */
  exponent: number;
}

function parseDecimal(text: string): Decimal {
  const [mantissa = '0', exponentText = '0'] = text.split('E');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponentText) - fraction.length };
}

/** A finite double as digits and a power of ten, exactly. */
function exactDecimal(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const word = view.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const significand = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const power = (biased === 0 ? 1 : biased) - 1075;
  const digits = value < 0 || Object.is(value, -0) ? -significand : significand;
  return power >= 0
    ? { digits: digits << BigInt(power), exponent: 0 }
    : { digits: digits * 5n ** BigInt(-power), exponent: power };
}

function subtract(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = ({ digits, exponent: from }: Decimal): bigint => digits * 10n ** BigInt(from - exponent);
  return { digits: scale(left) - scale(right), exponent };
}

const nearest = ({ digits, exponent }: Decimal): number => Number(`${digits}e${exponent}`);

/** Below this the remainders of a sum of doubles get too small to be exact. */
const LEAST_SUM = 1e-200;
/** The most digits a Decimal128 has. */
const DECIMAL_DIGITS = 34;
/** Makes the powers of ten of all decimals positive. */
const POWER_BIAS = 0x4000;
const COEFFICIENT_BYTES = 15;

/** The power of ten of the first digit, then all digits: as bytes in the order of the values. */
function scientificBytes({ digits, exponent }: Decimal): Buffer {
  const text = String(digits < 0n ? -digits : digits);
  const coefficient = BigInt(text.padEnd(DECIMAL_DIGITS, '0'));
  const bytes = Buffer.alloc(2 + COEFFICIENT_BYTES);
  bytes.writeUInt16BE(exponent + text.length + POWER_BIAS);
  bytes.write(coefficient.toString(16).padStart(COEFFICIENT_BYTES * 2, '0'), 2, 'hex');
  return digits < 0n ? Buffer.from(bytes.map((byte) => ~byte & 0xff)) : bytes;
}

function beyondDoubles(value: Decimal, high: number): NumberParts {
  const isAbove = Number.isFinite(high) ? subtract(value, exactDecimal(high)).digits > 0n : high < 0;
  return { high, middle: isAbove ? 1 : -1, low: 0, beyond: scientificBytes(value) };
}

function decimalParts(bytes: Buffer, start: number): NumberParts {
  const text = decimalText(bytes, start);
  const high = Number(text);
  if (Number.isNaN(high) || text.endsWith('Infinity')) return { high, middle: 0, low: 0, beyond: null };
  const value = parseDecimal(text);
  if (value.digits === 0n) return { high: 0, middle: 0, low: 0, beyond: null };
  // No decimal that small is a double as well: its nearest double has hundreds of digits.
  if (!Number.isFinite(high) || Math.abs(high) < LEAST_SUM) return beyondDoubles(value, high);
  const afterHigh = subtract(value, exactDecimal(high));
  const middle = nearest(afterHigh);
  const low = middle === 0 ? 0 : nearest(subtract(afterHigh, exactDecimal(middle)));
  return { high, middle, low, beyond: null };
}

/** A number value of any type split for exact comparison. */
export function numberParts(type: number, bytes: Buffer, start: number): NumberParts {
  if (type === BsonType.decimal128) return decimalParts(bytes, start);
  const high = doubleOf(type, bytes, start);
  if (type !== BsonType.int64 || isSafeInt64(bytes, start)) return { high, middle: 0, low: 0, beyond: null };
  const value = bytes.readBigInt64LE(start);
  const nearestDouble = Number(value);
  return { high: nearestDouble, middle: Number(value - BigInt(nearestDouble)), low: 0, beyond: null };
}

function compareDoubles(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (left === right) return 0;
  // At least one is NaN, which comes before every number and equals itself.
  return Number.isNaN(left) ? (Number.isNaN(right) ? 0 : -1) : 1;
}

function isExactDouble(type: number, bytes: Buffer, start: number): boolean {
  return type === BsonType.int32 || type === BsonType.double || (type === BsonType.int64 && isSafeInt64(bytes, start));
}

/** Compares two number values by their exact mathematical value; NaN first. */
export function compareNumbers(
  leftType: number,
  leftBytes: Buffer,
  leftStart: number,
  rightType: number,
  rightBytes: Buffer,
  rightStart: number,
): number {
  if (isExactDouble(leftType, leftBytes, leftStart) && isExactDouble(rightType, rightBytes, rightStart)) {
    return compareDoubles(doubleOf(leftType, leftBytes, leftStart), doubleOf(rightType, rightBytes, rightStart));
  }
  const left = numberParts(leftType, leftBytes, leftStart);
  const right = numberParts(rightType, rightBytes, rightStart);
  return (
    compareDoubles(left.high, right.high) ||
    compareDoubles(left.middle, right.middle) ||
    compareDoubles(left.low, right.low) ||
    (left.beyond !== null && right.beyond !== null ? left.beyond.compare(right.beyond) : 0)
  );
}

export function isNaNValue(type: number, bytes: Buffer, start: number): boolean {
  if (type === BsonType.double) return Number.isNaN(bytes.readDoubleLE(start));
  return type === BsonType.decimal128 && Number.isNaN(doubleOf(type, bytes, start));
}
