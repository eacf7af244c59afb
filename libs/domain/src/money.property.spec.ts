import fc from 'fast-check';
import { formatMicro, MAX_WIRE_MICRO, parseMicro, roundToMicro } from './money';

const amounts = fc.bigInt({ min: -MAX_WIRE_MICRO, max: MAX_WIRE_MICRO });

describe('micro-units', () => {
  it('parse(format(x)) = x', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (value) => {
        expect(parseMicro(formatMicro(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('rounding never moves by more than half a micro-unit', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 999_999 }), (value, dust) => {
        const magnitude = value < 0n ? -value : value;
        const text = `${magnitude / 1_000_000n}.${String(magnitude % 1_000_000n).padStart(6, '0')}${String(dust).padStart(6, '0')}`;
        const expected = magnitude + (dust >= 500_000 ? 1n : 0n);
        expect(roundToMicro(text)).toEqual({ ok: true, value: expected });
      }),
    );
  });
});

describe('parseMicro', () => {
  it.each([
    ['0.57', 570_000n],
    ['.48', 480_000n],
    ['1e-6', 1n],
    ['5.', 5_000_000n],
    ['-12.5', -12_500_000n],
    ['0.4500000000', 450_000n],
    ['9223372036854.775807', 9_223_372_036_854_775_807n],
  ])('%s is %s', (text, value) => expect(parseMicro(text)).toEqual({ ok: true, value }));

  it.each([
    ['0.1234567', 'too_many_decimals'],
    ['1e-7', 'too_many_decimals'],
    ['', 'not_a_decimal'],
    ['.', 'not_a_decimal'],
    ['NaN', 'not_a_decimal'],
    ['Infinity', 'not_a_decimal'],
    ['0x10', 'not_a_decimal'],
    ['1,5', 'not_a_decimal'],
    ['1e999', 'out_of_range'],
    ['9223372036854.775808', 'out_of_range'],
  ])('%s is refused as %s', (text, problem) => expect(parseMicro(text)).toEqual({ ok: false, problem }));
});
