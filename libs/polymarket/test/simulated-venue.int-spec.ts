import type { VenueMarket } from '@app/domain';
import { InProcessRateWindow, SystemClock } from '@app/platform';
import { type MarketPage, PolymarketClient, VenueBadAnswerError, type VenueOptions } from '@app/polymarket';
import { startTestSimulator, type TestSimulator } from '@app/testing';

const BACKGROUND = { priority: 'background' } as const;
const INTERACTIVE = { priority: 'interactive' } as const;

describe('PolymarketClient against the simulated venue', () => {
  let simulator: TestSimulator;
  let client: PolymarketClient;

  beforeAll(async () => {
    simulator = await startTestSimulator();
    const options: VenueOptions = {
      baseUrls: { gamma: simulator.gammaUrl, clob: simulator.clobUrl, data: simulator.dataUrl },
      rateShare: 1,
      rateLimited: false,
    };
    const clock = new SystemClock();
    client = new PolymarketClient(options, { clock, rateWindow: new InProcessRateWindow(clock) });
  });

  afterAll(async () => {
    await client.close();
    await simulator.stop();
  });

  async function readAll(closed: boolean): Promise<VenueMarket[]> {
    const markets: VenueMarket[] = [];
    let afterCursor: string | null = null;
    do {
      const page = await client.gamma.fetchMarketsPage({ closed, afterCursor, limit: 100 }, BACKGROUND);
      for (const row of page.rows) {
        if (!row.ok) throw new Error(`${row.refusal.path}: ${row.refusal.reason}`);
        markets.push(row.value);
      }
      afterCursor = page.nextCursor;
    } while (afterCursor !== null);
    return markets;
  }

  it('reads every listed market once, by ascending id', async () => {
    const markets = [...(await readAll(false)), ...(await readAll(true))];
    const listed = await simulator.markets({ listed: true });
    expect(markets.map(({ gammaId }) => Number(gammaId)).sort((a, b) => a - b)).toEqual(
      listed.map(({ id }) => Number(id)),
    );
    const open = markets.filter(({ closed }) => !closed).map(({ gammaId }) => BigInt(gammaId));
    expect(open).toEqual([...open].sort((a, b) => (a < b ? -1 : 1)));
    expect(client.venue.simulated).toBe(true);
    const newest = await client.gamma.findNewestMarketId(BACKGROUND);
    expect(markets.every(({ gammaId }) => BigInt(gammaId) <= (newest ?? 0n))).toBe(true);
  });

  it('finds markets by slug, condition id and id, open or closed', async () => {
    for (const closed of [false, true]) {
      const page = await client.gamma.fetchMarketsPage({ closed, afterCursor: null, limit: 20 }, BACKGROUND);
      const market = page.rows.flatMap((row) => (row.ok && row.value.conditionId !== null ? row.value : []))[0]!;
      await expect(client.gamma.findMarketBySlug(market.slug, INTERACTIVE)).resolves.toEqual(market);
      await expect(client.gamma.findMarketByConditionId(market.conditionId!, INTERACTIVE)).resolves.toEqual(market);
      await expect(client.gamma.listMarketsByGammaIds([market.gammaId], BACKGROUND)).resolves.toEqual([
        { ok: true, value: market },
      ]);
    }
    await expect(client.gamma.findMarketBySlug('no-such-market', INTERACTIVE)).resolves.toBeNull();
  });

  it('reads books that are not crossed, price series and open interest', async () => {
    const page = await client.gamma.fetchMarketsPage({ closed: false, afterCursor: null, limit: 100 }, BACKGROUND);
    const tradeable = page.rows.flatMap((row) => (row.ok && row.value.enableOrderBook ? row.value : []));
    const market = tradeable.find(({ acceptingOrders, bestBid }) => acceptingOrders && bestBid !== null)!;
    const tokenId = market.clobTokenIds[0]!;
    const book = await client.clob.getBook(tokenId, INTERACTIVE);
    expect(book?.conditionId).toBe(market.conditionId);
    expect(book!.bids[0]!.price).toBeLessThan(book!.asks[0]?.price ?? 1_000_000n);
    await expect(client.clob.getBook('123456789', INTERACTIVE)).resolves.toBeNull();
    const points = await client.clob.getPriceHistory({ tokenId, interval: 'max', fidelityMinutes: 60 }, INTERACTIVE);
    expect(points.length).toBeGreaterThan(0);
    const values = await client.data.getOpenInterest([market.conditionId!], INTERACTIVE);
    expect(values.get(market.conditionId!)).toBeGreaterThanOrEqual(0n);
  });

  it('reads the winner of a resolved market, and none of an open one', async () => {
    const page = await client.gamma.fetchMarketsPage({ closed: true, afterCursor: null, limit: 100 }, BACKGROUND);
    const closed = page.rows.flatMap((row) => (row.ok && row.value.conditionId !== null ? row.value : []));
    const won = closed.find(
      ({ resolution, clobTokenIds }) => resolution.winningOutcomeIndex !== null && clobTokenIds[0],
    )!;
    const resolved = await client.clob.findMarket(won.conditionId!, BACKGROUND);
    expect(resolved).toMatchObject({ conditionId: won.conditionId, closed: true });
    const winners = resolved!.tokens.filter(({ winner }) => winner).map(({ tokenId }) => tokenId);
    expect(winners).toEqual([won.clobTokenIds[won.resolution.winningOutcomeIndex!]]);
    const open = await client.gamma.fetchMarketsPage({ closed: false, afterCursor: null, limit: 1 }, BACKGROUND);
    const market = open.rows.flatMap((row) => (row.ok ? row.value : []))[0]!;
    const running = await client.clob.findMarket(market.conditionId!, BACKGROUND);
    expect(running).toMatchObject({ closed: false, tokens: [{ winner: false }, { winner: false }] });
  });

  it('answers the probe of every family', async () => {
    const probe = await client.venue.probe();
    expect(Object.values(probe).map(({ reachable }) => reachable)).toEqual([true, true, true]);
  });

  it('gets over failures that pass', async () => {
    await simulator.fault({ kind: 'status', path: '/gamma/markets/keyset', status: 503 });
    await expect(fetchFirst()).resolves.toMatchObject({ rows: Array.from({ length: 5 }, () => ({ ok: true })) });
    await simulator.fault({ kind: 'drop', path: '/gamma/markets/keyset' });
    await expect(fetchFirst()).resolves.toMatchObject({ rows: Array.from({ length: 5 }, () => ({ ok: true })) });
  });

  it('refuses damaged pages as a whole and damaged rows alone', async () => {
    await simulator.fault({ kind: 'malformed_json', path: '/gamma/markets/keyset' });
    await expect(fetchFirst()).rejects.toThrow(VenueBadAnswerError);
    await simulator.fault({ kind: 'wrong_type', path: '/gamma/markets/keyset', row: 2, field: 'outcomes', value: 7 });
    const { rows } = await fetchFirst();
    expect(rows.map((row) => (row.ok ? 'ok' : row.refusal.path))).toEqual([
      'ok',
      'ok',
      'markets[2].outcomes',
      'ok',
      'ok',
    ]);
  });

  it('has a row that is sent twice once, and refuses a cursor that stands still', async () => {
    await simulator.fault({ kind: 'duplicate_rows', path: '/gamma/markets/keyset' });
    const { rows, nextCursor } = await fetchFirst();
    expect(rows).toHaveLength(5);
    await simulator.fault({ kind: 'stuck_cursor', path: '/gamma/markets/keyset' });
    await expect(
      client.gamma.fetchMarketsPage({ closed: false, afterCursor: nextCursor, limit: 5 }, BACKGROUND),
    ).rejects.toThrow('found the cursor that was sent, expected one that advances');
  });

  function fetchFirst(): Promise<MarketPage> {
    return client.gamma.fetchMarketsPage({ closed: false, afterCursor: null, limit: 5 }, BACKGROUND);
  }
});
