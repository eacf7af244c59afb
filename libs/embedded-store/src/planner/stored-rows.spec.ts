import Database from 'libsql';
import { ROWS_IN_ONE, type RowsInOne, storedRows } from './stored-rows';

/** A document of that many bytes that holds every byte there is, zeros and what is no UTF-8 among them. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 7) % 256));
  bytes.writeInt32LE(length, 0);
  return bytes;
}

describe('rows put into one', () => {
  const database = new Database(':memory:');
  const read = (sql: string): RowsInOne => database.prepare(sql).raw(true).get([]) as RowsInOne;
  const lengths = [5, 300, 4, 70_000, 1_000];

  beforeAll(() => {
    database.exec('CREATE TABLE d(rid INTEGER PRIMARY KEY, doc BLOB NOT NULL)');
    const insert = database.prepare('INSERT INTO d VALUES(?,?)');
    for (const [at, length] of lengths.entries()) insert.run([at * 1_000_000_000 + 1, bytesOf(length)]);
  });

  it('come apart byte by byte, in the order in which they were read', () => {
    const rows = lengths.map((length, at) => ({
      rid: at * 1_000_000_000 + 1,
      document: bytesOf(length),
      score: 0,
    }));
    expect(storedRows(read(`SELECT ${ROWS_IN_ONE} FROM (SELECT rid, doc FROM d ORDER BY rid)`))).toEqual(rows);
    expect(storedRows(read(`SELECT ${ROWS_IN_ONE} FROM (SELECT rid, doc FROM d ORDER BY rid DESC LIMIT 3)`))).toEqual(
      rows.slice(2).reverse(),
    );
  });

  it('are none when nothing was read', () => {
    expect(storedRows(read(`SELECT ${ROWS_IN_ONE} FROM d WHERE rid=7`))).toEqual([]);
    expect(storedRows(undefined)).toEqual([]);
  });

  it('are refused when a document lies about its length', () => {
    const documents = Buffer.concat([bytesOf(10), bytesOf(10)]);
    documents.writeInt32LE(9, 0);
    expect(() => storedRows([documents, '1'])).toThrow('do not fit their lengths');
  });
});
