import type { Schemas } from '../../api/client';
import type { LivePrice } from '../../live/live';
import { markPortfolio, markPosition, watchedMarkets } from './marking';

const aPosition = (over: Partial<Schemas['Position']> = {}): Schemas['Position'] =>
  ({
    market_id: 'rates',
    outcome_index: 0,
    quantity: 100,
    cost_basis: 40,
    current_price: 0.45,
    price_at: '2026-02-07T10:00:00.000Z',
    market_value: 45,
    unrealized_pnl: 5,
    ...over,
  }) as Schemas['Position'];

const aPrice = (over: Partial<LivePrice> = {}): LivePrice =>
  ({
    price: 0.5,
    best_bid: 0.49,
    best_ask: 0.51,
    state: 'live',
    timestamp: '2026-02-07T10:00:01.000Z',
    ...over,
  }) as LivePrice;

describe('markPosition', () => {
  it('values shares at the live midpoint', () => {
    expect(markPosition(aPosition(), aPrice())).toMatchObject({
      current_price: 0.5,
      market_value: 50,
      unrealized_pnl: 10,
      is_live: true,
    });
  });

  it.each([
    ['nobody tells a price', null],
    ['nobody bids, so that the price is the last trade', aPrice({ best_bid: null })],
    ['the live price is older', aPrice({ timestamp: '2026-02-07T09:59:00.000Z' })],
  ])('keeps the price of the api where %s', (_why, live) => {
    expect(markPosition(aPosition(), live)).toMatchObject({ current_price: 0.45, market_value: 45, unrealized_pnl: 5 });
  });

  it('does not call a price live whose book is not', () => {
    expect(markPosition(aPosition(), aPrice({ state: 'stale' })).is_live).toBe(false);
  });

  it('gives nothing a price that is no longer held', () => {
    const settled = aPosition({ quantity: 0, cost_basis: 0, current_price: null, market_value: 0, unrealized_pnl: 0 });
    expect(markPosition(settled, aPrice())).toMatchObject({ current_price: null, market_value: 0, unrealized_pnl: 0 });
  });
});

describe('markPortfolio', () => {
  it('adds cash and marked shares, and counts what has no price instead of valuing it at nothing', () => {
    const detail = {
      cash_balance: 900,
      reserved_cash: 50,
      owed: 1,
      realized_pnl: 3,
      fees_paid: 2,
      initial_balance: 1_000,
      positions: [
        aPosition(),
        aPosition({
          market_id: 'quiet',
          current_price: null,
          price_at: null,
          market_value: null,
          unrealized_pnl: null,
        }),
      ],
    } as Schemas['PortfolioDetail'];
    const marked = markPortfolio(detail, ({ market_id }) => (market_id === 'rates' ? aPrice() : null));
    expect(marked).toMatchObject({ equity: 999, positionValue: 50, unrealizedPnl: 10, totalPnl: 11, unpriced: 1 });
    expect(marked.totalReturn).toBeCloseTo(0.011);
  });
});

describe('watchedMarkets', () => {
  it('watches the markets worth most, in an order that prices do not change', () => {
    const positions = [
      aPosition({ market_id: 'b', market_value: 5 }),
      aPosition({ market_id: 'c', market_value: 1 }),
      aPosition({ market_id: 'a', market_value: 3 }),
      aPosition({ market_id: 'b', outcome_index: 1, market_value: 2 }),
      aPosition({ market_id: 'gone', quantity: 0, market_value: 0 }),
    ];
    expect(watchedMarkets(positions, 2)).toEqual(['a', 'b']);
    expect(watchedMarkets(positions, 9)).toEqual(['a', 'b', 'c']);
  });
});
