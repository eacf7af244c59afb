import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  title: string;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** What the row is about: without its title where rows become cards. */
  lead?: boolean;
  cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  /** What the rows are, for those who hear the table. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}

/** A table that becomes a list of cards on a narrow screen. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>): JSX.Element {
  return (
    <div class="table-frame">
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th key={title} scope="col" class={numeric === true ? 'numeric' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, numeric, lead, cell }) => (
                <td key={title} data-title={title} class={classOf(numeric, lead)}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf(numeric = false, lead = false): string | undefined {
  if (numeric) return 'numeric';
  return lead ? 'lead' : undefined;
}

interface PagerProps {
  page: number;
  totalPages: number;
  total: number;
  go: (page: number) => void;
}

/** Steps through the pages of a list. */
export function Pager({ page, totalPages, total, go }: PagerProps): JSX.Element {
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={page <= 1} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        Page {page} of {Math.max(1, totalPages)} · {total.toLocaleString('en-US')} in all
      </span>
      <button type="button" disabled={page >= totalPages} onClick={() => go(page + 1)}>
        Next
      </button>
    </nav>
  );
}
