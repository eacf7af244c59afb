import { UnroundedNumber } from '@app/contracts';
import { withExactNumbers } from './exact-json';

const read = (text: string): unknown => withExactNumbers(text, JSON.parse(text));
const numberOf = (literal: string): unknown => (read(`{"n":${literal}}`) as { n: unknown }).n;

describe('numbers of a JSON body', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['0.1', 0.1],
    ['0.100000', 0.1],
    ['1.00000000000000000000', 1],
    ['100000000000000000000000', 1e23],
    ['1e3', 1000],
    ['12.5E-1', 1.25],
    ['0e999', 0],
    ['0.30000000000000004', 0.30000000000000004],
    ['1e-7', 1e-7],
    ['1e300', 1e300],
    ['5e-324', 5e-324],
    ['999999999.999999', 999999999.999999],
  ])('%s is a number when a double shows it', (literal, expected) => {
    expect(numberOf(literal)).toEqual(expected);
  });

  it.each([
    '1e400',
    '-1e400',
    '1e-400',
    '0.1000000000000000055511151231257827',
    '0.30000000000000001',
    '9007199254740993',
    '123456789012345678901',
    '1234567890.12345678',
    '9'.repeat(10_000),
    `1.${'0'.repeat(10_000)}`,
    `0.${'0'.repeat(200_000)}1`,
    '1e99999999999999999999',
  ])('%s keeps its text', (literal) => {
    const number = numberOf(literal);
    expect(number).toBeInstanceOf(UnroundedNumber);
    expect((number as UnroundedNumber).text).toBe(literal);
  });

  it('leaves everything else as it was, wherever an unrounded number stands', () => {
    const text = String.raw`{"a":[1,{"b":"1e400 \" 1e400 \\"},1e400,"\\",true,null,-2.5],"1e400":"1e400","\u0031":[[]],"c":1e401}`;
    expect(read(text)).toEqual({
      a: [1, { b: '1e400 " 1e400 \\' }, new UnroundedNumber('1e400'), '\\', true, null, -2.5],
      '1e400': '1e400',
      '1': [[]],
      c: new UnroundedNumber('1e401'),
    });
  });

  it('is a number alone', () => {
    expect(read(' 1e400 ')).toEqual(new UnroundedNumber('1e400'));
    expect(read(' 17 ')).toBe(17);
  });

  it('takes the last of a key given twice, as the parser does', () => {
    expect(read('{"n":1e400,"n":3}')).toEqual({ n: 3 });
    expect(read('{"n":3,"n":1e400}')).toEqual({ n: new UnroundedNumber('1e400') });
  });

  it('does not look into a document without end', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const nested = (levels: number, leaf: string): string => open.repeat(levels) + leaf + close.repeat(levels);
      expect(JSON.stringify(read(nested(32, '1')))).toBe(nested(32, '1'));
      expect(() => read(nested(33, '1'))).toThrow('The body is nested deeper than 32 levels.');
      expect(() => withExactNumbers(nested(40_000, '1e400'), null)).toThrow('nested deeper');
      expect(read(`[${Array(100).fill(nested(31, '1e400')).join(',')}]`)).toHaveLength(100);
    }
    expect(read(`["${'['.repeat(100)}"]`)).toEqual(['['.repeat(100)]);
  });

  it('reads the longest body there may be', () => {
    const text = (filler: string): string => `{"n":1e400,"s":"${filler}"}`;
    for (const filler of ['x'.repeat(260_000), '\\n'.repeat(130_000), '\\"'.repeat(130_000), '\u2028'.repeat(80_000)]) {
      expect(read(text(filler))).toEqual({ n: new UnroundedNumber('1e400'), s: JSON.parse(`"${filler}"`) as string });
    }
    const list = `[${'1e400,'.repeat(40_000)}0]`;
    expect((read(list) as unknown[]).filter((part) => part instanceof UnroundedNumber)).toHaveLength(40_000);
  });
});
