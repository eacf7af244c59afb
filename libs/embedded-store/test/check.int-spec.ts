import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON } from 'bson';
import { mongo } from 'mongoose';
import { checkStore, type Finding, startStore, StoreUnreadableError } from '../src';
import { makeFolder, makeFormatOneFolder, removeFolders, rowsOf, tamper } from './data-files';

type Damage = (file: Parameters<Parameters<typeof tamper>[1]>[0]) => unknown;

/** A folder with every kind of index, brought to the newest format, and then damaged. */
async function damagedFolder(damage: Damage): Promise<string> {
  const dataDir = await makeFormatOneFolder();
  await (await startStore({ dataDir })).close();
  tamper(join(dataDir, 'store.db'), damage);
  return dataDir;
}

function findingsOf(dataDir: string): Finding[] {
  const findings: Finding[] = [];
  const { findings: count } = checkStore({ dataDir }, (finding) => findings.push(finding));
  expect(count).toBe(findings.length);
  return findings;
}

const GOODS = { namespace: 'shop.goods', index: null, id: null };

/** The table of an index of `shop.goods`, by the position it was made in: 0 is `_id_`. */
const tableOf = (file: Parameters<Damage>[0], position: number, kind = 'i'): string =>
  `${kind}${Number(rowsOf(file, `SELECT id FROM indexes WHERE collection_id=1 ORDER BY id`)[position]?.[0])}`;

const SLUG = 1;
const TAGS = 3;
const TEXT = 8;

describe('the check of a data file', () => {
  afterEach(removeFolders);

  it('finds nothing wrong in a sound file of every kind of index, and says what it looked at', async () => {
    const dataDir = await damagedFolder(() => undefined);
    expect(findingsOf(dataDir)).toEqual([]);
    expect(checkStore({ file: join(dataDir, 'store.db') })).toMatchObject({
      file: join(dataDir, 'store.db'),
      collections: 3,
      documents: 120,
      indexes: 11,
      findings: 0,
    });
  });

  it('reads one state of a file that is being served and written', async () => {
    const dataDir = await makeFolder();
    const store = await startStore({ dataDir });
    const client = await new mongo.MongoClient(store.uri).connect();
    const notes = client.db('live').collection<{ _id: number; n: number; tags: string[]; text: string }>('notes');
    await notes.createIndexes([{ key: { n: 1 }, unique: true }, { key: { tags: 1 } }, { key: { text: 'text' } }]);
    for (let n = 0; n < 120; n += 1) {
      await notes.insertOne({ _id: n, n, tags: [`t${n % 7}`, 'all'], text: `number ${n} of many` });
      if (n % 3 === 0) await notes.updateOne({ _id: n }, { $set: { n: -n - 1, tags: [], text: `other ${n}` } });
      if (n % 5 === 0) await notes.deleteOne({ _id: n });
      if (n % 30 === 0) expect(findingsOf(dataDir)).toEqual([]);
    }
    expect(checkStore({ dataDir })).toMatchObject({ documents: 96, findings: 0 });
    await client.close();
    await store.close();
  });

  it('finds nothing wrong with a text index over several fields that was written before and after a restart', async () => {
    const dataDir = await makeFolder();
    for (const round of [1, 2]) {
      const store = await startStore({ dataDir });
      const client = await new mongo.MongoClient(store.uri).connect();
      const notes = client.db('text').collection<{ _id: number; title: string; body: string }>('notes');
      await notes.createIndex({ title: 'text', body: 'text' }, { weights: { title: 10, body: 1 } });
      await notes.insertOne({ _id: round, title: `rare word ${round}`, body: 'plain' });
      await notes.insertOne({ _id: round + 10, title: 'plain', body: `rare word ${round}` });
      const score = { $meta: 'textScore' } as const;
      const found = await notes
        .find({ $text: { $search: 'rare' } }, { projection: { score } })
        .sort({ score })
        .toArray();
      expect(found.map(({ _id }) => _id < 10)).toEqual(round === 1 ? [true, false] : [true, true, false, false]);
      await client.close();
      await store.close();
      expect(findingsOf(dataDir)).toEqual([]);
    }
  });

  it.each<[string, Damage, Partial<Finding>[]]>([
    [
      'a missing entry',
      (file) =>
        file.exec(`DELETE FROM ${tableOf(file, SLUG)} WHERE rid=(SELECT rid FROM d1 ORDER BY rid LIMIT 1 OFFSET 4)`),
      [
        {
          kind: 'missing_entry',
          namespace: 'shop.goods',
          index: 'slug_1',
          id: '4',
          detail: 'the index has no entry { slug: "slug-4" } for the document',
        },
      ],
    ],
    [
      'a stray entry of a document that is there',
      (file) => file.exec(`INSERT INTO ${tableOf(file, TAGS)} VALUES(x'0F7A0000', 5)`),
      [{ kind: 'stray_entry', index: 'tags_1', id: '4' }],
    ],
    [
      'a stray entry of a document that is gone',
      (file) => file.exec(`INSERT INTO ${tableOf(file, TAGS)} VALUES(x'0F7A0000', 999)`),
      [{ kind: 'stray_entry', index: 'tags_1', id: 'record 999' }],
    ],
    [
      'an entry under another key',
      (file) => file.exec(`UPDATE ${tableOf(file, SLUG)} SET key=x'0F7A0000' WHERE rid=5`),
      [
        { kind: 'missing_entry', index: 'slug_1', id: '4' },
        { kind: 'stray_entry', index: 'slug_1', id: '4' },
      ],
    ],
    [
      'a wrong count',
      (file) => file.exec('UPDATE collections SET count=117 WHERE id=1'),
      [{ kind: 'count', ...GOODS, detail: 'the collection counts 117 documents, but has 118' }],
    ],
    [
      'a document whose bytes are broken',
      (file) => file.exec("UPDATE d1 SET doc=x'0800000010610001' WHERE rid=5"),
      [{ kind: 'document', namespace: 'shop.goods', id: 'record 5' }],
    ],
    [
      'a document without an _id',
      (file) => file.prepare('UPDATE d1 SET doc=? WHERE rid=5').run([Buffer.from(BSON.serialize({ slug: 'slug-4' }))]),
      [{ kind: 'document', namespace: 'shop.goods', id: 'record 5', detail: 'the document is damaged: it has no _id' }],
    ],
    [
      'a document changed behind its index',
      (file) => {
        const [row] = rowsOf(file, 'SELECT doc FROM d2 WHERE rid=1');
        const changed = Buffer.from(BSON.serialize({ ...BSON.deserialize(row?.[0] as Buffer), _id: 7 }));
        file.prepare('UPDATE d2 SET doc=? WHERE rid=1').run([changed]);
      },
      [
        { kind: 'missing_entry', namespace: 'other.events', index: '_id_', id: '7' },
        { kind: 'stray_entry', namespace: 'other.events', index: '_id_', id: '7' },
      ],
    ],
    [
      'a document that is gone',
      (file) => file.exec('DELETE FROM d2 WHERE rid=1'),
      [
        { kind: 'count', namespace: 'other.events' },
        { kind: 'stray_entry', namespace: 'other.events', index: '_id_', id: 'record 1' },
      ],
    ],
    [
      'a multikey mark that is missing',
      (file) => file.exec(`UPDATE indexes SET multikey='0' WHERE id=(SELECT max(id) FROM indexes WHERE multikey='1')`),
      [{ kind: 'multikey', namespace: 'shop.goods', index: 'parts.size_1' }],
    ],
    [
      'a unique key held twice',
      (file) => {
        const doc = Buffer.from(BSON.serialize({ _id: 1, at: new Date(0) }));
        file.prepare('INSERT INTO d2 VALUES(3, ?)').run([doc]);
        file.exec(`INSERT INTO i10 SELECT key, 3 FROM i10 WHERE rid=1`);
        file.exec("UPDATE collections SET count=3 WHERE name='events'");
      },
      [{ kind: 'duplicate', namespace: 'other.events', index: '_id_', id: '1' }],
    ],
    [
      'a document missing from a text index',
      (file) => file.exec(`DELETE FROM ${tableOf(file, TEXT, 't')} WHERE rowid=5`),
      [{ kind: 'missing_entry', index: 'title_text_note_text', id: '4' }],
    ],
    [
      'a document a text index should not have',
      (file) => file.exec(`INSERT INTO ${tableOf(file, TEXT, 't')}(rowid, c0, c1) VALUES(999, 'word', '')`),
      [{ kind: 'stray_entry', index: 'title_text_note_text', id: 'record 999' }],
    ],
    [
      'other words in a text index',
      (file) => {
        const table = tableOf(file, TEXT, 't');
        file.exec(`DELETE FROM ${table} WHERE rowid=5`);
        file.exec(`INSERT INTO ${table}(rowid, c0, c1) VALUES(5, 'plain wonders', 'Will item 4 be running by 2004?')`);
      },
      [
        {
          kind: 'missing_entry',
          index: 'title_text_note_text',
          id: '4',
          detail: 'the text index lacks the word "word" of the document',
        },
      ],
    ],
    [
      'a table nobody owns',
      (file) => file.exec('CREATE TABLE i999(key BLOB, rid INTEGER)'),
      [{ kind: 'catalog', detail: 'the table i999 belongs to no collection and no index' }],
    ],
    [
      'an index without its table',
      (file) => file.exec(`DROP TABLE ${tableOf(file, SLUG)}`),
      [{ kind: 'catalog', namespace: 'shop.goods', index: 'slug_1' }],
    ],
    [
      'a collection without its table',
      (file) => file.exec('DROP TABLE d3'),
      [{ kind: 'catalog', namespace: 'other.empty', detail: 'the collection has no table d3' }],
    ],
    [
      'an index of no collection',
      (file) =>
        file.exec(
          'INSERT INTO indexes SELECT 77, 55, spec, multikey, NULL FROM indexes WHERE id=1; CREATE TABLE i77(a)',
        ),
      [{ kind: 'catalog', index: '_id_' }],
    ],
    [
      'an index with a broken description',
      (file) => file.exec(`UPDATE indexes SET spec=x'00' WHERE id=2`),
      [{ kind: 'catalog' }],
    ],
    [
      'saved progress that is broken',
      (file) => file.exec("UPDATE sessions SET progress=x'00', lsid=x'01'"),
      [
        { kind: 'session', detail: 'session 01 has an id that is not BSON' },
        { kind: 'session', detail: 'session 01 has progress that is not BSON' },
      ],
    ],
  ])('finds %s', async (_, damage, expected) => {
    const findings = findingsOf(await damagedFolder(damage));
    expect(findings).toHaveLength(expected.length);
    for (const [at, finding] of expected.entries()) expect(findings[at]).toMatchObject(finding);
  });

  it('finds entries an unfinished index should not have, and no others', async () => {
    const unfinished =
      (mark: number): Damage =>
      (file) =>
        file.exec(
          `UPDATE indexes SET built_to=${mark} WHERE id=${tableOf(file, SLUG).slice(1)}; ` +
            `DELETE FROM ${tableOf(file, SLUG)} WHERE rid>=50`,
        );
    expect(findingsOf(await damagedFolder(unfinished(50)))).toEqual([]);
    expect(findingsOf(await damagedFolder(unfinished(49)))).toMatchObject([{ kind: 'stray_entry', index: 'slug_1' }]);
    expect(findingsOf(await damagedFolder(unfinished(51)))).toMatchObject([{ kind: 'missing_entry', index: 'slug_1' }]);
  });

  it('says what is in the way when there is nothing to check', async () => {
    const empty = await makeFolder();
    expect(() => checkStore({ dataDir: empty })).toThrow(
      new StoreUnreadableError(`there is no data file at ${join(empty, 'store.db')}`),
    );
    await writeFile(join(empty, 'store.db'), 'x'.repeat(5000));
    expect(() => checkStore({ dataDir: empty })).toThrow(/file is not a database/);
    const old = await makeFormatOneFolder();
    expect(() => checkStore({ dataDir: old })).toThrow(/has format 1; start a store on it once/);
  });
});
