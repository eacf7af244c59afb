/** How the words of a text index are kept: contentless, so that only words and places are stored, and deletable row by row. */
export function textTable(fields: number): string {
  const { columns } = textColumns(fields);
  return `fts5(${columns}, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2')`;
}

/** Names and placeholders of the columns of a text index, one for every field. */
export function textColumns(fields: number): { columns: string; places: string } {
  const positions = Array.from({ length: fields }, (_, position) => position);
  return { columns: positions.map((position) => `c${position}`).join(','), places: positions.map(() => '?').join(',') };
}
