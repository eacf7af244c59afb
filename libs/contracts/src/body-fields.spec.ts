import { MAX_WIRE_MICRO } from '@app/domain';
import fc from 'fast-check';
import { z } from 'zod';
import { decimalBodyField, timeBodyField, wholeNumberBodyField, wordsBodyField } from './body-fields';
import { UnroundedNumber } from './json-number';

const meta = { description: 'x' };

function read<T>(schema: z.ZodType<T>, value: unknown): T | string {
  const parsed = z.strictObject({ field: schema }).safeParse(value === undefined ? {} : { field: value });
  return parsed.success ? parsed.data.field : (parsed.error.issues[0]?.message ?? 'no message');
}

describe('an exact decimal of a body', () => {
  const amount = decimalBodyField({ min: 1n, max: MAX_WIRE_MICRO }, meta);
  const right = 'must be a number from 0.000001 to 999999999.999999 with at most 6 decimals';

  it.each([
    [0.1, 100_000n],
    ['0.1', 100_000n],
    [0.000001, 1n],
    [1e-6, 1n],
    ['1e-6', 1n],
    [12.5, 12_500_000n],
    ['12.50000000000000', 12_500_000n],
    [999999999.999999, MAX_WIRE_MICRO],
    [new UnroundedNumber(`1.${'0'.repeat(100)}`), 1_000_000n],
  ])('from %j is %j', (given, expected) => {
    expect(read(amount, given)).toBe(expected);
  });

  it.each([
    [undefined, 'is missing'],
    [null, right],
    [true, right],
    [{}, right],
    [[1], right],
    [0.1234567, `${right}; got 0.1234567`],
    ['0.1234567', `${right}; got "0.1234567"`],
    [0.30000000000000004, `${right}; got 0.30000000000000004`],
    [1e-7, `${right}; got 1e-7`],
    [1e9, `${right}; got 1000000000`],
    [1e300, `${right}; got 1e+300`],
    [0, `${right}; got 0`],
    [-0, `${right}; got -0`],
    ['-0', `${right}; got "-0"`],
    ['-0.0', `${right}; got "-0.0"`],
    [-1, `${right}; got -1`],
    [NaN, right],
    [Infinity, right],
    ['NaN', `${right}; got "NaN"`],
    ['Infinity', `${right}; got "Infinity"`],
    ['', `${right}; got ""`],
    [' 1', `${right}; got " 1"`],
    ['1,5', `${right}; got "1,5"`],
    ['0x10', `${right}; got "0x10"`],
    ['1_000', `${right}; got "1_000"`],
    ['١', `${right}; got "١"`],
    [new UnroundedNumber('1e400'), `${right}; got "1e400"`],
    [new UnroundedNumber('0.30000000000000001'), `${right}; got "0.30000000000000001"`],
    [new UnroundedNumber('9'.repeat(10_000)), `${right}; got "${'9'.repeat(40)}…"`],
    ['9'.repeat(10_000), `${right}; got "${'9'.repeat(40)}…"`],
  ])('refuses %j', (given, expected) => {
    expect(read(amount, given)).toBe(expected);
  });

  it('reads every amount back from its number and its text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAX_WIRE_MICRO }), (micro) => {
        const text = `${micro / 1_000_000n}.${(micro % 1_000_000n).toString().padStart(6, '0')}`;
        expect(read(amount, text)).toBe(micro);
        expect(read(amount, Number(text))).toBe(micro);
      }),
    );
  });
});

describe('a whole number of a body', () => {
  const index = wholeNumberBodyField({ min: 0, max: 255 }, meta);
  const right = 'must be a whole number from 0 to 255';

  it.each([0, 1, 255])('may be %j', (given) => {
    expect(Object.is(read(index, given), given)).toBe(true);
  });

  it.each([
    [undefined, 'is missing'],
    [-0, `${right}; got -0`],
    [-1, `${right}; got -1`],
    [256, `${right}; got 256`],
    [0.5, `${right}; got 0.5`],
    ['0', right],
    [new UnroundedNumber('1e400'), right],
  ])('refuses %p', (given, expected) => {
    expect(read(index, given)).toBe(expected);
  });
});

describe('a time of a body', () => {
  it.each([
    ['2026-07-01T12:00:00Z', '2026-07-01T12:00:00.000Z'],
    ['2026-07-01T12:00:00.5+02:00', '2026-07-01T10:00:00.500Z'],
    ['2026-07-01', '2026-07-01T00:00:00.000Z'],
  ])('from %j is %j', (given, expected) => {
    expect(read(timeBodyField(meta), given)).toEqual(new Date(expected));
  });

  it.each([
    [undefined, 'is missing'],
    [1782907200, 'must be a time with zone, such as "2026-07-01T12:00:00Z"'],
    ['2026-07-01T12:00:00', expect.stringMatching(/^must be a date .*; got "2026-07-01T12:00:00"$/)],
    ['tomorrow', expect.stringMatching(/; got "tomorrow"$/)],
  ])('refuses %j', (given, expected) => {
    expect(read(timeBodyField(meta), given)).toEqual(expected);
  });
});

describe('words of a body', () => {
  const words = wordsBodyField(5, meta);

  it.each([['a'], ['12345'], [' a '], ['🎲🎲🎲🎲🎲']])('may be %j', (given) => {
    expect(read(words, given)).toBe(given);
  });

  it.each([
    [undefined, 'is missing'],
    ['', 'must have 1 to 5 characters, not only spaces'],
    ['   ', 'must have 1 to 5 characters, not only spaces'],
    ['123456', 'must have at most 5 characters; got 6'],
    ['a\ud800', 'must not have halves of surrogate pairs, which are no characters'],
    ['\udfb2🎲', 'must not have halves of surrogate pairs, which are no characters'],
    [12, 'must be text'],
    [new UnroundedNumber('1e400'), 'must be text'],
  ])('refuse %j', (given, expected) => {
    expect(read(words, given)).toBe(expected);
  });
});
