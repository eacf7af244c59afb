import { formatMicro, MICRO } from './money';

/**
 * Micro-units as JSON numbers that show the exact decimal.
 *
 * Invariant: what {@link toExactJson} writes of a wire number is the decimal itself, to the last digit, however large.
 */

/** Up to here, 2^33 units, doubles lie closer together than millionths: each has one of its own, whose shortest text is the decimal. */
const MAX_DOUBLE_MICRO = 2n ** 33n * MICRO;

/** Whether JSON was written of a wide number since this was last false; writing JSON is never interrupted. */
let isWideWritten = false;

/** A decimal of more digits than a double shows: the nearest double to whoever calculates with it, the decimal itself in text. */
class WideNumber extends Number {
  constructor(readonly decimal: string) {
    super(decimal);
  }

  override toString(): string {
    return this.decimal;
  }

  toJSON(): number {
    isWideWritten = true;
    return Number(this.decimal);
  }
}

/**
 * The JSON number that shows exactly this decimal. Beyond 2^33 units it is one for {@link toExactJson} to write and for text: as a number, and written by
 * others, it is the nearest double.
 */
export function toWireNumber(value: bigint): number {
  if (value <= MAX_DOUBLE_MICRO && value >= -MAX_DOUBLE_MICRO) return Number(value) / 1e6;
  return new WideNumber(formatMicro(value)) as unknown as number;
}

/** The JSON number nearest to a venue statistic (volume, liquidity, open interest). Never for balances. */
export function toWireStatistic(value: bigint): number {
  return Number(formatMicro(value));
}

/** Writes a value as `JSON.stringify` does, and wire numbers to the last digit. */
export function toExactJson(value: unknown): string {
  isWideWritten = false;
  const text = JSON.stringify(value);
  return isWideWritten ? write(value, '') : text;
}

/** Kinds of values that JSON leaves out of objects. */
const LEFT_OUT: ReadonlySet<string> = new Set(['undefined', 'function', 'symbol']);

function write(value: unknown, key: string): string {
  if (value instanceof WideNumber) return value.decimal;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (writesItself(value)) return write(value.toJSON(key), key);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, String(index))).join(',')}]`;
  const fields = Object.entries(value).filter(([, field]) => !LEFT_OUT.has(typeof field));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${write(field, name)}`).join(',')}}`;
}

function writesItself(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
