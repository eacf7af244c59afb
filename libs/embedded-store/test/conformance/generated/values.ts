import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import type { Choices } from './choices';

const int = (value: number): Int32 => new Int32(value);
const double = (value: number): Double => new Double(value);
const long = (value: bigint): Long => Long.fromBigInt(value);
const decimal = (text: string): Decimal128 => Decimal128.fromString(text);

const TWO_53 = 2n ** 53n;

/** Numbers of every kind that lie near each other or at the ends of their types. */
export const NUMBERS: readonly unknown[] = [
  ...[0, 1, -1, 2, 5, 7, 100, 2 ** 31 - 1, -(2 ** 31)].map(int),
  ...[0, -0, 0.5, 1, 1.5, -1.5, 2, 5, 0.1, 1e15, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 63].map(double),
  ...[NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308].map(double),
  ...[0n, 1n, 5n, -1n, TWO_53 - 1n, TWO_53, TWO_53 + 1n, -TWO_53 - 1n, 2n ** 63n - 1n, -(2n ** 63n)].map(long),
  ...['0', '-0', '1', '1.0', '1.5', '0.5', '5', '0.1', '-1.50', '1E+3', '9007199254740993'].map(decimal),
  ...['9007199254740992.5', 'NaN', 'Infinity', '-Infinity', '1E-10', '1E+400', '-1E+6000', '1E-400'].map(decimal),
];

/** Numbers whose sums are exact in any order. */
export const SUMMABLE: readonly unknown[] = [
  ...[0, 1, -1, 3, 1000, 2 ** 31 - 1].map(int),
  ...[0.5, -2.25, 4, 1024].map(double),
  ...[1n, -7n, 10n ** 12n, 2n ** 40n].map(long),
];

const TEXTS: readonly string[] = [
  '',
  'a',
  'A',
  'aa',
  'ab',
  'b',
  'a\u0000',
  'a\u0000b',
  '\u0000',
  'é',
  'z',
  '\uffff',
  '😀',
  '😀a',
  '1',
  'x.y',
];

const OTHERS: readonly (() => unknown)[] = [
  () => new MinKey(),
  () => new MaxKey(),
  () => new BSONRegExp('a', ''),
  () => new BSONRegExp('a', 'i'),
  () => new BSONSymbol('a'),
  () => new Code('f()'),
];

const DATES: readonly number[] = [-62_135_596_800_000, -1, 0, 1, 951_782_400_000, 1_700_000_000_000, 4e12];

export const number = (choices: Choices): unknown => choices.pick(NUMBERS);
export const text = (choices: Choices): string => choices.pick(TEXTS);
export const date = (choices: Choices): Date => new Date(choices.pick(DATES));
export const timestamp = (choices: Choices): Timestamp =>
  new Timestamp({ t: choices.below(3), i: 1 + choices.below(3) });

function binary(choices: Choices): Binary {
  return new Binary(Buffer.from(choices.pick(['', 'a', 'b', 'aa', 'ab'])), choices.pick([0, 0, 5, 128]));
}

const objectId = (choices: Choices): ObjectId =>
  new ObjectId(`0190b3c48d7a7c3e9f0001${(16 + choices.below(8)).toString(16)}`);

/** A value without parts. */
export function scalar(choices: Choices): unknown {
  return choices.weighted<unknown>([
    [8, () => number(choices)],
    [5, () => text(choices)],
    [3, () => null],
    [2, () => choices.chance(0.5)],
    [2, () => date(choices)],
    [1, () => timestamp(choices)],
    [1, () => binary(choices)],
    [1, () => objectId(choices)],
    [1, () => choices.pick(OTHERS)()],
  ]);
}

/** Any value, nested ones included. */
export function anything(choices: Choices, depth = 2): unknown {
  if (depth === 0 || choices.chance(0.55)) return scalar(choices);
  return choices.chance(0.5)
    ? choices.times(choices.below(4), () => anything(choices, depth - 1))
    : Object.fromEntries(
        choices.some(['x', 'y', 'z'], choices.below(3)).map((name) => [name, anything(choices, depth - 1)]),
      );
}

export const smallInt = (choices: Choices, limit: number): Int32 => int(choices.below(limit));
