import type { LedgerBody, OrderBody, PositionBody } from '@app/contracts';
import { VenueResults } from '@app/markets';
import { SettlementService } from '@app/trading';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { findTradedMarkets, PortfolioClient, sumMicro, type TradedMarket } from './portfolio-client';

describe('settled positions, over HTTP', () => {
  let api: TestApi;
  let traded: TradedMarket[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 120, venueOptions: PATIENT });
    traded = await findTradedMarkets(api, await api.storeListedMarkets(), 2);
  });
  afterAll(() => api?.stop());

  /** Ends a market at the venue, lets the catalogue know and settles, as the worker does. */
  async function resolve({ market }: TradedMarket, result: number | 'split', afterMs = 0): Promise<void> {
    const { signal } = new AbortController();
    await api.venue.change(market.slug, { resolve: result });
    await api.app.get(VenueResults, { strict: false }).ask([market.conditionId ?? ''], signal);
    await api.app
      .get(SettlementService, { strict: false })
      .settleDue(new Date(api.clock.now().getTime() + afterMs), signal);
  }

  it('show what the market paid, in the position, the order, the ledger and the totals', async () => {
    const [one] = traded as [TradedMarket];
    const client = await PortfolioClient.of(api);
    const path = await client.open({ initial_balance: 1000 });
    const market_id = one.market.slug;
    const bought = await client.place(path, { market_id, outcome_index: 0, side: 'buy', type: 'market', quantity: 20 });
    const resting = { side: 'buy', type: 'limit', quantity: 10, price: 0.05, time_in_force: 'gtc' };
    const rests = await client.place(path, { market_id, outcome_index: 1, ...resting });
    expect(rests).toMatchObject({ status: 'open' });
    const before = await client.detail(path);
    expect(before).toMatchObject({ reserved_cash: 0.5, open_orders: 1 });
    const [held] = before.positions;

    await resolve(one, 0);

    const { body: positions } = await client.get<PositionBody[]>(`${path}/positions?status=settled`);
    expect(positions).toMatchObject([
      {
        market_id,
        outcome_index: 0,
        status: 'settled',
        quantity: 0,
        reserved_quantity: 0,
        cost_basis: 0,
        current_price: null,
        unpriced_reason: null,
      },
    ]);
    const cost = held?.cost_basis ?? 0;
    expect(sumMicro(positions[0]?.realized_pnl ?? 0, cost)).toBe(20_000_000);
    const after = await client.detail(path);
    expect(after).toMatchObject({ reserved_cash: 0, open_orders: 0, owed: 0, unpriced_positions: 0 });
    expect(sumMicro(after.cash_balance)).toBe(sumMicro(before.cash_balance, 0.5, 20));
    expect(after.total_value).toBe(after.cash_balance);
    expect((await client.get<OrderBody>(`${path}/orders/${rests.id}`)).body).toMatchObject({
      status: 'cancelled',
      reject_reason: 'The market was resolved.',
    });
    expect((await client.get<OrderBody>(`${path}/orders/${bought.id}`)).body.status).toBe('filled');
    const { entries } = (await client.get<LedgerBody>(`${path}/ledger?page_size=100`)).body;
    expect(entries.slice(-2).map(({ kind }) => kind)).toEqual(['release', 'settlement']);
    // What is remembered of a market for a moment is over.
    api.clock.advance(5_000);
    const late = await client.post(`${path}/orders`, {
      market_id,
      outcome_index: 0,
      side: 'buy',
      type: 'market',
      quantity: 5,
    });
    expect(late).toMatchObject({ status: 409, body: { code: 'MARKET.NOT_TRADABLE' } });
  });

  it('show what a changed result took back', async () => {
    const [, other] = traded as [TradedMarket, TradedMarket];
    const client = await PortfolioClient.of(api);
    const path = await client.open({ initial_balance: 20 });
    const market_id = other.market.slug;
    await client.place(path, { market_id, outcome_index: 0, side: 'buy', type: 'market', quantity: 20 });
    await resolve(other, 0);
    const paid = await client.detail(path);
    await resolve(other, 1, 700_000);
    const after = await client.detail(path);
    expect(sumMicro(after.cash_balance, 20)).toBe(sumMicro(paid.cash_balance));
    expect(after).toMatchObject({ owed: 0, positions: [{ status: 'settled', quantity: 0 }] });
    const { entries } = (await client.get<LedgerBody>(`${path}/ledger?page_size=100`)).body;
    expect(entries.map(({ kind }) => kind)).toEqual([
      'deposit',
      'buy',
      'settlement',
      'settlement_reversal',
      'settlement',
    ]);
  });
});
