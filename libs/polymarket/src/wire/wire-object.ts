import {
  MICRO,
  MicroPrice,
  microPrice,
  MicroShares,
  microShares,
  MicroUsdc,
  microUsdc,
  PartsPerMillion,
  partsPerMillion,
  roundToMicro,
} from '@app/domain';
import { isZeroTime, parseVenueDate } from './dates';
import { describeFound, Parsed, WireProblem } from './refusal';

/** Longest text taken from the venue, in UTF-16 units; its longest descriptions are a few thousand. */
export const MAX_TEXT_LENGTH = 65_536;
/** Longest list inside one row; the venue's widest events have 256 outcomes, its books some hundreds of levels. */
const MAX_LIST_LENGTH = 100_000;

/** The last moment a `Date` can hold, Unix ms. */
const LAST_MOMENT = 8.64e15;
/** A Unix time below this is in seconds (until the year 5138), above it in milliseconds (since 1973). */
const SECONDS_LIMIT = 1e11;

const HEX_32_BYTES = /^0x[0-9a-fA-F]{64}$/;
const HEX = /^0x[0-9a-fA-F]*$/;
const DIGITS = /^\d{1,18}$/;
/** A uint256 has at most 78 decimal digits. */
const TOKEN_ID = /^\d{1,78}$/;
const SURROGATE = /[\ud800-\udfff]/;
/** Below this magnitude a double times a million is within 0.002 of the exact product, so rounding it cannot go wrong by a unit. */
const EXACT_PRODUCT_LIMIT = 2 ** 43;

/**
 * One JSON object of the venue, read field by field.
 *
 * Every reader answers the typed value or throws a {@link WireProblem} that names the field, what was found and what would be right.
 * `optional*` readers and those documented as answering null take absent, null and "" alike as "none". Fields nobody asks for are ignored.
 */
export class WireObject {
  private constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    readonly path: string,
  ) {}

  static from(value: unknown, path: string): WireObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new WireProblem(path, `found ${describeFound(value)}, expected an object`);
    }
    return new WireObject(value as Record<string, unknown>, path);
  }

  /** The value as sent. */
  raw(key: string): unknown {
    return this.fields[key];
  }

  has(key: string): boolean {
    return Object.hasOwn(this.fields, key);
  }

  keys(): string[] {
    return Object.keys(this.fields);
  }

  refuse(key: string, expected: string): never {
    throw new WireProblem(this.pathOf(key), `found ${describeFound(this.raw(key))}, expected ${expected}`);
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** Text with something in it. */
  text(key: string, maxLength = MAX_TEXT_LENGTH): string {
    return this.optionalText(key, maxLength) ?? this.refuse(key, 'text');
  }

  optionalText(key: string, maxLength = MAX_TEXT_LENGTH): string | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string') return this.refuse(key, 'text');
    if (value.length > maxLength) return this.refuse(key, `text of at most ${maxLength} characters`);
    return wellFormed(value);
  }

  /** A text, or a number shown as one: some ids come in either form. */
  optionalLabel(key: string): string | null {
    const value = this.raw(key);
    return typeof value === 'number' && Number.isFinite(value) ? String(value) : this.optionalText(key);
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.raw(key);
    return allowed.find((candidate) => candidate === value) ?? this.refuse(key, `one of ${allowed.join(', ')}`);
  }

  optionalOneOf<const T extends string>(key: string, allowed: readonly T[]): T | null {
    return this.optionalText(key) === null ? null : this.oneOf(key, allowed);
  }

  flag(key: string): boolean {
    return this.optionalFlag(key) ?? this.refuse(key, 'true or false');
  }

  optionalFlag(key: string): boolean | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  /** A signed decimal in micro-units, from a JSON number or numeric text; float dust is rounded away. Null when none. */
  micro(key: string): bigint | null {
    const value = this.raw(key);
    if (typeof value === 'number')
      return numberToMicro(value) ?? this.refuse(key, 'a decimal within int64 micro-units');
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string') return this.refuse(key, 'a number or numeric text');
    const parsed = roundToMicro(value);
    return parsed.ok ? parsed.value : this.refuse(key, 'a number or numeric text within int64 micro-units');
  }

  /** USDC, not negative. */
  amount(key: string): MicroUsdc | null {
    const value = this.micro(key);
    if (value === null) return null;
    return value >= 0n ? microUsdc(value) : this.refuse(key, 'an amount of 0 or more');
  }

  /** Shares, not negative. */
  shares(key: string): MicroShares | null {
    const value = this.micro(key);
    if (value === null) return null;
    return value >= 0n ? microShares(value) : this.refuse(key, 'a quantity of 0 or more');
  }

  /** A price from 0 to 1. */
  price(key: string): MicroPrice | null {
    const value = this.micro(key);
    if (value === null) return null;
    return value >= 0n && value <= MICRO ? microPrice(value) : this.refuse(key, 'a price from 0 to 1');
  }

  /** A difference of prices, from -1 to 1. */
  priceChange(key: string): MicroPrice | null {
    const value = this.micro(key);
    if (value === null) return null;
    return value >= -MICRO && value <= MICRO ? microPrice(value) : this.refuse(key, 'a price change from -1 to 1');
  }

  /** A rate from 0 to 1, in parts per million. */
  rate(key: string): PartsPerMillion | null {
    const value = this.micro(key);
    if (value === null) return null;
    return value >= 0n && value <= MICRO ? partsPerMillion(value) : this.refuse(key, 'a rate from 0 to 1');
  }

  /** A tick size above 0 and below 1; the venue's 0 means "none stated". */
  tickSize(key: string): MicroPrice | null {
    const value = this.price(key);
    if (value === MICRO) return this.refuse(key, 'a tick size below 1');
    return value === 0n ? null : value;
  }

  /** A whole number of 0 or more, from a JSON number or digits. */
  integer(key: string): number | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
      ? number
      : this.refuse(key, 'a whole number of 0 or more');
  }

  /** A finite number used for display or statistics only. */
  ratio(key: string): number | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    const number = typeof value === 'string' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.refuse(key, 'a finite number');
  }

  /** An id the venue writes as text of digits. */
  id(key: string): string {
    const value = this.raw(key);
    return typeof value === 'string' && DIGITS.test(value) ? value : this.refuse(key, 'text of 1 to 18 digits');
  }

  /** 0x and 64 hexadecimal digits, lower-cased. */
  hash(key: string): string {
    return this.optionalHash(key) ?? this.refuse(key, '0x and 64 hexadecimal digits');
  }

  optionalHash(key: string): string | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    return typeof value === 'string' && HEX_32_BYTES.test(value)
      ? value.toLowerCase()
      : this.refuse(key, '0x and 64 hexadecimal digits, or nothing');
  }

  /** 0x and hexadecimal digits of any length, lower-cased. */
  optionalHex(key: string): string | null {
    const value = this.optionalText(key, 512);
    if (value === null) return null;
    return HEX.test(value) ? value.toLowerCase() : this.refuse(key, '0x and hexadecimal digits, or nothing');
  }

  /** A token id: a uint256 in decimal digits, never a number. */
  tokenId(key: string): string {
    return this.optionalTokenId(key) ?? this.refuse(key, 'a token id: text of 1 to 78 digits');
  }

  optionalTokenId(key: string): string | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    return isTokenId(value) ? value : this.refuse(key, 'a token id: text of 1 to 78 digits');
  }

  /** A date in any of the venue's forms; null when there is none. */
  date(key: string): Date | null {
    const text = this.optionalText(key, 64);
    if (text === null || isZeroTime(text)) return null;
    return parseVenueDate(text) ?? this.refuse(key, 'a date such as 2026-07-24T00:00:16Z or 2026-07-24 00:00:16+00');
  }

  /** A Unix time in milliseconds, as text or number. */
  milliseconds(key: string): Date {
    const value = this.integer(key) ?? this.refuse(key, 'a Unix time in milliseconds');
    return value <= LAST_MOMENT ? new Date(value) : this.refuse(key, 'a Unix time in milliseconds');
  }

  /** A moment written as Unix seconds, Unix milliseconds or a date; null when none, or "0". */
  moment(key: string): Date | null {
    const value = this.raw(key);
    const isDigits = typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value));
    if (!isDigits) return this.date(key);
    const count = this.integer(key) ?? 0;
    if (count === 0) return null;
    const milliseconds = count < SECONDS_LIMIT ? count * 1_000 : count;
    return milliseconds <= LAST_MOMENT ? new Date(milliseconds) : this.refuse(key, 'a Unix time or a date');
  }

  /** A text that itself holds a JSON array of texts, as Gamma writes outcomes, prices and token ids; null when none. */
  encodedTexts(key: string): string[] | null {
    const value = this.raw(key);
    if (value === undefined || value === null || value === '') return null;
    const expected = 'text holding a JSON array of texts, such as ["Yes","No"]';
    if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH) return this.refuse(key, expected);
    let decoded: unknown;
    try {
      decoded = JSON.parse(value);
    } catch {
      return this.refuse(key, expected);
    }
    if (decoded === null) return null;
    return textsOf(decoded) ?? this.refuse(key, expected);
  }

  /** A JSON array of texts; null when none. */
  texts(key: string): string[] | null {
    const value = this.raw(key);
    if (value === undefined || value === null) return null;
    return textsOf(value) ?? this.refuse(key, 'an array of texts');
  }

  object(key: string): WireObject {
    return WireObject.from(this.raw(key), this.pathOf(key));
  }

  optionalObject(key: string): WireObject | null {
    const value = this.raw(key);
    return value === undefined || value === null ? null : WireObject.from(value, this.pathOf(key));
  }

  /** Every element of an array, as read by `read`; absent and null are an empty array. */
  list<T>(key: string, read: (element: WireObject) => T): T[] {
    const value = this.raw(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH) return this.refuse(key, 'an array of objects');
    const path = this.pathOf(key);
    return value.map((element: unknown, index) => read(WireObject.from(element, `${path}[${index}]`)));
  }

  /** Like {@link list}, but the array must be there. */
  requiredList<T>(key: string, read: (element: WireObject) => T): T[] {
    return Array.isArray(this.raw(key)) ? this.list(key, read) : this.refuse(key, 'an array of objects');
  }
}

/** Whether a value is a token id as the venue writes it: decimal digits in a text. */
export function isTokenId(value: unknown): value is string {
  return typeof value === 'string' && TOKEN_ID.test(value);
}

/** Reads one row; a problem inside refuses the row alone, with the path to the field. */
export function parseRow<T>(value: unknown, path: string, read: (row: WireObject) => T): Parsed<T> {
  try {
    return { ok: true, value: read(WireObject.from(value, path)) };
  } catch (error) {
    if (!(error instanceof WireProblem)) throw error;
    return { ok: false, refusal: { path: error.path, reason: error.reason, id: idOf(value) } };
  }
}

/** Reads the rows of an array one by one: `path[0]`, `path[1]`, ... */
export function parseRows<T>(values: readonly unknown[], path: string, read: (row: WireObject) => T): Parsed<T>[] {
  return values.map((value, index) => parseRow(value, `${path}[${index}]`, read));
}

/** Rounds a JSON number to the nearest micro-unit of its decimal text; null when it is not finite or beyond int64. */
export function numberToMicro(value: number): bigint | null {
  const product = value * 1e6;
  if (product < EXACT_PRODUCT_LIMIT && product > -EXACT_PRODUCT_LIMIT) {
    const rounded = Math.round(product);
    const distance = product - rounded;
    if (distance < 0.49 && distance > -0.49) return BigInt(rounded);
  }
  const parsed = roundToMicro(String(value));
  return parsed.ok ? parsed.value : null;
}

/** Replaces lone surrogates, which no store or socket can carry, by U+FFFD. */
function wellFormed(text: string): string {
  return SURROGATE.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
}

function textsOf(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH) return null;
  const texts: string[] = [];
  for (const element of value as unknown[]) {
    if (typeof element !== 'string' || element.length > MAX_TEXT_LENGTH) return null;
    texts.push(wellFormed(element));
  }
  return texts;
}

function idOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const key of ['id', 'condition_id', 'conditionId', 'asset_id', 'c']) {
    const id: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    if (typeof id === 'string' && id !== '') return id.slice(0, 80);
    if (typeof id === 'number') return String(id);
  }
  return null;
}
