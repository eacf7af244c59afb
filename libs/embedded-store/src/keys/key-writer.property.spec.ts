import { Code, MinKey } from 'bson';
import fc from 'fast-check';
import { anyNumber, anyValue, ASCENDING, decimal, double, int, long, raw } from '../../test/bson-samples';
import { compareByModel } from '../../test/order-model';
import { compareValues } from '../documents/compare-values';
import { BsonType } from '../documents/bson-type';
import { RawValue, UNDEFINED_VALUE } from '../documents/raw-value';
import { encodeValue, KeyWriter } from './key-writer';

const sign = (number: number): number => Math.sign(number);

describe('keys of values', () => {
  it('order every type as MongoDB does', () => {
    const keys = ASCENDING.map((value) => encodeValue(raw(value)));
    for (let position = 1; position < keys.length; position += 1) {
      expect([position, sign(keys[position - 1]!.compare(keys[position]!))]).toEqual([position, -1]);
      expect([position, sign(compareValues(raw(ASCENDING[position - 1]), raw(ASCENDING[position])))]).toEqual([
        position,
        -1,
      ]);
    }
  });

  it('are the same for equal numbers of all types', () => {
    const same = [int(5), double(5), long(5), decimal('5'), decimal('5.0'), decimal('0.5E1')].map((value) =>
      encodeValue(raw(value)).toString('hex'),
    );
    expect(new Set(same).size).toBe(1);
    expect(encodeValue(raw(double(-0)))).toEqual(encodeValue(raw(int(0))));
  });

  it('keep the order of any two values, ascending and descending', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const order = compareByModel(a, b);
        expect(sign(compareValues(raw(a), raw(b)))).toBe(order);
        expect(sign(encodeValue(raw(a)).compare(encodeValue(raw(b))))).toBe(order);
        expect(sign(encodeValue(raw(a), true).compare(encodeValue(raw(b), true)))).toBe(order === 0 ? 0 : -order);
      }),
      { numRuns: 3000 },
    );
  });

  it('keep the order of numbers of all kinds by their exact value', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 2, maxLength: 8 }), (numbers) => {
        const keys = numbers.map((value) => encodeValue(raw(value)));
        const pairs = numbers.flatMap((_, x) => numbers.slice(x + 1).map((_other, y) => [x, x + 1 + y] as const));
        const expected = pairs.map(([x, y]) => compareByModel(numbers[x], numbers[y]));
        expect(pairs.map(([x, y]) => sign(keys[x]!.compare(keys[y]!)))).toEqual(expected);
        expect(pairs.map(([x, y]) => sign(compareValues(raw(numbers[x]), raw(numbers[y]))))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('lie between those of MinKey and null for an empty array in an index', () => {
    const key = encodeValue(UNDEFINED_VALUE);
    expect(key.compare(encodeValue(raw(new MinKey())))).toBe(1);
    expect(key.compare(encodeValue(raw(null)))).toBe(-1);
  });

  it('are none of code with a scope and of pointers, whose order they would not keep', () => {
    const pointer = new RawValue(
      BsonType.dbPointer,
      Buffer.concat([Buffer.from([2, 0, 0, 0, 0x61, 0]), Buffer.alloc(12)]),
      0,
      18,
    );
    for (const value of [raw(new Code('f()', { x: 1 })), raw([new Code('f()', {})]), pointer])
      expect(() => encodeValue(value)).toThrow('the embedded store does not support the order of');
  });

  it('keep the order part by part in compound keys', () => {
    const parts = fc.tuple(anyValue, anyValue, anyValue);
    const directions = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
    // Often equal first parts, so that the later ones decide.
    const pairs = fc.tuple(parts, parts, fc.nat(2)).map(([a, b, same]) => [a, [...a.slice(0, same), ...b.slice(same)]]);
    fc.assert(
      fc.property(pairs, directions, ([a, b], descending) => {
        const key = (values: readonly unknown[]): Buffer => {
          const writer = new KeyWriter();
          values.forEach((value, position) => writer.part(raw(value), descending[position]!));
          return writer.take();
        };
        const byPart = a!.map(
          (value, position) => compareByModel(value, b![position]) * (descending[position] ? -1 : 1),
        );
        expect(sign(key(a!).compare(key(b!)))).toBe((byPart.find((order) => order !== 0) ?? 0) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('are no beginning of the key of another value', () => {
    fc.assert(
      fc.property(anyValue, anyValue, fc.boolean(), (a, b, descending) => {
        const [left, right] = [encodeValue(raw(a), descending), encodeValue(raw(b), descending)];
        if (!left.equals(right)) expect(right.subarray(0, left.length)).not.toEqual(left);
      }),
      { numRuns: 2000 },
    );
  });

  it('divide a compound index at exclusive and inclusive bounds', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, fc.boolean(), fc.boolean(), (bound, first, second, down, down2) => {
        const key = new KeyWriter().part(raw(first), down).part(raw(second), down2).take();
        const at = encodeValue(raw(bound), down);
        const behind = Buffer.concat([at, Buffer.from([0xff])]);
        const order = compareByModel(first, bound) * (down ? -1 : 1);
        expect(key.compare(at) >= 0).toBe(order >= 0);
        expect(key.compare(behind) >= 0).toBe(order > 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('are never the beginning of another key followed by FF', () => {
    fc.assert(
      fc.property(anyValue, anyValue, fc.boolean(), (a, b, descending) => {
        const bound = Buffer.concat([encodeValue(raw(a), descending), Buffer.from([0xff])]);
        const compound = Buffer.concat([encodeValue(raw(a), descending), encodeValue(raw(b), !descending)]);
        expect(compound.compare(bound)).toBe(-1);
      }),
    );
  });
});
