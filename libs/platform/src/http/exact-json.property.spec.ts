import { UnroundedNumber } from '@app/contracts';
import { formatMicro, parseMicro } from '@app/domain';
import fc from 'fast-check';
import { withExactNumbers } from './exact-json';

const read = (text: string): unknown => withExactNumbers(text, JSON.parse(text));

/** The decimal a field would see of a number. */
const textOf = (number: unknown): string => (number instanceof UnroundedNumber ? number.text : String(number));

describe('numbers of a JSON body', () => {
  it('leaves a document of numbers that were printed by a program as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never changes the decimal that was written', () => {
    const digits = (max: number): fc.Arbitrary<string> =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max }).map((list) => list.join(''));
    const literal = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits(25).map((whole) => whole.replace(/^0+(?=\d)/, '')),
        fc.option(digits(25), { nil: '' }),
        fc.constantFrom('', 'e3', 'E-4', 'e+10', 'e-20'),
      )
      .map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${exponent}`);
    fc.assert(
      fc.property(literal, (written) => {
        const seen = textOf((read(`[${written}]`) as unknown[])[0]);
        expect(parseMicro(seen)).toEqual(parseMicro(written));
      }),
      { numRuns: 2_000 },
    );
  });

  it('carries every amount of money as a number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999n }), (micro) => {
        expect(parseMicro(textOf(read(formatMicro(micro))))).toEqual({ ok: true, value: micro });
      }),
    );
  });
});
