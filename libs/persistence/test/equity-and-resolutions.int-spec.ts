import { type AcceptedResolution, microUsdc, partsPerMillion } from '@app/domain';
import { EquitySnapshotRepository, ResolutionRepository } from '@app/persistence';
import { openTestDatabases, TestDatabases } from './test-databases';
import { aSnapshot, at } from './trading-records';

let databases: TestDatabases;

beforeAll(async () => {
  databases = await openTestDatabases();
});

afterAll(() => databases.close());

describe('equity snapshots', () => {
  let snapshots: EquitySnapshotRepository;
  beforeEach(async () => {
    snapshots = new EquitySnapshotRepository(databases.connection('trading_db'));
    await databases.empty('trading_db', 'equity_snapshots');
  });

  it('are listed by time in their run', async () => {
    const list = [
      aSnapshot('p1', { at: at(0), kind: 'after_flow', grain: 'day' }),
      aSnapshot('p1', { at: at(1), grain: 'hour' }),
      aSnapshot('p1', { at: at(2), liquidationValue: microUsdc(2n ** 60n + 1n) }),
      aSnapshot('p1', { at: at(3) }),
    ];
    await snapshots.insertMany([...list, aSnapshot('p1', { at: at(1), run: 2 }), aSnapshot('p2', { at: at(1) })]);
    const query = { portfolioId: 'p1', run: 1, from: at(0), to: at(2), limit: 10 };
    expect(await snapshots.listRange(query)).toEqual(list.slice(0, 3));
    expect(await snapshots.listRange({ ...query, limit: 1 })).toEqual(list.slice(0, 1));
    expect(await snapshots.listRange({ ...query, portfolioId: 'p3' })).toEqual([]);
  });

  it('taken twice stay as they were taken first, and hold up nothing else', async () => {
    const first = aSnapshot('p1', { cash: microUsdc(1n) });
    await snapshots.insertMany([first]);
    const other = aSnapshot('p1', { at: at(5) });
    await snapshots.insertMany([aSnapshot('p1', { cash: microUsdc(2n) }), other]);
    const query = { portfolioId: 'p1', run: 1, from: at(0), to: at(9), limit: 10 };
    expect(await snapshots.listRange(query)).toEqual([first, other]);
  });

  it('of days stay, the others have a time they are removed at', async () => {
    await snapshots.insertMany([
      aSnapshot('p1', { at: at(1), grain: 'sample' }),
      aSnapshot('p1', { at: at(2), grain: 'hour' }),
      aSnapshot('p1', { at: at(3), grain: 'day' }),
    ]);
    const stored = await databases
      .connection('trading_db')
      .collection('equity_snapshots')
      .find({}, { sort: { _id: 1 }, projection: { _id: 0, grain: 1, expires_at: 1 } })
      .toArray();
    expect(stored).toEqual([
      { grain: 'sample', expires_at: new Date('2026-11-25T10:00:01.000Z') },
      { grain: 'hour', expires_at: new Date('2027-05-21T10:00:02.000Z') },
      { grain: 'day' },
    ]);
  });
});

describe('resolutions', () => {
  let resolutions: ResolutionRepository;
  beforeEach(async () => {
    resolutions = new ResolutionRepository(databases.connection('markets_db'));
    await databases.empty('markets_db', 'resolutions');
  });

  const aResolution = (conditionId: string, version: number, seconds: number): AcceptedResolution => ({
    conditionId,
    marketId: 'will-it-rain',
    version,
    tokenIds: ['1001', '1002'],
    payouts: [partsPerMillion(1_000_000n), partsPerMillion(0n)],
    source: 'clob',
    evidence: 'CLOB: closed, winner Yes (token 1001).',
    acceptedAt: at(seconds),
  });

  it('hold in their newest version, and keep the others', async () => {
    expect(await resolutions.find('c1')).toBeNull();
    expect(await resolutions.record(aResolution('c1', 1, 1))).toBe(true);
    for (let version = 2; version <= 11; version += 1) await resolutions.record(aResolution('c1', version, version));
    expect(await resolutions.find('c1')).toEqual(aResolution('c1', 11, 11));
    expect(await databases.connection('markets_db').collection('resolutions').countDocuments({})).toBe(11);
  });

  it('are recorded once in each version, by whoever was first', async () => {
    const outcomes = await Promise.all([1, 2, 3].map((seconds) => resolutions.record(aResolution('c1', 1, seconds))));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });

  it('are found by market, and by when they were accepted', async () => {
    for (const one of [aResolution('c1', 1, 1), aResolution('c1', 2, 5), aResolution('c2', 1, 3)]) {
      await resolutions.record(one);
    }
    const found = await resolutions.findMany(['c1', 'c2', 'c3']);
    expect([...found.values()].map(({ conditionId, version }) => [conditionId, version])).toEqual([
      ['c1', 2],
      ['c2', 1],
    ]);
    const recent = await resolutions.listAcceptedSince(at(3));
    expect(recent.map(({ conditionId, version }) => [conditionId, version])).toEqual([
      ['c2', 1],
      ['c1', 2],
    ]);
  });

  it.each<[object, object, string]>([
    [{ condition_id: { $in: ['a', 'b'] } }, { condition_id: 1, version: 1 }, 'of_condition'],
    [{ created_at: { $gte: at(0) } }, { created_at: 1, _id: 1 }, 'accepted'],
  ])('indexes › %j in order %j is served by %s', async (filter, sort, index) => {
    expect(await databases.indexesUsed('markets_db', 'resolutions', filter, sort)).toContain(index);
  });
});
