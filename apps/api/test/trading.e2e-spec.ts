import type {
  FilledTradeBody,
  LedgerBody,
  MarkToMarketBody,
  MetricsBody,
  OrderBody,
  OrderBookBody,
  OrderExplanationBody,
  PortfolioBody,
  PortfolioDetailBody,
  SetsChangedBody,
  TradeListBody,
} from '@app/contracts';
import { waitFor } from '@app/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandaloneProcess, standaloneStore } from '../../standalone/test/standalone-process';
import { AuthClient } from './auth-client';
import { sumMicro } from './portfolio-client';

interface MarketRow {
  slug: string;
  outcomes: string[];
}

/** The story of a trader, on the built program as a newcomer runs it. */
describe('paper trading in the demo', () => {
  const store = standaloneStore();
  let folder: string;
  let server: StandaloneProcess;
  let client: AuthClient;
  let token: string;
  let path: string;
  let market: MarketRow;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papertrading-trading-'));
    server = StandaloneProcess.start('demo', {
      DATA_DIR: folder,
      SIMULATOR_MARKETS: '300',
      ...store.environment,
      PASSWORD_HASH_MEMORY_KIB: '1024',
    });
    await server.untilReady();
    client = new AuthClient(server.url);
  });

  afterAll(async () => {
    await server?.kill('SIGKILL');
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask<T>(method: string, route: string, json?: unknown, status = 200): Promise<T> {
    const answer = await client.ask<T>(method, route, { token, ...(json === undefined ? {} : { json }) });
    expect([method, route, answer.status, answer.status === status ? null : answer.body]).toEqual([
      method,
      route,
      status,
      null,
    ]);
    return answer.body;
  }

  const cash = async (): Promise<number> => (await ask<PortfolioDetailBody>('GET', path)).cash_balance;

  it('registers, opens a portfolio and finds a market with a book', async () => {
    await client.register('trader@example.com', 'correct horse battery');
    token = await client.logIn('trader@example.com', 'correct horse battery');
    const opened = await ask<PortfolioBody>('POST', '/portfolios', { name: 'First steps' }, 201);
    expect(opened).toMatchObject({ cash_balance: 10000, is_active: true });
    path = `/portfolios/${opened.id}`;
    market = await waitFor(findMarket, { deadlineMs: 60_000, what: 'a market with a deep book' });
  });

  /** A market whose book displays enough for the whole story. */
  async function findMarket(): Promise<MarketRow | null> {
    const { markets } = await ask<{ markets: MarketRow[] }>('GET', '/markets?active=true&closed=false&page_size=50');
    for (const row of markets.filter(({ outcomes }) => outcomes.length === 2)) {
      const answer = await client.ask<OrderBookBody>('GET', `/markets/by-slug/${row.slug}/book`, { token });
      const { asks = [], bids = [], midpoint, tick_size: tick } = answer.body;
      if (answer.status !== 200 || tick !== 0.01 || asks.length < 3 || bids.length < 3) continue;
      if ((midpoint ?? 0) > 0.2 && (midpoint ?? 1) < 0.8 && (asks[0]?.size ?? 0) >= 10) return row;
    }
    return null;
  }

  it('buys through the book and is told why it filled', async () => {
    const bought = await ask<OrderBody>(
      'POST',
      `${path}/orders`,
      {
        market_id: market.slug,
        outcome: market.outcomes[0],
        side: 'buy',
        type: 'market',
        amount: 10,
        time_in_force: 'fak',
      },
      201,
    );
    expect(bought.status).toBe('filled');
    expect(bought.fills.length).toBeGreaterThan(0);
    for (const { receipt, liquidity } of bought.fills) {
      expect(liquidity).toBe('taker');
      expect(receipt).toMatchObject({
        rule: 'E1',
        grade: 'A',
        book_source: 'rest',
        book_hash: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
    }
    expect(sumMicro(await cash(), bought.filled_value, bought.fees)).toBe(sumMicro(10000));
    const explained = await ask<OrderExplanationBody>('GET', `${path}/orders/${bought.id}/explain`);
    expect(explained.sentence).toContain('Bought');
    expect(explained.data.fills).toHaveLength(bought.fills.length);
  });

  it("trades as the first front end does: the client's price is the worst one", async () => {
    const before = await cash();
    const traded = await ask<FilledTradeBody>(
      'POST',
      `${path}/trades`,
      { market_id: market.slug, outcome: market.outcomes[1], side: 'buy', quantity: 10, price: 0.99 },
      201,
    );
    expect(traded.price).toBeLessThan(0.99);
    expect(sumMicro(await cash(), traded.total_value, traded.fee)).toBe(sumMicro(before));
    const { trades, has_more: hasMore } = await ask<TradeListBody>('GET', `${path}/trades`);
    expect(trades.map(({ id }) => id)).toContain(traded.id);
    expect(hasMore).toBe(false);
  });

  it('leaves an order in the book, and takes it back', async () => {
    const before = await cash();
    const resting = await ask<OrderBody>(
      'POST',
      `${path}/orders`,
      {
        market_id: market.slug,
        outcome_index: 0,
        side: 'buy',
        type: 'limit',
        quantity: 100,
        price: 0.01,
        post_only: true,
      },
      201,
    );
    expect(resting).toMatchObject({ status: 'open', phase: 'resting', reserved_cash: 1 });
    expect(sumMicro(await cash())).toBe(sumMicro(before) - 1_000_000);
    const { sentence } = await ask<OrderExplanationBody>('GET', `${path}/orders/${resting.id}/explain`);
    expect(sentence).toContain('0.01');
    const cancelled = await ask<OrderBody>('DELETE', `${path}/orders/${resting.id}`);
    expect(cancelled).toMatchObject({ status: 'cancelled', reserved_cash: 0 });
    expect(await cash()).toBe(before);
  });

  it('makes complete sets of cash, and cash of complete sets', async () => {
    const before = await cash();
    const split = await ask<SetsChangedBody>('POST', `${path}/split`, { market_id: market.slug, quantity: 25 });
    expect(sumMicro(split.portfolio.cash_balance)).toBe(sumMicro(before) - 25_000_000);
    const merged = await ask<SetsChangedBody>('POST', `${path}/merge`, { market_id: market.slug, quantity: 25 });
    expect(merged.portfolio.cash_balance).toBe(before);
    expect(merged.positions.map(({ outcome }) => outcome)).toEqual(market.outcomes);
  });

  it('has a ledger that adds up to the balances, to the millionth', async () => {
    const { entries, total } = await ask<LedgerBody>('GET', `${path}/ledger?page_size=100`);
    expect(entries).toHaveLength(total);
    const balances = new Map<string, number>();
    for (const { postings } of entries) {
      expect(sumMicro(...postings.map(({ amount }) => amount))).toBe(0);
      for (const { account, amount } of postings)
        balances.set(account, (balances.get(account) ?? 0) + sumMicro(amount));
    }
    const detail = await ask<PortfolioDetailBody>('GET', path);
    expect(balances.get('cash')).toBe(sumMicro(detail.cash_balance));
    expect(balances.get('reserved') ?? 0).toBe(sumMicro(detail.reserved_cash));
    expect(balances.get('fees') ?? 0).toBe(sumMicro(detail.fees_paid));
    expect(balances.get('positions')).toBe(sumMicro(...detail.positions.map(({ cost_basis: cost }) => cost)));
    expect(balances.get('external')).toBe(sumMicro(-10000));
  });

  it('tells how it has done', async () => {
    const metrics = await ask<MetricsBody>('GET', `${path}/metrics`);
    expect(metrics).toMatchObject({ initial_balance: 10000, sharpe_ratio: null });
    expect(metrics.total_trades).toBeGreaterThanOrEqual(2);
    expect(metrics.total_value).toBeGreaterThan(9_900);
    const mtm = await ask<MarkToMarketBody>('GET', `${path}/mtm?resolution=1`);
    expect(mtm.pnl_series.at(-1)?.portfolio_value).toBe(mtm.total_value);
    expect(mtm.positions.map(({ market_id: slug }) => slug)).toContain(market.slug);
  });
});
