import type { CollectionRecord, IndexRecord } from './catalog';
import { nameOf, type Report } from './check-report';
import { faultOf } from './check-entries';
import { textsOf } from './index-entries';
import type { SqliteFile, SqlValue } from './sqlite-file';
import { textColumns, textTable } from './text-table';

const PAGE = 500;

/** Occurrences of words compared in one go; bounds what SQLite sorts at a time. */
const PIECE_OF_OCCURRENCES = 50_000;

type Side = 'actual' | 'expected';

/**
 * Holds a text index against the documents. Its table keeps no text, so the words are derived again: into a second index beside it,
 * in a temporary table, whose every occurrence (word, document, field, position) must be in the first, and the other way round.
 */
export class TextCheck {
  readonly #reported = new Set<number>();

  constructor(
    private readonly file: SqliteFile,
    private readonly collection: CollectionRecord,
    private readonly index: IndexRecord,
    private readonly report: Report,
  ) {
    const { table, definition } = index;
    const mirror = `mirror_${table}`;
    file.exec(`
      CREATE VIRTUAL TABLE temp.${mirror} USING ${textTable(definition.weights?.length ?? 0)};
      CREATE VIRTUAL TABLE temp.expected_${table} USING fts5vocab('temp', '${mirror}', 'instance');
      CREATE VIRTUAL TABLE temp.actual_${table} USING fts5vocab('main', '${table}', 'instance');
      CREATE VIRTUAL TABLE temp.words_${table} USING fts5vocab('main', '${table}', 'row');
    `);
  }

  #tell(kind: 'missing_entry' | 'stray_entry', rid: number, detail: string): void {
    if (this.#reported.has(rid)) return;
    this.#reported.add(rid);
    const stored = this.file.one<[SqlValue]>(`SELECT doc FROM ${this.collection.table} WHERE rid=?`, [rid])?.[0];
    const document = Buffer.isBuffer(stored) && faultOf(stored) === null ? stored : null;
    // What a broken document ought to have cannot be told.
    if (stored !== undefined && document === null) return;
    this.report({
      kind,
      namespace: this.collection.namespace,
      index: this.index.name,
      id: nameOf(document, rid),
      detail,
    });
  }

  /** Derives the words of a sound document. */
  take(rid: number, document: Buffer): void {
    const texts = this.index.covers(rid) ? textsOf(this.index.definition, document) : null;
    if (texts === null) return;
    const { columns, places } = textColumns(texts.length);
    this.file.run(`INSERT INTO temp.mirror_${this.index.table}(rowid,${columns}) VALUES(?,${places})`, [rid, ...texts]);
  }

  /** Looks for documents and for words on one side only; returns the number of documents the index has. */
  finish(): number {
    const { table } = this.index;
    const [actual, expected] = [`${table}_docsize`, `temp.mirror_${table}_docsize`];
    this.#findAlone(expected, actual, (rid) =>
      this.#tell('missing_entry', rid, 'the text index does not have the document'),
    );
    this.#findAlone(actual, expected, (rid) =>
      this.#tell('stray_entry', rid, 'the text index has a document it should not have'),
    );
    let after = '';
    for (;;) {
      const upTo = this.#endOfPiece(after);
      this.#compare('expected', 'actual', after, upTo);
      this.#compare('actual', 'expected', after, upTo);
      if (upTo === null) break;
      after = upTo;
    }
    return this.file.one<[number]>(`SELECT count(*) FROM ${actual}`, [])?.[0] ?? 0;
  }

  /** Hands over the documents that are on one side, but not on the other. */
  #findAlone(side: string, other: string, take: (rid: number) => void): void {
    let last = -Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows: [number][] = this.file.all(
        `SELECT id FROM ${side} WHERE id>? AND id NOT IN (SELECT id FROM ${other}) ORDER BY id LIMIT ${PAGE}`,
        [last],
      );
      const end = rows.at(-1)?.[0];
      if (end === undefined) return;
      for (const [rid] of rows) take(rid);
      last = end;
    }
  }

  /** The last word of the next piece, or null when everything that is left fits into it. */
  #endOfPiece(after: string): string | null {
    let occurrences = 0;
    let last = after;
    for (;;) {
      const words: [string, number][] = this.file.all(
        `SELECT term, cnt FROM temp.words_${this.index.table} WHERE term>? ORDER BY term LIMIT ${PAGE}`,
        [last],
      );
      for (const [word, count] of words) {
        occurrences += count;
        last = word;
        if (occurrences >= PIECE_OF_OCCURRENCES) return word;
      }
      if (words.length < PAGE) return null;
    }
  }

  #compare(side: Side, other: Side, after: string, upTo: string | null): void {
    const { table } = this.index;
    const range = upTo === null ? 'term>?' : 'term>? AND term<=?';
    const bounds = upTo === null ? [after] : [after, upTo];
    const occurrences = (of: Side): string => `SELECT term, doc, col, offset FROM temp.${of}_${table} WHERE ${range}`;
    const rows = this.file.all<[number, string]>(
      `SELECT doc, min(term) FROM (${occurrences(side)} EXCEPT ${occurrences(other)}) GROUP BY doc`,
      [...bounds, ...bounds],
    );
    for (const [rid, word] of rows) {
      if (side === 'expected')
        this.#tell('missing_entry', rid, `the text index lacks the word "${word}" of the document`);
      else this.#tell('stray_entry', rid, `the text index has the word "${word}", which the document has not there`);
    }
  }
}
