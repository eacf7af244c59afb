import { MAX_MICRO, type MicroPrice, microPrice, type MicroShares, microShares } from '@app/domain';
import type { BookLevel, BookSide } from '@app/exchange';

/**
 * Reading of JSON that another process wrote. Amounts are whole micro-units as text, so that no number of JSON rounds them; lists of levels are flat, price and size by
 * turns, because they are read and written with every change of a book.
 */
class UnreadableText extends Error {}

/** Returns what `read` makes of a JSON text, or null when it is not JSON or not what `read` expects. */
export function decodeText<Value>(text: string, read: (fields: Fields) => Value): Value | null {
  try {
    return read(fieldsOf(JSON.parse(text)));
  } catch (error) {
    if (error instanceof UnreadableText || error instanceof SyntaxError) return null;
    throw error;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableText();
  return value as Fields;
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new UnreadableText();
  return value;
}

export function nameOf(value: unknown): string {
  const text = textOf(value);
  if (text === '') throw new UnreadableText();
  return text;
}

/** A whole number from 0 that a double holds: a count, or Unix milliseconds. */
export function countOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UnreadableText();
  return value as number;
}

export function flagOf(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new UnreadableText();
  return value;
}

export function orNull<Value>(value: unknown, read: (value: unknown) => Value): Value | null {
  return value === null ? null : read(value);
}

export function oneOf<Value extends string>(values: readonly Value[], value: unknown): Value {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new UnreadableText();
  return found;
}

export function listOf<Value>(value: unknown, read: (value: unknown) => Value): Value[] {
  if (!Array.isArray(value)) throw new UnreadableText();
  return value.map(read);
}

export function pairOf(value: unknown): [string, string] {
  const [first, second, ...rest] = listOf(value, nameOf);
  if (first === undefined || second === undefined || rest.length > 0) throw new UnreadableText();
  return [first, second];
}

const WHOLE = /^(?:0|[1-9]\d{0,18})$/;

/** Micro-units from 0 to what 64 bits hold. */
function microOf(value: unknown): bigint {
  if (typeof value !== 'string' || !WHOLE.test(value)) throw new UnreadableText();
  const micro = BigInt(value);
  if (micro > MAX_MICRO) throw new UnreadableText();
  return micro;
}

const HIGHEST_PRICE = 1_000_000n;

/** A price from 0 to 1, both included. */
export function priceOf(value: unknown): MicroPrice {
  const price = microOf(value);
  if (price > HIGHEST_PRICE) throw new UnreadableText();
  return microPrice(price);
}

/** A price between 0 and 1. */
export function levelPriceOf(value: unknown): MicroPrice {
  const price = microOf(value);
  if (price <= 0n || price >= HIGHEST_PRICE) throw new UnreadableText();
  return microPrice(price);
}

export const sharesOf = (value: unknown): MicroShares => microShares(microOf(value));

/** More than no shares. */
export function sizeOf(value: unknown): MicroShares {
  const size = microOf(value);
  if (size === 0n) throw new UnreadableText();
  return microShares(size);
}

export function microText(value: bigint | null): string | null {
  return value === null ? null : value.toString();
}

/** The levels of one side, best first, as a flat list. */
export function levelTexts(levels: readonly BookLevel[]): string[] {
  const texts: string[] = [];
  for (const { price, size } of levels) texts.push(price.toString(), size.toString());
  return texts;
}

export function levelsOf(value: unknown, side: BookSide): BookLevel[] {
  if (!Array.isArray(value) || value.length % 2 !== 0) throw new UnreadableText();
  const levels: BookLevel[] = [];
  let before: MicroPrice | null = null;
  for (let at = 0; at < value.length; at += 2) {
    const price = levelPriceOf(value[at]);
    const isInOrder: boolean = before === null || (side === 'bid' ? price < before : price > before);
    if (!isInOrder) throw new UnreadableText();
    before = price;
    levels.push({ price, size: sizeOf(value[at + 1]) });
  }
  return levels;
}

/** Reads a flat list of which every three make one. */
export function triplesOf<Value>(
  value: unknown,
  read: (first: unknown, second: unknown, third: unknown) => Value,
): Value[] {
  if (!Array.isArray(value) || value.length % 3 !== 0) throw new UnreadableText();
  const values: Value[] = [];
  for (let at = 0; at < value.length; at += 3) values.push(read(value[at], value[at + 1], value[at + 2]));
  return values;
}
