import { BSON } from 'bson';
import Database from 'libsql';
import { join } from 'node:path';
import type { MarketDocument, SmallMarketDocument } from './market-documents';

type Value = string | number | bigint | Buffer | null;
interface Statement {
  all(parameters: readonly Value[]): unknown[];
  run(parameters: readonly Value[]): { changes: number };
  raw(toggle: boolean): this;
}

const SETTINGS = [
  'page_size=16384',
  'journal_mode=WAL',
  'synchronous=NORMAL',
  'cache_size=-49152',
  'mmap_size=33554432',
  'wal_autocheckpoint=4000',
  'temp_store=MEMORY',
];

const SCHEMA = `
  CREATE TABLE markets(rid INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, active INTEGER NOT NULL, closed INTEGER NOT NULL,
    volume INTEGER NOT NULL, end_date INTEGER, event_slug TEXT, category TEXT, question_id TEXT, doc BLOB NOT NULL);
  CREATE INDEX by_volume ON markets(active, volume DESC);
  CREATE INDEX by_state ON markets(closed, active);
  CREATE INDEX by_end ON markets(end_date);
  CREATE INDEX by_event ON markets(event_slug);
  CREATE TABLE tags(tag TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(tag, rid)) WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5(question, description, content='', contentless_delete=1,
    tokenize='porter unicode61 remove_diacritics 2');
  CREATE TABLE plain(rid INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, doc BLOB NOT NULL);
  CREATE TABLE ledger(rid INTEGER PRIMARY KEY, doc BLOB NOT NULL);
`;

const bytesOf = (document: object): Buffer => Buffer.from(BSON.serialize(document));
const documentsIn = (rows: unknown[]): unknown[] => (rows as [Buffer][]).map(([bytes]) => BSON.deserialize(bytes));

/** The same jobs as statements a program would write for itself: columns for what is searched, the document as BSON beside them. */
export class BareSqlite {
  readonly #database: InstanceType<typeof Database>;
  readonly #statements = new Map<string, Statement>();

  constructor(folder: string) {
    this.#database = new Database(join(folder, 'bare.db'));
    for (const setting of SETTINGS) this.#database.exec(`PRAGMA ${setting}`);
    this.#database.exec(SCHEMA);
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql) as unknown as Statement;
    this.#statements.set(sql, statement);
    return statement;
  }

  #all(sql: string, parameters: readonly Value[]): unknown[] {
    return this.#prepared(sql).raw(true).all(parameters);
  }

  #run(sql: string, parameters: readonly Value[]): void {
    this.#prepared(sql).run(parameters);
  }

  #inTransaction(change: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    change();
    this.#database.exec('COMMIT');
  }

  /** Stores the documents in one transaction, replacing those of the same slug, with five indexes. */
  upsert(documents: readonly SmallMarketDocument[]): void {
    this.#inTransaction(() => {
      for (const one of documents) this.#upsertOne(one);
    });
  }

  #upsertOne(one: SmallMarketDocument): void {
    const columns: Value[] = [
      Number(one.active),
      Number(one.closed),
      BigInt(one.volume_num as bigint),
      one.end_date?.getTime() ?? null,
      one.event_slug ?? null,
      one.category,
      one.question_id,
      bytesOf(one),
    ];
    const [found] = this.#all('SELECT rid FROM markets WHERE slug=?', [one.slug]) as [number][];
    if (found === undefined) {
      this.#run('INSERT INTO markets VALUES(NULL,?,?,?,?,?,?,?,?,?)', [one.slug, ...columns]);
      const [[rid]] = this.#all('SELECT last_insert_rowid()', []) as [[number]];
      for (const tag of one.tag_slugs) this.#run('INSERT INTO tags VALUES(?,?)', [tag, rid]);
    } else {
      this.#run(
        'UPDATE markets SET active=?,closed=?,volume=?,end_date=?,event_slug=?,category=?,question_id=?,doc=? WHERE rid=?',
        [...columns, found[0]],
      );
    }
  }

  /** Puts the texts of documents into the text index. */
  indexTexts(documents: readonly MarketDocument[]): void {
    this.#inTransaction(() => {
      for (const { slug, question, description } of documents) {
        this.#run('INSERT INTO words(rowid,question,description) SELECT rid,?,? FROM markets WHERE slug=?', [
          question,
          description,
          slug,
        ]);
      }
    });
  }

  insertPlain(documents: readonly SmallMarketDocument[]): void {
    this.#inTransaction(() => {
      for (const one of documents) this.#run('INSERT INTO plain VALUES(NULL,?,?)', [one._id, bytesOf(one)]);
    });
  }

  bySlug(slug: string): unknown {
    return documentsIn(this.#all('SELECT doc FROM markets WHERE slug=?', [slug]));
  }

  pageByVolume(skip: number): unknown {
    return documentsIn(
      this.#all('SELECT doc FROM markets WHERE active=1 ORDER BY volume DESC LIMIT 50 OFFSET ?', [skip]),
    );
  }

  search(word: string): unknown {
    return documentsIn(
      this.#all(
        'SELECT doc FROM words JOIN markets ON markets.rid=words.rowid WHERE words MATCH ? ORDER BY bm25(words,10,1) LIMIT 20',
        [`"${word}"`],
      ),
    );
  }

  increment(slug: string): void {
    this.#inTransaction(() => this.#incrementOne(slug));
  }

  #incrementOne(slug: string): void {
    const [row] = this.#all('SELECT rid, doc FROM markets WHERE slug=?', [slug]) as [number, Buffer][];
    if (row === undefined) throw new Error(`market ${slug} is missing`);
    const document = BSON.deserialize(row[1], { useBigInt64: true }) as { counter: bigint };
    document.counter += 1n;
    this.#run('UPDATE markets SET doc=? WHERE rid=?', [bytesOf(document), row[0]]);
  }

  /** An increment and an entry in another table, together or not at all. */
  transfer(slug: string): void {
    this.#inTransaction(() => {
      this.#incrementOne(slug);
      this.#run('INSERT INTO ledger VALUES(NULL,?)', [bytesOf({ slug, amount: 1n })]);
    });
  }

  /** Reads every document to count some, as a filter no index helps must. */
  scanCount(questionId: string): void {
    this.#all('SELECT count(*) FROM markets WHERE question_id=? AND length(doc)>0', [questionId]);
  }

  group(): void {
    this.#all('SELECT category, count(*), sum(volume), max(length(doc)) FROM markets GROUP BY category', []);
  }

  countByState(): void {
    this.#all('SELECT count(*) FROM markets WHERE closed=0 AND active=1', []);
    this.#all('SELECT count(*) FROM markets WHERE closed=0 AND active=0', []);
    this.#all('SELECT count(*) FROM markets WHERE closed=1', []);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
