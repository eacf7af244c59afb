import { Decimal128, Double, Int32, Long } from 'bson';

/** A finite number as `digits * 10 ** exponent`, with as few digits as possible. */
export interface ExactNumber {
  readonly digits: bigint;
  readonly exponent: number;
}

/** What a BSON number stands for: an exact value, or one of those that have none. */
export type NumberMeaning = ExactNumber | 'NaN' | 'Infinity' | '-Infinity';

function reduced(digits: bigint, exponent: number): ExactNumber {
  if (digits === 0n) return { digits, exponent: 0 };
  let [left, power] = [digits, exponent];
  while (left % 10n === 0n) [left, power] = [left / 10n, power + 1];
  return { digits: left, exponent: power };
}

function ofDouble(value: number): NumberMeaning {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  let [whole, halvings] = [value, 0];
  // Doubling a double is exact, so this ends at a whole number after at most 1074 steps.
  while (!Number.isInteger(whole)) [whole, halvings] = [whole * 2, halvings + 1];
  return reduced(BigInt(whole) * 5n ** BigInt(halvings), -halvings);
}

function ofDecimal(value: Decimal128): NumberMeaning {
  const text = value.toString();
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return text;
  const [mantissa = '0', power = '0'] = text.split('E');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return reduced(BigInt(whole + fraction), Number(power) - fraction.length);
}

/** Meaning of a BSON number of any of the four types; null for everything else. */
export function meaningOf(value: unknown): NumberMeaning | null {
  if (value instanceof Int32) return reduced(BigInt(value.value), 0);
  if (value instanceof Long) return reduced(value.toBigInt(), 0);
  if (value instanceof Double) return ofDouble(value.value);
  return value instanceof Decimal128 ? ofDecimal(value) : null;
}

const rank = (meaning: NumberMeaning): number =>
  meaning === 'NaN' ? 0 : meaning === '-Infinity' ? 1 : meaning === 'Infinity' ? 3 : 2;

/** Compares two numbers as MongoDB orders them: NaN first, then by exact value. */
export function compareMeanings(left: NumberMeaning, right: NumberMeaning): number {
  if (typeof left === 'string' || typeof right === 'string') return Math.sign(rank(left) - rank(right));
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (number: ExactNumber): bigint => number.digits * 10n ** BigInt(number.exponent - exponent);
  const [a, b] = [scaled(left), scaled(right)];
  return a < b ? -1 : Number(a > b);
}
