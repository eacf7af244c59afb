/**
 * Comma-separated values (RFC 4180): cells in double quotes where they need them, rows ended by CRLF.
 *
 * Invariant: no cell of text is taken for a formula by a spreadsheet. One that begins with a character a formula may begin with gets an
 * apostrophe in front, which spreadsheets read as "this is text"; numbers are told by their type and stay as they are.
 */

/** Characters, and their full-width forms, that spreadsheets take for the beginning of a formula. */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NEEDS_QUOTES = /[",\r\n]/;

export type CsvCell = string | number | null;

/** One row, with its end of line; null is an empty cell. */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return '';
  // Numbers beyond what a double shows are objects that tell their decimal as text.
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
