import { waitFor } from '@app/testing';
import { BSON } from 'bson';
import { Cursor, CURSOR_IDLE_MS, CursorTable } from '../src/commands/cursors';
import { DocumentWriter } from '../src/storage/document-writer';
import { Storage } from '../src/storage/storage';
import { CommittedView } from '../src/transactions/committed-view';
import { type RetryKey, Sessions } from '../src/transactions/sessions';
import type { Transaction } from '../src/transactions/transaction';
import { TransactionTable } from '../src/transactions/transaction-table';
import { makeFolder, removeFolders } from './data-files';

const bytes = (document: object): Buffer => Buffer.from(BSON.serialize(document));

afterEach(removeFolders);

describe('a transaction nobody ends', () => {
  it('is aborted when its time is over, and lets go of what it has locked', async () => {
    const storage = new Storage(await makeFolder(), 'normal');
    const ended: Transaction[] = [];
    const options = { storage, sessions: new Sessions(storage), onEnd: (one: Transaction) => ended.push(one) };
    const table = new TransactionTable({ ...options, lifetimeMs: 50 });
    const keyOf = (name: string): RetryKey => ({ session: Buffer.from(name), name, number: 1n });
    const collection = await storage.write(() => {
      const created = storage.create('shop', 'goods');
      new DocumentWriter(storage).insert(created, bytes({ _id: 1 }));
      return created;
    });

    const abandoned = table.start(keyOf('abandoned'));
    abandoned.replace(collection, 1, bytes({ _id: 1 }), bytes({ _id: 1, n: 1 }), null);
    expect(storage.locks.documentHolder(collection, 1)).not.toBeNull();
    await waitFor(() => ended.length > 0, { what: 'the end of the transaction' });

    expect(ended).toEqual([abandoned]);
    expect(storage.locks.documentHolder(collection, 1)).toBeNull();
    expect(() => table.get(keyOf('abandoned'))).toThrow('has been aborted');
    expect(new CommittedView(storage).fetch(collection, 1)).toEqual(bytes({ _id: 1 }));
    table.close();
    storage.close();
  });
});

describe('a cursor nobody reads', () => {
  it('is dropped after ten minutes, and one that is read is kept', () => {
    const cursors = new CursorTable();
    const cursor = new Cursor('shop.goods', [[bytes({ _id: 1 })]][Symbol.iterator](), {});
    const id = cursors.keep(cursor);
    cursors.dropIdle(cursor.usedAt + CURSOR_IDLE_MS);
    expect(cursors.get(id)).toBe(cursor);
    cursors.dropIdle(cursor.usedAt + CURSOR_IDLE_MS + 1);
    expect(() => cursors.get(id)).toThrow(`cursor id ${id} not found`);
  });
});
