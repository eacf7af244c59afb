import {
  IndexConflictError,
  openConnection,
  PersistenceModule,
  prepareDatabases,
  SchemaTooNewError,
} from '@app/persistence';
import { HealthRegistry, PlatformModule } from '@app/platform';
import { startTestStore, TestStore } from '@app/testing';
import { getConnectionToken } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import { Connection } from 'mongoose';

const NOW = new Date('2026-11-22T10:00:00Z');
const LATER = new Date('2026-11-23T10:00:00Z');

let store: TestStore;
let root: Connection;
let prefix: string;
let round = 0;

beforeAll(async () => {
  store = await startTestStore();
  root = await openConnection({ uri: store.uri });
});

afterAll(async () => {
  await root.close();
  await store.stop();
});

beforeEach(() => {
  round += 1;
  prefix = `${store.databasePrefix}${round}_`;
});

const db = (name: string): ReturnType<ReturnType<Connection['getClient']>['db']> =>
  root.getClient().db(`${prefix}${name}`);
const prepare = (now = NOW): Promise<void> => prepareDatabases({ db }, now);
const indexNames = async (database: string, collection: string): Promise<string[]> =>
  (await db(database).collection(collection).indexes()).map((index) => index.name ?? '').sort();

describe('preparing the databases', () => {
  it('registers all four with their purpose and version, and again without a change', async () => {
    await prepare();
    await prepare(LATER);
    const registered = await db('system_db').collection('db_registry').find().sort({ _id: 1 }).toArray();
    expect(registered.map(({ _id }) => String(_id))).toEqual(['auth_db', 'markets_db', 'system_db', 'trading_db']);
    expect(registered[1]).toMatchObject({
      database: `${prefix}markets_db`,
      database_schema_version: 1,
      created_at: NOW,
      updated_at: LATER,
    });
    expect(registered[1]?.collections).toContain('markets');
    for (const name of ['auth_db', 'trading_db', 'markets_db', 'system_db']) {
      expect(await db(name).collection('_metadata').findOne({})).toMatchObject({ schema_version: 1, created_at: NOW });
    }
  });

  it('ensures every index, and leaves those of an operator alone', async () => {
    await prepare();
    await db('markets_db').collection('markets').createIndex({ category: 1 }, { name: 'mine' });
    await prepare();
    expect(await indexNames('markets_db', 'markets')).toEqual([
      '_id_',
      'clob_token_ids',
      'condition_id',
      'event_slug',
      'list_end_date',
      'list_liquidity_num',
      'list_venue_created_at',
      'list_volume_24hr',
      'list_volume_num',
      'mine',
      'open_gamma_ids',
      'search',
      'tag_slugs',
    ]);
    expect(await indexNames('system_db', 'job_runs')).toEqual([
      '_id_',
      'finished_expiry',
      'one_open_per_kind',
      'waiting',
    ]);
  });

  it('rebuilds an index whose definition changed', async () => {
    const markets = db('markets_db').collection('markets');
    await markets.createIndex({ event_slug: 1 }, { name: 'event_slug' });
    await markets.insertOne({ event_slug: 'kept' });
    await prepare();
    const index = (await markets.indexes()).find(({ name }) => name === 'event_slug');
    expect(index?.key).toEqual({ event_slug: 1, volume_num: -1, _id: 1 });
    expect(await markets.countDocuments({})).toBe(1);
  });

  it('refuses to rebuild a unique index over documents, naming it', async () => {
    const jobs = db('system_db').collection('job_runs');
    await jobs.createIndex({ open_kind: 1, state: 1 }, { name: 'one_open_per_kind', unique: true });
    await jobs.insertOne({ open_kind: 'full' });
    const refusal = prepare();
    await expect(refusal).rejects.toThrow(IndexConflictError);
    await expect(refusal).rejects.toThrow(/one_open_per_kind/);
  });

  it('refuses databases of newer code before touching any', async () => {
    await db('system_db')
      .collection<{ _id: string }>('_metadata')
      .insertOne({ _id: 'schema', schema_version: 99 } as never);
    await expect(prepare()).rejects.toThrow(SchemaTooNewError);
    expect(await db('auth_db').collection('_metadata').countDocuments({})).toBe(0);
  });

  it('can be done by several processes at once', async () => {
    await Promise.all([prepare(), prepare(), prepare()]);
    expect(await indexNames('markets_db', 'market_changes')).toEqual(['_id_', 'newest', 'of_market']);
  });
});

describe('PersistenceModule', () => {
  it('offers the four connections over one client and reports each database to health', async () => {
    const module = await Test.createTestingModule({
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot({ uri: store.uri, databasePrefix: prefix }),
      ],
    }).compile();
    try {
      const connections = ['auth_db', 'trading_db', 'markets_db', 'system_db'].map((name) =>
        module.get<Connection>(getConnectionToken(name)),
      );
      expect(new Set(connections.map((connection) => connection.getClient())).size).toBe(1);
      expect(connections.map(({ name }) => name)).toEqual(
        ['auth_db', 'trading_db', 'markets_db', 'system_db'].map((name) => `${prefix}${name}`),
      );
      const health = await module.get(HealthRegistry).check();
      expect(health.checks.markets_db).toMatchObject({ status: 'up' });
    } finally {
      await module.close();
    }
  });

  it('says that the database cannot be reached when nobody listens there', async () => {
    const nowhere = openConnection({ uri: 'mongodb://127.0.0.1:1/', serverSelectionTimeoutMs: 50 });
    await expect(nowhere).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
  });
});
