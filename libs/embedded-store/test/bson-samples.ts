import {
  Binary,
  BSON,
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
import fc from 'fast-check';
import { findField } from '../src/documents/raw-document';
import { documentValue, type RawValue } from '../src/documents/raw-value';

/** A JavaScript or BSON value as it lies in a document. */
export function raw(value: unknown): RawValue {
  const bytes = rawDocument({ v: value });
  const found = findField(bytes, 0, Buffer.from('v'));
  if (found === null) throw new Error('the field was just written');
  return found;
}

export function rawDocument(fields: Record<string, unknown>): Buffer {
  return Buffer.from(BSON.serialize(fields, { ignoreUndefined: false }));
}

export const rawObject = (fields: Record<string, unknown>): RawValue => documentValue(rawDocument(fields));

export function decode(bytes: Buffer): Record<string, unknown> {
  return BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
}

export const int = (value: number): Int32 => new Int32(value);
export const double = (value: number): Double => new Double(value);
export const long = (value: bigint | number): Long => Long.fromBigInt(BigInt(value));
export const decimal = (text: string): Decimal128 => Decimal128.fromString(text);

/** Values of every type the store orders, each greater than the one before, in the order of MongoDB's manual. */
export const ASCENDING: readonly unknown[] = [
  new MinKey(),
  null,
  double(NaN),
  double(-Infinity),
  decimal('-9.999999999999999999999999999999999E+6144'),
  decimal('-1E+6000'),
  decimal('-1.8E+308'),
  double(-1.7976931348623157e308),
  long(-(2n ** 63n)),
  double(-1e15),
  decimal('-1.5'),
  int(-1),
  decimal('-2E-201'),
  double(-5e-324),
  decimal('-4.9E-324'),
  decimal('-1E-400'),
  decimal('-1E-6176'),
  double(0),
  decimal('1E-6176'),
  decimal('2E-6176'),
  decimal('1E-400'),
  decimal('2E-324'),
  decimal('4.940656458412465441765687928682213E-324'),
  double(5e-324),
  decimal('4.940656458412465441765687928682214E-324'),
  decimal('1E-300'),
  decimal('1.000000000000000000000000000000001E-300'),
  decimal('0.1'),
  double(0.1),
  double(0.5),
  int(1),
  decimal('1.000000000000000000000000000000001'),
  double(1.5),
  long(9007199254740992n),
  long(9007199254740993n),
  double(9007199254740994),
  long(2n ** 63n - 1n),
  double(2 ** 63),
  decimal('1.797693134862315E+308'),
  double(1.7976931348623157e308),
  decimal('1.7976931348623158E+308'),
  decimal('1.8E+308'),
  decimal('1E+400'),
  decimal('1.000000000000000000000000000000001E+6144'),
  decimal('9.999999999999999999999999999999999E+6144'),
  double(Infinity),
  '',
  '\u0000',
  '\u0000a',
  'A',
  'a',
  'a\u0000',
  'aa',
  new BSONSymbol('aaa'),
  'b',
  'é',
  '\uffff',
  '😀',
  {},
  { a: null },
  { a: int(1) },
  { a: int(1), b: int(1) },
  { a: int(2) },
  { b: int(1) },
  { a: 'x' },
  [],
  [int(1)],
  [int(1), int(2)],
  [int(2)],
  ['a'],
  new Binary(Buffer.from('b'), 0),
  new Binary(Buffer.from('b'), 128),
  new Binary(Buffer.from('aa'), 0),
  new ObjectId('000000000000000000000001'),
  new ObjectId('0190b3c48d7a7c3e9f000123'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(1_700_000_000_000),
  new Timestamp({ t: 1, i: 5 }),
  new Timestamp({ t: 5, i: 1 }),
  new BSONRegExp('a', ''),
  new BSONRegExp('a', 'i'),
  new Code('f()'),
  new Code('f()\u0000'),
  new Code('g'),
  new MaxKey(),
];

/** A number of any kind, many of them near each other or at the ends of their types. */
export const anyNumber: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map(int),
  fc.integer().map(int),
  fc.double().map(double),
  fc.integer({ min: -10, max: 10 }).map((n) => double(n / 2)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(long),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(long),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -40, max: 20 }))
    .map(([digits, exponent]) => decimal(`${digits}E${exponent}`)),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }),
      fc.oneof(
        fc.integer({ min: -6176, max: 6111 }),
        fc.integer({ min: -360, max: -195 }),
        fc.integer({ min: 270, max: 310 }),
      ),
    )
    .map(([digits, exponent]) => decimal(`${digits}E${exponent}`)),
  fc
    .constantFrom(5e-324, -5e-324, 1e-323, 2.2250738585072014e-308, 1e-201, 1.7976931348623157e308, -0, NaN)
    .map(double),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '0E+6000', '5E-324', '1E-201', '1E-200').map(decimal),
);

const scalars = fc.oneof(
  anyNumber,
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('', '\u0000', 'a\u0000', 'a\u0000b'),
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.integer({ min: -8e12, max: 8e12 }).map((ms) => new Date(ms)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(0, 4, 128)).map(([bytes, type]) => new Binary(bytes, type)),
  fc.tuple(fc.constantFrom('', 'a', 'ab', 'b'), fc.constantFrom('', 'i', 'im')).map(([a, b]) => new BSONRegExp(a, b)),
  fc.tuple(fc.nat(9), fc.nat(9)).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom('', 'a', 'a\u0000', 'ab').map((text) => new BSONSymbol(text)),
  fc.constantFrom('', 'a', 'a\u0000', 'ab').map((text) => new Code(text)),
);

/** Any value the store keeps, nested ones included. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab'), tie('value'), { maxKeys: 2 }),
  ),
})).value;
