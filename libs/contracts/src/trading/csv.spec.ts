import fc from 'fast-check';
import { csvRow } from './csv';

describe('a row of CSV', () => {
  it.each([
    [['a', 1, null, -2.5], 'a,1,,-2.5\r\n'],
    [['a,b', 'say "yes"', 'two\nlines', 'cr\rlf'], '"a,b","say ""yes""","two\nlines","cr\rlf"\r\n'],
    [['', ' '], ', \r\n'],
  ])('of %j is %j', (cells, expected) => {
    expect(csvRow(cells)).toBe(expected);
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '=HYPERLINK("http://x";"y")',
  ])('takes %j for text', (text) => {
    const row = csvRow([text]).replace(/\r\n$/, '');
    const unquoted = row.startsWith('"') ? row.slice(1, -1).replaceAll('""', '"') : row;
    expect(unquoted).toBe(`'${text}`);
  });

  it('is read back as it was written, whatever is in it', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('=1', '"', '\r\n', ',', "'", '@"\n'));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 5 }), (rows) => {
        const read = parseCsv(rows.map((cells) => csvRow(cells)).join(''));
        const written = rows.map((cells) =>
          cells.map((text) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text)),
        );
        expect(read).toEqual(written);
      }),
    );
  });
});

/** Reads RFC 4180, character by character. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at += 1;
    } else cell += character;
  }
  return rows;
}
