import { microPrice, microUsdc } from '@app/domain';
import {
  JobRunRepository,
  MarketChangeRepository,
  OpenInterestRepository,
  PriceHistoryRepository,
  StagedPage,
  StagedPageRepository,
  SyncState,
  SyncStateRepository,
  VenueClaimRepository,
} from '@app/persistence';
import { openTestDatabases, TestDatabases } from './test-databases';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 22, 10, 0, seconds));

let databases: TestDatabases;

beforeAll(async () => {
  databases = await openTestDatabases();
});

afterAll(() => databases.close());

describe('sync states', () => {
  let states: SyncStateRepository;
  beforeEach(async () => {
    states = new SyncStateRepository(databases.connection('markets_db'));
    await databases.empty('markets_db', 'sync_state');
  });

  const aState = (overrides: Partial<SyncState> = {}): SyncState => ({
    kind: 'full',
    runId: 'run-1',
    state: 'running',
    activeOnly: false,
    limit: null,
    baseline: true,
    partitions: [
      {
        name: 'open',
        cursor: 'c',
        pages: 3,
        rows: 300,
        lastId: '12345678901234567890',
        firstId: '7',
        done: false,
        error: null,
      },
    ],
    newestId: '99',
    fetched: 300,
    written: 290,
    unchanged: 9,
    failed: 1,
    duplicates: 2,
    failures: [{ path: 'markets[3].outcomes', reason: 'found nothing', id: '17' }],
    ratePerSecond: 1234.5,
    percent: 42.1,
    etaSeconds: 17,
    startedAt: at(0),
    progressedAt: at(5),
    finishedAt: null,
    lastError: 'the venue did not answer',
    coveredSince: at(1),
    coveredRows: [{ name: 'open', rows: 7 }],
    ...overrides,
  });

  it('come back as saved', async () => {
    expect(await states.find('full')).toBeNull();
    expect(await states.save(aState(), 1, at(5))).toBe(true);
    expect(await states.find('full')).toEqual(aState());
    expect(await states.find('incremental')).toBeNull();
  });

  it('are not overwritten by a holder that was replaced', async () => {
    await states.save(aState(), 2, at(5));
    expect(await states.save(aState({ runId: 'stale' }), 1, at(6))).toBe(false);
    expect(await states.save(aState({ runId: 'run-2' }), 3, at(6))).toBe(true);
    expect((await states.find('full'))?.runId).toBe('run-2');
  });
});

describe('the lease', () => {
  let states: SyncStateRepository;
  beforeEach(async () => {
    states = new SyncStateRepository(databases.connection('markets_db'));
    await databases.empty('markets_db', 'sync_state');
  });
  const ask = (holder: string, now: Date, until: Date, deadHolder?: string): ReturnType<typeof states.acquireLease> =>
    states.acquireLease({ holder, kind: 'full', until, ...(deadHolder === undefined ? {} : { deadHolder }) }, now);

  it('has one holder until it runs out, and a higher token each time', async () => {
    const first = await ask('a', at(0), at(30));
    expect(first).toMatchObject({ holder: 'a', token: 1 });
    expect(await ask('b', at(10), at(40))).toBeNull();
    expect(await states.findLease()).toMatchObject({ holder: 'a', until: at(30) });
    expect(await ask('b', at(31), at(60))).toMatchObject({ holder: 'b', token: 2 });
    expect(await states.renewLease(first!, at(90), at(32))).toBe(false);
  });

  it('goes to exactly one of many who ask at once', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => ask(holder, at(0), at(30))));
    expect(answers.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('is taken from a holder known to be dead, but from nobody else', async () => {
    await ask('dead', at(0), at(30));
    expect(await ask('b', at(1), at(31), 'someone else')).toBeNull();
    expect(await ask('b', at(1), at(31), 'dead')).toMatchObject({ holder: 'b' });
  });

  it('is free once given back, by its holder only', async () => {
    const lease = await ask('a', at(0), at(30));
    await states.releaseLease({ holder: 'b', token: 1 }, at(1));
    expect(await ask('b', at(1), at(31))).toBeNull();
    await states.releaseLease(lease!, at(2));
    expect(await states.findLease()).toBeNull();
    expect(await ask('b', at(2), at(32))).not.toBeNull();
  });

  it('lasts while it is renewed', async () => {
    const lease = await ask('a', at(0), at(30));
    expect(await states.renewLease(lease!, at(50), at(20))).toBe(true);
    expect(await ask('b', at(31), at(60))).toBeNull();
  });
});

describe('staged pages', () => {
  let staged: StagedPageRepository;
  beforeEach(async () => {
    staged = new StagedPageRepository(databases.connection('markets_db'));
    await databases.empty('markets_db', 'sync_pages');
  });
  const aPage = (overrides: Partial<StagedPage> = {}): StagedPage => ({
    runId: 'run-1',
    partition: 'open',
    sequence: 0,
    body: Buffer.from([0, 255, 1, 2]),
    nextCursor: 'next',
    fetchedAt: at(0),
    ...overrides,
  });
  const list = async (runId: string): Promise<StagedPage[]> => {
    const pages: StagedPage[] = [];
    for await (const page of staged.listOfRun(runId)) pages.push(page);
    return pages;
  };

  it('come back byte for byte, partition by partition in the order they were fetched', async () => {
    const pages = [
      aPage({ partition: 'closed', fetchedAt: at(1), nextCursor: null }),
      aPage({ sequence: 0 }),
      ...Array.from({ length: 10 }, (_, index) => aPage({ sequence: index + 1, fetchedAt: at(2) })),
    ];
    for (const page of [...pages].reverse()) await staged.stage(page, at(9));
    expect(await list('run-1')).toEqual(pages);
  });

  it('are kept once, and forgotten on request', async () => {
    await staged.stage(aPage(), at(0));
    await staged.stage(aPage({ nextCursor: 'other' }), at(1));
    await staged.stage(aPage({ sequence: 1 }), at(1));
    await staged.stage(aPage({ runId: 'run-2' }), at(1));
    expect((await list('run-1'))[0]?.nextCursor).toBe('next');
    await staged.remove([aPage()]);
    expect((await list('run-1')).map(({ sequence }) => sequence)).toEqual([1]);
    await staged.removeOtherRuns('run-1');
    expect(await list('run-2')).toEqual([]);
    await staged.removeOtherRuns(null);
    expect(await list('run-1')).toEqual([]);
  });
});

describe('market changes', () => {
  it('are logged once by key, listed newest first, and can be taken back', async () => {
    const changes = new MarketChangeRepository(databases.connection('markets_db'));
    const change = (slug: string, seconds: number): Parameters<typeof changes.append>[0][number] => ({
      key: `${slug}:${seconds}`,
      slug,
      kind: 'closed',
      at: at(seconds),
      before: null,
      after: null,
    });
    await changes.append([change('a', 1), change('b', 2)], at(2));
    await changes.append([change('a', 1), change('a', 3)], at(3));
    expect((await changes.listNewest({ limit: 10 })).map(({ slug, at: when }) => [slug, when])).toEqual([
      ['a', at(3)],
      ['b', at(2)],
      ['a', at(1)],
    ]);
    await changes.remove(['a:3']);
    expect(await changes.listNewest({ slug: 'a', limit: 10 })).toHaveLength(1);
  });
});

describe('price history and open interest', () => {
  it('keeps a series under token, grain and bucket', async () => {
    const history = new PriceHistoryRepository(databases.connection('markets_db'));
    const piece = {
      tokenId: '123',
      grain: '60m',
      bucket: 'max',
      points: [
        { t: 1_771_901_422, p: microPrice(405_000n) },
        { t: 1_771_905_022, p: microPrice(1_000_000n) },
      ],
      fetchedAt: at(0),
      final: false,
      expiresAt: new Date('2100-01-01T00:00:00Z'),
    };
    await history.save(piece, at(0));
    expect(await history.findMany([{ ...piece, grain: '1m' }, piece])).toEqual([null, piece]);
    await history.save({ ...piece, points: [], final: true }, at(1));
    expect(await history.findMany([piece])).toMatchObject([{ points: [], final: true }]);
    expect(await history.findMany([])).toEqual([]);
  });

  it('keeps the last open interest of each market', async () => {
    const openInterest = new OpenInterestRepository(databases.connection('markets_db'));
    const value = (id: string, amount: bigint): Parameters<typeof openInterest.saveMany>[0][number] => ({
      conditionId: id,
      value: microUsdc(amount),
      fetchedAt: at(0),
    });
    await openInterest.saveMany([value('0x1', 5n), value('0x2', 2n ** 60n)], at(0));
    await openInterest.saveMany([value('0x1', 6n)], at(1));
    const found = await openInterest.findMany(['0x1', '0x2', '0x3']);
    expect(found.size).toBe(2);
    expect(found.get('0x1')?.value).toBe(6n);
    expect(found.get('0x2')).toEqual(value('0x2', 2n ** 60n));
  });
});

describe('jobs', () => {
  let jobs: JobRunRepository;
  beforeEach(async () => {
    jobs = new JobRunRepository(databases.connection('system_db'));
    await databases.empty('system_db', 'job_runs');
  });
  const queue = (id: string, kind: 'full' | 'incremental' = 'full'): ReturnType<typeof jobs.enqueue> =>
    jobs.enqueue({ id, kind, parameters: { limit: 50, activeOnly: true }, requestedBy: 'ann' }, at(0));
  const progress = { fetched: 5, written: 4, unchanged: 1, failed: 0, percent: 50 };

  it('are queued one at a time per kind', async () => {
    expect(await queue('j1')).toMatchObject({ state: 'queued', parameters: { limit: 50, activeOnly: true } });
    expect(await queue('j2')).toBeNull();
    expect(await queue('j3', 'incremental')).not.toBeNull();
    expect((await jobs.findOpen('full'))?.id).toBe('j1');
  });

  it('are listed by page, the latest first', async () => {
    await queue('j1');
    await queue('j2', 'incremental');
    const ids = async (page: number, pageSize: number): Promise<[string[], number]> => {
      const { jobs: listed, total } = await jobs.list({ page, pageSize });
      return [listed.map(({ id }) => id), total];
    };
    expect(await ids(1, 20)).toEqual([['j2', 'j1'], 2]);
    expect(await ids(2, 1)).toEqual([['j1'], 2]);
    expect(await ids(3, 1)).toEqual([[], 2]);
  });

  it('go through a worker to their end, and make room for the next', async () => {
    await queue('j1');
    expect(await jobs.claimNext('w1', at(30), at(1))).toMatchObject({ id: 'j1', state: 'running', startedAt: at(1) });
    expect(await jobs.claimNext('w2', at(30), at(2))).toBeNull();
    expect(await jobs.progress('j1', 'w1', progress, at(40), at(3))).toBe(true);
    await jobs.finish('j1', 'w1', { state: 'completed', progress, lastError: null }, at(4));
    expect(await jobs.find('j1')).toMatchObject({ state: 'completed', progress, finishedAt: at(4) });
    expect(await jobs.findOpen('full')).toBeNull();
    expect(await queue('j2')).not.toBeNull();
  });

  it('pass to another worker when the first is not heard of, or stops', async () => {
    await queue('j1');
    await jobs.claimNext('w1', at(30), at(1));
    expect(await jobs.claimNext('w2', at(90), at(31))).toMatchObject({ id: 'j1' });
    expect(await jobs.progress('j1', 'w1', progress, at(99), at(32))).toBe(false);
    await jobs.requeue('j1', 'w2', at(33));
    expect(await jobs.find('j1')).toMatchObject({ state: 'queued' });
  });

  it('belong to one of several workers that ask at once', async () => {
    await queue('j1');
    const claims = await Promise.all(['w1', 'w2', 'w3'].map((worker) => jobs.claimNext(worker, at(30), at(1))));
    expect(claims.filter((job) => job !== null)).toHaveLength(1);
  });
});

describe('the venue claim', () => {
  it('stays with the first venue', async () => {
    const claims = new VenueClaimRepository(databases.connection('system_db'));
    expect(await claims.claim('simulated', at(0))).toBe('simulated');
    expect(await claims.claim('polymarket', at(1))).toBe('simulated');
  });
});
