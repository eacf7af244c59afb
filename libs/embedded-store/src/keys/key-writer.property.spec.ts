import fc from 'fast-check';
import { anyValue, ASCENDING, decimal, double, int, long, raw } from '../../test/bson-samples';
import { compareValues } from '../documents/compare-values';
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
        const order = sign(compareValues(raw(a), raw(b)));
        expect(sign(encodeValue(raw(a)).compare(encodeValue(raw(b))))).toBe(order);
        expect(sign(encodeValue(raw(a), true).compare(encodeValue(raw(b), true)))).toBe(order === 0 ? 0 : -order);
      }),
      { numRuns: 3000 },
    );
  });

  it('keep the order part by part in compound keys', () => {
    const parts = fc.tuple(anyValue, anyValue);
    const directions = fc.tuple(fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(parts, parts, directions, (a, b, descending) => {
        const key = (values: readonly unknown[]): Buffer => {
          const writer = new KeyWriter();
          values.forEach((value, position) => writer.part(raw(value), descending[position]!));
          return writer.take();
        };
        const byPart = a.map(
          (value, position) => sign(compareValues(raw(value), raw(b[position]))) * (descending[position] ? -1 : 1),
        );
        expect(sign(key(a).compare(key(b)))).toBe((byPart.find((order) => order !== 0) ?? 0) + 0);
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

  it('refuse decimals outside the range of doubles instead of misplacing them', () => {
    expect(() => encodeValue(raw(decimal('1E+400')))).toThrow(/Decimal128/);
    expect(() => encodeValue(raw(decimal('1E-400')))).toThrow(/Decimal128/);
  });
});
