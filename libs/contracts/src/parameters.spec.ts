import type { z } from 'zod';
import {
  booleanParameter,
  conditionIdParameter,
  decimalParameter,
  integerParameter,
  querySchema,
  slugParameter,
  timeParameter,
  unixSecondsParameter,
  wordsParameter,
} from './parameters';

const meta = { description: 'x' };

function read<T>(schema: z.ZodType<T>, value: unknown): T | string {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.message ?? 'no message');
}

describe('query parameters', () => {
  it.each([
    ['1', 1],
    ['100', 100],
    ['0', 'must be a whole number from 1 to 100; got "0"'],
    ['101', 'must be a whole number from 1 to 100; got "101"'],
    ['1.5', 'must be a whole number from 1 to 100; got "1.5"'],
    ['5x', 'must be a whole number from 1 to 100; got "5x"'],
    ['', 'must be a whole number from 1 to 100; got ""'],
    ['1e1', 'must be a whole number from 1 to 100; got "1e1"'],
    [['1', '2'], 'give this parameter once, as text'],
  ])('a whole number from %j is %j', (text, expected) => {
    expect(read(integerParameter({ min: 1, max: 100 }, meta), text)).toBe(expected);
  });

  it.each([
    ['0.1', 100_000n],
    ['1e3', 1_000_000_000n],
    ['0.0000001', 'has more than 6 decimals; got "0.0000001"'],
    ['NaN', 'must be a decimal number such as 1250.5; got "NaN"'],
    ['Infinity', 'must be a decimal number such as 1250.5; got "Infinity"'],
    ['1e999', 'is beyond what an amount can hold; got "1e999"'],
    ['-1', 'must not be negative; got -1'],
    ['', 'must be a decimal number such as 1250.5; got ""'],
  ])('a decimal from %j is %j', (text, expected) => {
    expect(read(decimalParameter(meta), text)).toBe(expected);
  });

  it.each([
    ['true', true],
    ['True', true],
    ['0', false],
    ['yes', 'must be true or false; got "yes"'],
  ])('a boolean from %j is %j', (text, expected) => {
    expect(read(booleanParameter(meta), text)).toBe(expected);
  });

  it.each([
    ['2026-07-01', '2026-07-01T00:00:00.000Z'],
    ['2026-07-01T12:00:00Z', '2026-07-01T12:00:00.000Z'],
    ['2026-07-01T12:00:00+02:00', '2026-07-01T10:00:00.000Z'],
    ['2026-07-01T12:00:00 02:00', '2026-07-01T10:00:00.000Z'],
  ])('a time from %j is %j', (text, expected) => {
    expect(timeParameter(meta).parse(text).toISOString()).toBe(expected);
  });

  it.each(['2026-02-30', 'tomorrow', '2026-07-01T12:00:00', '1770000000', ''])('%j is not a time', (text) => {
    expect(read(timeParameter(meta), text)).toMatch(/^must be a date .* or a time with zone/);
  });

  it('tells milliseconds from seconds', () => {
    expect(read(unixSecondsParameter(meta), '1770000000')).toBe(1_770_000_000);
    expect(read(unixSecondsParameter(meta), '1770000000000')).toMatch(/not milliseconds/);
    expect(read(unixSecondsParameter(meta), '-5')).toMatch(/must be a time in Unix seconds/);
  });

  it.each([
    '../../etc/passwd',
    'a/b',
    'a b',
    'märkte',
    '\u212A-kelvin',
    '',
    '-x',
    'x'.repeat(256),
    '..',
    'a.b',
    'a%2Fb',
  ])('%j is not a slug', (text) => {
    expect(read(slugParameter(meta), text)).toMatch(/^must be a slug/);
  });

  it('lower-cases slugs and condition ids', () => {
    expect(read(slugParameter(meta), 'Will-It-Rain')).toBe('will-it-rain');
    expect(read(conditionIdParameter(meta), `0x${'AB'.repeat(32)}`)).toBe(`0x${'ab'.repeat(32)}`);
    expect(read(conditionIdParameter(meta), '0x12')).toMatch(/^must be a condition id/);
  });

  it('takes search words as they are and refuses what holds no word', () => {
    const search = wordsParameter(10, meta);
    expect(read(search, '  a.*(b  ')).toBe('a.*(b');
    expect(read(search, '   ')).toBeUndefined();
    expect(read(search, '.*')).toMatch(/letter or a digit/);
    expect(read(search, 'x'.repeat(11))).toBe('must be at most 10 characters; got 11');
  });

  it('repeats only the beginning of what was sent', () => {
    expect(read(integerParameter({ min: 1, max: 2 }, meta), '9'.repeat(5_000))).toHaveLength(
      'must be a whole number from 1 to 2; got '.length + 43,
    );
  });

  it('knows the access token on every route and nothing unnamed', () => {
    const query = querySchema({});
    expect(query.safeParse({ token: 'abc' }).success).toBe(true);
    const refused = query.safeParse({ page_sise: '2' });
    expect(refused.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['page_sise'] });
  });
});
