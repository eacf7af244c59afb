import fc from 'fast-check';
import { formatMicro, MAX_MICRO, parseMicro } from './money';
import { toExactJson, toWireNumber, toWireStatistic } from './wire-number';

const amounts = fc.bigInt({ min: -MAX_MICRO, max: MAX_MICRO });
const EDGE = 2n ** 33n * 1_000_000n;

describe('wire numbers', () => {
  it('are written as the exact decimal, whatever an int64 holds', () => {
    fc.assert(
      fc.property(amounts, (value) => {
        expect(toExactJson(toWireNumber(value))).toBe(formatMicro(value));
        expect(String(toWireNumber(value))).toBe(formatMicro(value));
      }),
    );
  });

  it.each([
    [0n, '0'],
    [1n, '0.000001'],
    [999_999_999_999_999n, '999999999.999999'],
    [1_000_000_000_000_001n, '1000000000.000001'],
    [EDGE - 1n, '8589934591.999999'],
    [EDGE, '8589934592'],
    [EDGE + 1n, '8589934592.000001'],
    [-EDGE - 1n, '-8589934592.000001'],
    [MAX_MICRO, '9223372036854.775807'],
    [-MAX_MICRO, '-9223372036854.775807'],
  ])('%s micro-units are %s', (value, text) => {
    expect(toExactJson({ value: toWireNumber(value) })).toBe(`{"value":${text}}`);
    expect(parseMicro(text)).toEqual({ ok: true, value });
  });

  it('are plain numbers up to 2^33 units, each of its own', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -EDGE, max: EDGE }), (value) => {
        const number = toWireNumber(value);
        expect(typeof number).toBe('number');
        expect(parseMicro(String(number))).toEqual({ ok: true, value });
      }),
    );
  });

  it('are the nearest double to whoever calculates, and to other writers of JSON', () => {
    fc.assert(
      fc.property(amounts, (value) => {
        const nearest = Number(formatMicro(value));
        expect(toWireNumber(value) * 1).toBe(nearest);
        expect(JSON.parse(JSON.stringify([toWireNumber(value)]))).toEqual([nearest]);
      }),
    );
  });
});

describe('exact JSON', () => {
  it('is that of JSON.stringify where doubles do', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toExactJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is that of JSON.stringify around wide numbers', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.string().filter((key) => key !== 'wide'),
        (value, key) => {
          const around = { key, at: new Date(0), left: undefined, list: [undefined, value], [key]: value };
          expect(toExactJson({ ...around, wide: toWireNumber(MAX_MICRO) })).toBe(
            JSON.stringify({ ...around, wide: 0 }).replace(/"wide":0(?=[^"]*$)/, '"wide":9223372036854.775807'),
          );
        },
      ),
    );
  });
});

it('a statistic is the nearest double', () => expect(toWireStatistic(MAX_MICRO)).toBe(Number('9223372036854.775807')));
