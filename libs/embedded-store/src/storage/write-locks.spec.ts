import { CollectionRecord } from './catalog';
import { type LockHolder, WriteLockedError, WriteLocks } from './write-locks';

const collection = new CollectionRecord(1, 'db', 'items', Buffer.alloc(16), 0, 1, []);
const key = Buffer.from([1, 2]);

const holder = (): LockHolder => ({ ended: Promise.resolve() });

describe('the locks of transactions', () => {
  it('keep documents, keys and collections until they are released', () => {
    const locks = new WriteLocks();
    const owner = holder();
    locks.lockDocument(owner, collection, 7);
    locks.lockKey(owner, 'db.items', 'slug_1', key);
    expect(() => locks.checkDocument(collection, 7)).toThrow(WriteLockedError);
    expect(() => locks.checkKey('db.items', 'slug_1', key)).toThrow(WriteLockedError);
    expect(() => locks.checkCollection('db.items')).toThrow(WriteLockedError);
    locks.checkDocument(collection, 8);
    locks.checkKey('db.items', 'other_1', key);
    locks.checkCollection('db.others');
    locks.release(owner);
    locks.checkDocument(collection, 7);
    locks.checkKey('db.items', 'slug_1', key);
    locks.checkCollection('db.items');
    expect(locks.isEmpty).toBe(true);
  });

  it('name who holds them, and survive the release of others', () => {
    const locks = new WriteLocks();
    const [one, two] = [holder(), holder()];
    locks.lockDocument(one, collection, 1);
    locks.lockDocument(two, collection, 2);
    locks.release(one);
    expect([locks.documentHolder(collection, 1), locks.documentHolder(collection, 2)]).toEqual([null, two]);
    expect(locks.collectionHolder('db.items')).toBe(two);
  });
});
