import { WireProblem } from './refusal';
import { parseRow, WireObject } from './wire-object';

const object = (fields: Record<string, unknown>): WireObject => WireObject.from(fields, 'row');
const reasonOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof WireProblem) return `${error.path}: ${error.reason}`;
    throw error;
  }
  throw new Error('expected a refusal');
};

describe('WireObject', () => {
  it.each([null, undefined, ''])('reads %j as nothing where nothing may be', (value) => {
    const row = object({ a: value });
    expect(row.optionalText('a')).toBeNull();
    expect(row.optionalFlag('a')).toBeNull();
    expect(row.micro('a')).toBeNull();
    expect(row.integer('a')).toBeNull();
    expect(row.date('a')).toBeNull();
    expect(row.optionalHash('a')).toBeNull();
    expect(row.optionalTokenId('a')).toBeNull();
    expect(row.encodedTexts('a')).toBeNull();
  });

  it('names field, finding and remedy', () => {
    expect(reasonOf(() => object({ a: 5 }).text('a'))).toBe('row.a: found the number 5, expected text');
    expect(reasonOf(() => object({}).flag('a'))).toBe('row.a: found nothing, expected true or false');
    expect(reasonOf(() => object({ a: 'yes' }).flag('a'))).toBe('row.a: found the text "yes", expected true or false');
  });

  it('shows a huge value cut short', () => {
    const reason = reasonOf(() => object({ a: 'x'.repeat(1_000_000) }).text('a'));
    expect(reason.length).toBeLessThan(200);
    expect(reason).toContain('of 1000000 characters');
  });

  it.each([
    [0.45, 450_000n],
    ['0.45', 450_000n],
    ['.48', 480_000n],
    [5260.9190469999985, 5_260_919_047n],
    ['6313171.174692103', 6_313_171_174_692n],
    [799823812.4870973, 799_823_812_487_097n],
    [-0, 0n],
    [1e-9, 0n],
    [9007199254740, 9_007_199_254_740_000_000n],
  ])('reads the decimal %p as %p micro-units', (value, micro) => {
    expect(object({ a: value }).micro('a')).toBe(micro);
  });

  it.each([NaN, Infinity, 1e300, '1e999', 'abc', '0x10', '1,5', true, [], {}, '9223372036854.775808'])(
    'refuses %p as a decimal',
    (value) => expect(reasonOf(() => object({ a: value }).micro('a'))).toContain('row.a: found'),
  );

  it('holds prices, amounts, changes and rates to their ranges', () => {
    expect(object({ a: 1 }).price('a')).toBe(1_000_000n);
    expect(reasonOf(() => object({ a: 1.000001 }).price('a'))).toContain('a price from 0 to 1');
    expect(reasonOf(() => object({ a: -0.000001 }).price('a'))).toContain('a price from 0 to 1');
    expect(reasonOf(() => object({ a: -1 }).amount('a'))).toContain('an amount of 0 or more');
    expect(reasonOf(() => object({ a: '-3' }).shares('a'))).toContain('a quantity of 0 or more');
    expect(object({ a: -0.25 }).priceChange('a')).toBe(-250_000n);
    expect(reasonOf(() => object({ a: -1.5 }).priceChange('a'))).toContain('from -1 to 1');
    expect(reasonOf(() => object({ a: 7 }).rate('a'))).toContain('a rate from 0 to 1');
    expect(object({ a: 0 }).tickSize('a')).toBeNull();
    expect(reasonOf(() => object({ a: 1 }).tickSize('a'))).toContain('below 1');
  });

  it('takes ids, hashes and token ids only as text', () => {
    expect(reasonOf(() => object({ a: 12 }).id('a'))).toContain('text of 1 to 18 digits');
    expect(reasonOf(() => object({ a: '12e3' }).id('a'))).toContain('text of 1 to 18 digits');
    expect(reasonOf(() => object({ a: '9'.repeat(19) }).id('a'))).toContain('text of 1 to 18 digits');
    expect(object({ a: `0x${'AB'.repeat(32)}` }).hash('a')).toBe(`0x${'ab'.repeat(32)}`);
    expect(reasonOf(() => object({ a: '0xabc' }).optionalHash('a'))).toContain('64 hexadecimal digits');
    expect(reasonOf(() => object({ a: 1e70 }).tokenId('a'))).toContain('a token id');
    expect(reasonOf(() => object({ a: '9'.repeat(79) }).tokenId('a'))).toContain('a token id');
  });

  it.each([
    '["Yes"',
    '{"0":"Yes"}',
    '"Yes"',
    '[1,2]',
    '[null]',
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    `["${'x'.repeat(70_000)}"]`,
    5,
    ['Yes', 'No'],
  ])('refuses an encoded list that is none (case %#)', (value) => {
    expect(reasonOf(() => object({ a: value }).encodedTexts('a'))).toContain('JSON array of texts');
  });

  it('reads an encoded null as nothing, and keeps every character of a name', () => {
    expect(object({ a: 'null' }).encodedTexts('a')).toBeNull();
    expect(object({ a: '["Yes","Nø \\u00e9 \\ud83d\\ude00"]' }).encodedTexts('a')).toEqual(['Yes', 'Nø é 😀']);
  });

  it('replaces half a surrogate pair, which no store can keep', () => {
    expect(object({ a: 'half \ud800 pair 😀' }).text('a')).toBe('half \ufffd pair 😀');
  });

  it('reads a moment from seconds, milliseconds or a date', () => {
    const moment = new Date('2025-11-10T12:07:16Z');
    for (const a of ['1762776436', 1762776436, '1762776436000', '2025-11-10T12:07:16Z']) {
      expect(object({ a }).moment('a')).toEqual(moment);
    }
    expect(object({ a: '0' }).moment('a')).toBeNull();
    expect(reasonOf(() => object({ a: 9e15 }).moment('a'))).toContain('row.a');
  });

  it('reads the zero time of Go services as nothing', () => {
    expect(object({ a: '0001-01-01T00:00:00Z' }).date('a')).toBeNull();
  });

  it('ignores what an object inherits by a crafted __proto__', () => {
    const crafted: unknown = JSON.parse('{"__proto__":{"slug":"x"},"id":"1"}');
    expect(WireObject.from(crafted, '').raw('slug')).toBeUndefined();
  });
});

describe('parseRow', () => {
  it('refuses what is no object, with the path alone', () => {
    expect(parseRow(7, 'markets[2]', () => 1)).toEqual({
      ok: false,
      refusal: { path: 'markets[2]', reason: 'found the number 7, expected an object', id: null },
    });
  });

  it('passes on an error that is not about the payload', () => {
    const broken = (): never => {
      throw new TypeError('bug');
    };
    expect(() => parseRow({}, 'row', broken)).toThrow(TypeError);
  });
});
