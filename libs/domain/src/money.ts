/**
 * Money, prices and quantities as integer micro-units.
 *
 * Invariants: 1 USDC = 1 share = price 1.0 = 1_000_000. No value of these types ever passes through floating-point arithmetic;
 * a decimal becomes micro-units from its text. Branded types keep a price from being used as an amount.
 */
declare const unit: unique symbol;
type Micro<Unit extends string> = bigint & { readonly [unit]: Unit };

/** An amount of USDC in millionths; may be negative (PnL). */
export type MicroUsdc = Micro<'usdc'>;
/** A price per share in millionths of a USDC, 0..1_000_000. */
export type MicroPrice = Micro<'price'>;
/** A number of shares in millionths. */
export type MicroShares = Micro<'shares'>;
/** A rate (fee, rebate) in parts per million. */
export type PartsPerMillion = Micro<'ppm'>;

type AnyMicro = MicroUsdc | MicroPrice | MicroShares | PartsPerMillion;

export const MICRO = 1_000_000n;
/** Largest magnitude an int64 field can hold, in micro-units. */
export const MAX_MICRO = 9_223_372_036_854_775_807n;
/** The largest amount a request may name, in micro-units: one below a billion, in the fifteen digits every client's numbers keep. */
export const MAX_WIRE_MICRO = 1_000_000_000n * MICRO - 1n;

export const microUsdc = (value: bigint): MicroUsdc => value as MicroUsdc;
export const microPrice = (value: bigint): MicroPrice => value as MicroPrice;
export const microShares = (value: bigint): MicroShares => value as MicroShares;
export const partsPerMillion = (value: bigint): PartsPerMillion => value as PartsPerMillion;

export type DecimalProblem = 'not_a_decimal' | 'too_many_decimals' | 'out_of_range';
export type ParsedMicro = { ok: true; value: bigint } | { ok: false; problem: DecimalProblem };

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Splits decimal text into an integer of digits and a power of ten; null when it is not a decimal number. */
function digitsOf(text: string): { negative: boolean; digits: bigint; exponent: number } | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0 || whole.length + fraction.length > 400) return null;
  return { negative: sign === '-', digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/**
 * Parses decimal text exactly: a seventh significant decimal is refused, never rounded.
 * For values a person or program typed; what the venue computed in floating point goes through {@link roundToMicro}.
 */
export function parseMicro(text: string): ParsedMicro {
  const parts = digitsOf(text);
  if (parts === null) return { ok: false, problem: 'not_a_decimal' };
  const shift = parts.exponent + 6;
  if (parts.digits === 0n) return { ok: true, value: 0n };
  if (shift > 40) return { ok: false, problem: 'out_of_range' };
  let value: bigint;
  if (shift >= 0) {
    value = parts.digits * 10n ** BigInt(shift);
  } else {
    const divisor = 10n ** BigInt(-shift);
    if (parts.digits % divisor !== 0n) return { ok: false, problem: 'too_many_decimals' };
    value = parts.digits / divisor;
  }
  if (value > MAX_MICRO) return { ok: false, problem: 'out_of_range' };
  return { ok: true, value: parts.negative ? -value : value };
}

/**
 * Rounds decimal text to the nearest micro-unit, halves away from zero.
 * For display figures the venue publishes with floating-point dust (volume "5260.9190469999985"); never for balances.
 */
export function roundToMicro(text: string): ParsedMicro {
  const parts = digitsOf(text);
  if (parts === null) return { ok: false, problem: 'not_a_decimal' };
  const shift = parts.exponent + 6;
  if (parts.digits === 0n) return { ok: true, value: 0n };
  if (shift > 40) return { ok: false, problem: 'out_of_range' };
  let value: bigint;
  if (shift >= 0) {
    value = parts.digits * 10n ** BigInt(shift);
  } else {
    const divisor = 10n ** BigInt(-shift);
    value = (parts.digits * 2n + divisor) / (divisor * 2n);
  }
  if (value > MAX_MICRO) return { ok: false, problem: 'out_of_range' };
  return { ok: true, value: parts.negative ? -value : value };
}

/** Prints the exact decimal with no trailing zeros: 450_000n is "0.45". */
export function formatMicro(value: bigint): string {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const fraction = (magnitude % MICRO).toString().padStart(6, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${magnitude / MICRO}${fraction === '' ? '' : `.${fraction}`}`;
}

export const add = <T extends AnyMicro>(a: T, b: T): T => ((a as bigint) + (b as bigint)) as T;
export const subtract = <T extends AnyMicro>(a: T, b: T): T => ((a as bigint) - (b as bigint)) as T;
export const negate = <T extends AnyMicro>(a: T): T => -(a as bigint) as T;
/** The price of the complementary outcome of a binary market: 1 - p. */
export const complement = (price: MicroPrice): MicroPrice => microPrice(MICRO - price);

/**
 * The value of shares at a price, in micro-USDC: price x shares, rounded to a micro-unit in the direction given.
 * What a buyer pays is rounded up and what a seller gets down, against the trader.
 */
export function notional(price: MicroPrice, shares: MicroShares, rounding: 'up' | 'down'): MicroUsdc {
  const product = price * shares;
  return microUsdc(rounding === 'up' ? (product + MICRO - 1n) / MICRO : product / MICRO);
}

/** USDC a share, rounded half up to a micro-USDC; null for no shares. */
export function averagePrice(value: MicroUsdc, quantity: MicroShares): MicroPrice | null {
  return quantity === 0n ? null : microPrice((2n * MICRO * value + quantity) / (2n * quantity));
}
