import { CollectionRecord } from './catalog';
import { ChangeLog } from './change-log';

const collection = new CollectionRecord(1, 'db', 'items', Buffer.alloc(16), 0, 1, []);

function commit(log: ChangeLog, ...rids: number[]): void {
  for (const rid of rids) log.noteDocument(collection, rid);
  log.settle(true);
}

describe('the change log', () => {
  it('tells what was committed after a snapshot, and only that', () => {
    const log = new ChangeLog();
    commit(log, 1);
    log.noteDocument(collection, 2);
    const snapshot = log.openSnapshot();
    // What was under way when the snapshot was opened is not in it.
    log.settle(true);
    commit(log, 3);
    log.noteDocument(collection, 4);
    log.settle(false);
    const changed = [1, 2, 3, 4].filter((rid) => log.documentChangedSince(snapshot, collection, rid));
    expect(changed).toEqual([2, 3]);
  });

  it('tells which collections were made, dropped or indexed', () => {
    const log = new ChangeLog();
    const snapshot = log.openSnapshot();
    log.noteNamespace('db.items');
    expect([log.changesCatalog, log.namespaceChangedSince(snapshot, 'db.items')]).toEqual([true, false]);
    log.settle(true);
    expect([log.changesCatalog, log.namespaceChangedSince(snapshot, 'db.items')]).toEqual([false, true]);
    expect(log.namespaceChangedSince(log.openSnapshot(), 'db.items')).toBe(false);
  });

  it('remembers for the oldest snapshot when it forgets what is older', () => {
    const log = new ChangeLog();
    const first = log.openSnapshot();
    commit(log, 1);
    const second = log.openSnapshot();
    log.closeSnapshot(first);
    for (let rid = 2; rid < 30_000; rid += 1) commit(log, rid);
    const changed = [1, 2, 29_999].map((rid) => log.documentChangedSince(second, collection, rid));
    expect(changed).toEqual([false, true, true]);
  });

  it('starts anew when the last snapshot is closed', () => {
    const log = new ChangeLog();
    const [one, two] = [log.openSnapshot(), log.openSnapshot()];
    commit(log, 1);
    log.closeSnapshot(one);
    expect(log.documentChangedSince(two, collection, 1)).toBe(true);
    log.closeSnapshot(two);
    const next = log.openSnapshot();
    expect(log.documentChangedSince(next, collection, 1)).toBe(false);
  });
});
