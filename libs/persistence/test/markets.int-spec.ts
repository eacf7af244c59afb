import { microPrice, microUsdc, partsPerMillion } from '@app/domain';
import { aVenueMarket } from '@app/testing';
import { marketContentHash, MarketRepository, MarketWrite } from '@app/persistence';
import { openTestDatabases, TestDatabases } from './test-databases';

const NOW = new Date('2026-11-22T10:00:00Z');
const LATER = new Date('2026-11-22T11:00:00Z');

let databases: TestDatabases;
let markets: MarketRepository;

beforeAll(async () => {
  databases = await openTestDatabases();
  markets = new MarketRepository(databases.connection('markets_db'));
});

afterAll(() => databases.close());

beforeEach(() => databases.empty('markets_db', 'markets'));

function aWrite(overrides: Parameters<typeof aVenueMarket>[0], rest: Partial<MarketWrite> = {}): MarketWrite {
  const market = aVenueMarket(overrides);
  return { market, contentHash: marketContentHash(market), previous: null, fetchedAt: NOW, ...rest };
}

/** Stores markets numbered from 1; each is called `m-<n>` and has an own venue id and condition id. */
async function store(...overrides: Parameters<typeof aVenueMarket>[0][]): Promise<void> {
  const writes = overrides.map((one, index) =>
    aWrite({ slug: `m-${index + 1}`, gammaId: `${index + 1}`, conditionId: `0x${index + 1}`, ...one }),
  );
  expect(await markets.writeBatch(writes, NOW)).toEqual({ written: overrides.length, failures: [], renamed: [] });
}

const slugs = (rows: readonly { slug: string }[]): string[] => rows.map((row) => row.slug);
const ALL = { skip: 0, limit: 100 };
const BY_VOLUME = { key: 'volume', descending: true } as const;

describe('writing', () => {
  it('keeps every field, and when the market was first seen', async () => {
    const first = aWrite({ slug: 'a', gammaId: '7', conditionId: '0xa', volumeTotal: microUsdc(2n ** 62n) });
    await markets.writeBatch([first], NOW);
    expect(await markets.findBySlug('a')).toEqual({ ...first.market, firstSyncedAt: NOW, lastSyncedAt: NOW });

    const previous = (await markets.findFingerprints(['a', 'unknown'])).get('a')!;
    const second = aWrite({ ...first.market, closed: true }, { previous, fetchedAt: LATER });
    expect(await markets.writeBatch([second], LATER)).toEqual({ written: 1, failures: [], renamed: [] });
    expect(await markets.findByConditionId('0xa')).toEqual({
      ...second.market,
      firstSyncedAt: NOW,
      lastSyncedAt: LATER,
    });
  });

  it('stores the same when a batch is repeated as if nothing were known', async () => {
    const batch = [1, 2, 3].map((n) => aWrite({ slug: `m-${n}`, gammaId: `${n}`, conditionId: `0x${n}` }));
    await markets.writeBatch(batch, NOW);
    expect(await markets.writeBatch(batch, LATER)).toEqual({ written: 3, failures: [], renamed: [] });
    expect(await markets.count({})).toBe(3);
    const kept = await markets.findFingerprints(['m-1']);
    expect(kept.get('m-1')).toMatchObject({ createdAt: NOW, firstSyncedAt: NOW, updatedAt: LATER });
  });

  it('moves a market to its new slug', async () => {
    await store({});
    const renamed = aWrite({ slug: 'new-name', gammaId: '1', conditionId: '0x1' }, { fetchedAt: LATER });
    expect(await markets.writeBatch([renamed], LATER)).toEqual({
      written: 1,
      failures: [],
      renamed: [{ from: 'm-1', to: 'new-name' }],
    });
    expect(await markets.findBySlug('m-1')).toBeNull();
    expect(await markets.findBySlug('new-name')).toMatchObject({ firstSyncedAt: NOW, lastSyncedAt: LATER });
  });

  it('refuses a second market with the same on-chain id and stores the rest of the batch', async () => {
    await store({});
    const result = await markets.writeBatch(
      [
        aWrite({ slug: 'impostor', gammaId: '99', conditionId: '0x1' }),
        aWrite({ slug: 'good', gammaId: '100', conditionId: '0x64' }),
      ],
      NOW,
    );
    expect(result).toEqual({
      written: 1,
      failures: [{ slug: 'impostor', reason: 'condition id 0x1 already belongs to market m-1' }],
      renamed: [],
    });
    expect(await markets.findBySlug('good')).not.toBeNull();
  });

  it('takes any number of markets without an on-chain id', async () => {
    await store({ conditionId: null }, { conditionId: null });
    expect((await markets.findBySlug('m-2'))?.conditionId).toBeNull();
  });

  it('notes a comparison that found nothing new', async () => {
    await store({}, {});
    await markets.touch(['m-2'], LATER);
    expect((await markets.findBySlug('m-1'))?.lastSyncedAt).toEqual(NOW);
    expect((await markets.findBySlug('m-2'))?.lastSyncedAt).toEqual(LATER);
  });
});

describe('reading', () => {
  it('finds several by slug or condition id and leaves unknown ones out', async () => {
    await store({}, {}, {});
    expect(slugs(await markets.findManyBySlugs(['m-3', 'm-1', 'nobody'])).sort()).toEqual(['m-1', 'm-3']);
    expect(slugs(await markets.findManyByConditionIds(['0x2', '0xnobody']))).toEqual(['m-2']);
  });

  it('finds which of several markets ended, take no orders or are past their scheduled end', async () => {
    const endDate = LATER;
    await store(
      { endDate },
      { closed: true },
      { active: false },
      { acceptingOrders: false },
      { enableOrderBook: false },
    );
    const asked = ['0x1', '0x2', '0x3', '0x4', '0x5', '0xnobody'];
    expect((await markets.findEndedConditionIds(asked, NOW)).sort()).toEqual(['0x2', '0x3', '0x4', '0x5']);
    expect((await markets.findEndedConditionIds(asked.slice(0, 2), LATER)).sort()).toEqual(['0x1', '0x2']);
    expect(await markets.findEndedConditionIds([], LATER)).toEqual([]);
  });

  it('gives what the change log compares', async () => {
    const resolution = {
      status: 'resolved' as const,
      winningOutcomeIndex: 0,
      payouts: [partsPerMillion(1_000_000n), partsPerMillion(0n)],
      resolvedAt: NOW,
    };
    await store({ tickSize: microPrice(10_000n), resolution, closed: true });
    const fingerprint = (await markets.findFingerprints(['m-1'])).get('m-1');
    expect(fingerprint).toMatchObject({ gammaId: '1', closed: true, tickSize: 10_000n, resolution });
  });

  it('lists the venue ids of open markets', async () => {
    await store({}, { closed: true }, { active: false });
    expect((await markets.listOpenGammaIds()).sort()).toEqual(['1', '3']);
  });

  it('counts by state', async () => {
    await store({}, { active: false }, { closed: true }, { closed: true, active: false });
    expect(await markets.countByState()).toEqual({ total: 4, open: 2, active: 1, closed: 2 });
  });
});

describe('lists', () => {
  const usdc = (amount: number): ReturnType<typeof microUsdc> => microUsdc(BigInt(amount) * 1_000_000n);

  it('sorts by every key both ways, equal values by slug', async () => {
    await store(
      { volumeTotal: usdc(5), volume24h: usdc(1), liquidity: usdc(3) },
      { volumeTotal: usdc(9), volume24h: usdc(3), liquidity: usdc(2), closed: true },
      { volumeTotal: usdc(5), volume24h: usdc(2), liquidity: usdc(1), active: false },
    );
    const order = async (key: 'volume' | 'volume_24h' | 'liquidity', descending: boolean): Promise<string[]> =>
      slugs(await markets.listPage({}, { key, descending }, ALL));
    expect(await order('volume', true)).toEqual(['m-2', 'm-1', 'm-3']);
    expect(await order('volume', false)).toEqual(['m-3', 'm-1', 'm-2']);
    expect(await order('volume_24h', true)).toEqual(['m-2', 'm-3', 'm-1']);
    expect(await order('liquidity', false)).toEqual(['m-3', 'm-2', 'm-1']);
  });

  it('sorts by end date and venue creation date', async () => {
    const day = (d: number): Date => new Date(Date.UTC(2026, 0, d));
    await store({ endDate: day(2), venueCreatedAt: day(1) }, { endDate: day(1), venueCreatedAt: day(2) });
    expect(slugs(await markets.listPage({}, { key: 'end_date', descending: false }, ALL))).toEqual(['m-2', 'm-1']);
    expect(slugs(await markets.listPage({}, { key: 'created_at', descending: true }, ALL))).toEqual(['m-2', 'm-1']);
  });

  it('pages without overlap and counts the same filter', async () => {
    await store(...Array.from({ length: 7 }, (_, index) => ({ volumeTotal: usdc(index) })));
    const pages = await Promise.all(
      [0, 3, 6].map((skip) => markets.listPage({ closed: false }, BY_VOLUME, { skip, limit: 3 })),
    );
    expect(pages.map(slugs)).toEqual([['m-7', 'm-6', 'm-5'], ['m-4', 'm-3', 'm-2'], ['m-1']]);
    expect(await markets.count({ closed: false })).toBe(7);
    expect(await markets.count({ closed: true })).toBe(0);
  });

  it('filters by state, ranges, event and tag', async () => {
    const event = { id: '1', slug: 'big-event', title: 'E', negRisk: false, negRiskAugmented: false, seriesSlug: null };
    await store(
      {
        volumeTotal: usdc(10),
        liquidity: usdc(1),
        event,
        tags: [{ id: '1', label: 'US Politics', slug: 'us-politics' }],
      },
      { volumeTotal: usdc(20), liquidity: usdc(2), event: null, tags: [], endDate: new Date('2026-05-01T00:00:00Z') },
      { volumeTotal: usdc(30), liquidity: usdc(3), event, tags: [], closed: true, active: false },
    );
    const found = async (filter: Parameters<MarketRepository['listPage']>[0]): Promise<string[]> => {
      const rows = slugs(await markets.listPage(filter, BY_VOLUME, ALL));
      expect(await markets.count(filter)).toBe(rows.length);
      return rows;
    };
    expect(await found({ active: true, closed: false })).toEqual(['m-2', 'm-1']);
    expect(await found({ volumeMin: usdc(10), volumeMax: usdc(20) })).toEqual(['m-2', 'm-1']);
    expect(await found({ liquidityMin: usdc(3) })).toEqual(['m-3']);
    expect(await found({ eventSlug: 'big-event' })).toEqual(['m-3', 'm-1']);
    expect(await found({ eventSlug: 'big-event', closed: false })).toEqual(['m-1']);
    expect(await found({ tag: 'us-politics' })).toEqual(['m-1']);
    expect(await found({ tag: 'US Politics' })).toEqual(['m-1']);
    expect(
      await found({ endDateMin: new Date('2026-04-30T00:00:00Z'), endDateMax: new Date('2026-05-02T00:00:00Z') }),
    ).toEqual(['m-2']);
  });

  it('searches question and description, the question counting more, in any script', async () => {
    await store(
      { question: 'Will the bridge open?', description: 'An election is not part of this.' },
      { question: 'Who wins the election?', description: 'Resolves by the official count.' },
      { question: 'Ausgang der Bürgermeisterwahl in Köln', description: null },
    );
    const search = async (words: string): Promise<string[]> =>
      slugs(await markets.listPage({ search: words }, { key: 'relevance', descending: true }, ALL));
    expect(await search('election')).toEqual(['m-2', 'm-1']);
    expect(await search('bürgermeisterwahl')).toEqual(['m-3']);
    expect(await search('-election')).toEqual(['m-2', 'm-1']);
    expect(await search('"$where" .*')).toEqual([]);
    expect(await markets.count({ search: 'election' })).toBe(2);
    expect(slugs(await markets.listPage({ search: 'election' }, BY_VOLUME, ALL)).sort()).toEqual(['m-1', 'm-2']);
  });
});

describe('indexes', () => {
  it.each(queriesAndIndexes())('%s', async (_name, filter, sort, index) => {
    await store({}, {});
    expect(await databases.indexesUsed('markets_db', 'markets', filter, sort)).toContain(index);
  });
});

function queriesAndIndexes(): [string, object, object, string][] {
  const both = { $in: [false, true] };
  return [
    ['a plain list', { closed: both, active: both }, { volume_num: -1, _id: 1 }, 'list_volume_num'],
    ['open markets by liquidity', { closed: false, active: true }, { liquidity_num: -1, _id: 1 }, 'list_liquidity_num'],
    ['one by condition id', { condition_id: '0x1' }, {}, 'condition_id'],
    ['one by token', { clob_token_ids: '1' }, {}, 'clob_token_ids'],
    ['of an event', { event_slug: 'e' }, { volume_num: -1, _id: 1 }, 'event_slug'],
    ['under a tag', { tag_slugs: 't' }, { volume_num: -1, _id: 1 }, 'tag_slugs'],
    ['open venue ids', { closed: false }, { gamma_id: 1 }, 'open_gamma_ids'],
  ];
}
