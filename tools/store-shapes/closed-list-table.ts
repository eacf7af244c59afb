import type { ClosedListEntry } from '@app/embedded-store';

const START = '<!-- closed list: written by npm run store:list -->';
const END = '<!-- end of the closed list -->';

function rowsOf(entries: readonly ClosedListEntry[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const { kind, name, neededBy } of entries) {
    const key = `${kind}\n${neededBy}`;
    const names = groups.get(key);
    if (names === undefined) groups.set(key, [`\`${name}\``]);
    else names.push(`\`${name}\``);
  }
  return [...groups].map(([key, names]) => {
    const [kind = '', neededBy = ''] = key.split('\n');
    return [kind, names.join(' '), neededBy];
  });
}

/** The closed list as a table: one row for what one place needs of one kind, in the list's order. */
export function renderClosedList(entries: readonly ClosedListEntry[]): string {
  const rows = [['kind', 'served', 'needed by'], ...rowsOf(entries)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows.map(line);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

/** Puts the table between its two marks. @throws Error when the text lacks them. */
export function withClosedList(text: string, entries: readonly ClosedListEntry[]): string {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the marks "${START}" and "${END}" are not there`);
  return `${text.slice(0, start + START.length)}\n\n${renderClosedList(entries)}\n\n${text.slice(end)}`;
}
