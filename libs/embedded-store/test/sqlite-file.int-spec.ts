import { join } from 'node:path';
import { SqliteFile } from '../src/storage/sqlite-file';
import { makeFolder, removeFolders } from './data-files';

const INSERT = 'INSERT INTO t VALUES(?,?)';
const UPDATE = 'UPDATE t SET doc=? WHERE rid=?';

describe('SqliteFile', () => {
  let file: SqliteFile;

  beforeEach(async () => {
    file = new SqliteFile(join(await makeFolder(), 'store.db'), 'normal');
    file.exec('CREATE TABLE t(rid INTEGER PRIMARY KEY, doc BLOB NOT NULL)');
  });
  afterEach(async () => {
    file.close();
    await removeFolders();
  });

  const rows = (): unknown[] => file.all('SELECT rid, doc FROM t ORDER BY rid', []);

  it('goes on writing with a statement that failed', () => {
    file.exec('BEGIN IMMEDIATE');
    file.write(INSERT, [1, Buffer.from('a')]);
    expect(() => file.write(INSERT, [1, Buffer.from('b')])).toThrow('UNIQUE constraint failed');
    file.write(INSERT, [2, Buffer.from('c')]);
    expect(() => file.write(UPDATE, [null, 2])).toThrow('NOT NULL constraint failed');
    file.write(UPDATE, [Buffer.from('d'), 2]);
    file.exec('COMMIT');
    expect(rows()).toEqual([
      [1, Buffer.from('a')],
      [2, Buffer.from('d')],
    ]);
  });

  it('writes every row a statement is about, and leaves nothing open that would keep a table from being dropped', () => {
    for (const rid of [1, 2, 3]) file.write(INSERT, [rid, Buffer.from('a')]);
    file.write('UPDATE t SET doc=?', [Buffer.from('b')]);
    expect(rows()).toEqual([1, 2, 3].map((rid) => [rid, Buffer.from('b')]));
    expect(file.inTransaction).toBe(false);
    file.exec('BEGIN IMMEDIATE');
    file.write('DELETE FROM t WHERE rid=?', [2]);
    file.exec('ROLLBACK');
    expect(rows()).toHaveLength(3);
    file.forgetStatements();
    file.exec('DROP TABLE t');
    expect(() => rows()).toThrow('no such table');
  });
});
