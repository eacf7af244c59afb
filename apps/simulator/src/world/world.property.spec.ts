import fc from 'fast-check';
import { bookAt, type BookAnswer, type BookLevel, bookHash, worldBook, worldMoment } from './books';
import { fairPrice, priceSeries, quoteAt } from './prices';
import * as ids from './venue-ids';
import { World } from './world';

const world = new World({ seed: 7, markets: 1_500, epoch: new Date('2026-11-01T12:00:00Z') });
const now = world.now();
const DAY = 86_400;

const anyMarket = fc.integer({ min: 0, max: world.markets.length - 1 }).map((index) => world.market(index));
const anyMoment = fc.integer({ min: now - 400 * DAY, max: now + 200 * DAY });
const anyWord = fc.integer({ min: 0, max: 4_294_967_295 });

function books(index: number, at: number): [BookAnswer, BookAnswer] | null {
  const market = world.market(index);
  const conditionId = world.conditionId(market);
  const [yes = '', no = ''] = world.tokenIds(market);
  const first = bookAt(market, 0, { conditionId, tokenId: yes }, at);
  const second = bookAt(market, 1, { conditionId, tokenId: no }, at);
  return first === null || second === null ? null : [first, second];
}

function mirrored(levels: BookLevel[]): BookLevel[] {
  return levels.map(({ price, size }) => ({
    price: ((1_000_000 - Math.round(Number(price) * 1e6)) / 1e6).toString(),
    size,
  }));
}

describe('prices of the simulated world', () => {
  it('stay strictly between 0 and 1, and quotes on the tick, at any moment', () => {
    fc.assert(
      fc.property(anyMarket, anyMoment, (market, at) => {
        const fair = fairPrice(market, at);
        const { bid, ask } = quoteAt(market, at);
        expect(fair).toBeGreaterThan(0);
        expect(fair).toBeLessThan(1_000_000);
        for (const side of [bid, ask]) {
          if (side === null) continue;
          expect(side % market.tickMicro).toBe(0);
          expect(side).toBeGreaterThanOrEqual(market.tickMicro);
          expect(side).toBeLessThanOrEqual(1_000_000 - market.tickMicro);
        }
        if (bid !== null && ask !== null) expect(bid).toBeLessThan(ask);
      }),
    );
  });

  it('give series that rise in time, agree with the quote of the moment and sum to 1 over both outcomes', () => {
    fc.assert(
      fc.property(
        anyMarket,
        fc.integer({ min: 1, max: 720 }),
        fc.integer({ min: 1, max: 14 }),
        (market, minutes, days) => {
          const range = { from: now - days * DAY, to: now, grain: minutes * 60, now };
          const points = priceSeries(market, 0, range);
          points.forEach((point, index) => {
            expect(point.t).toBeGreaterThan(points[index - 1]?.t ?? 0);
            expect(point.p).toBe(quoteAt(market, point.t).mid / 1e6);
            expect(point.t).toBeLessThanOrEqual(now);
          });
          const last = priceSeries(market, 1, range).at(-1);
          if (last !== undefined) expect(last.p).toBeCloseTo(1 - quoteAt(market, last.t).mid / 1e6, 9);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('books of the simulated world', () => {
  it('have levels in the venue’s order, a hash that verifies, and a second outcome that mirrors the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: world.markets.length - 1 }), anyMoment, (index, at) => {
        const pair = books(index, at);
        if (pair === null) return;
        const [yes, no] = pair;
        for (const book of pair) {
          const bids = book.bids.map((level) => Number(level.price));
          const asks = book.asks.map((level) => Number(level.price));
          expect(bids).toEqual([...bids].sort((a, b) => a - b));
          expect(asks).toEqual([...asks].sort((a, b) => b - a));
          expect(new Set([...bids, ...asks]).size).toBe(bids.length + asks.length);
          expect(bids.at(-1) ?? 0).toBeLessThan(asks.at(-1) ?? 1);
          expect(book.hash).toBe(bookHash(book));
        }
        expect(no.bids).toEqual(mirrored(yes.asks));
        expect(no.asks).toEqual(mirrored(yes.bids));
        expect(no.timestamp).toBe(yes.timestamp);
        expect(no.last_trade_price).toBe(yes.last_trade_price);
      }),
    );
  });
});

describe('dates of the simulated books', () => {
  it('are when the price last moved, and never yet to come, at that very second either', () => {
    fc.assert(
      fc.property(anyMarket, anyMoment, (market, at) => {
        const moment = worldMoment(market, at);
        for (const seconds of [moment, at]) {
          const changedAtMs = worldBook(market, seconds)?.changedAtMs;
          if (changedAtMs === undefined) continue;
          expect(changedAtMs).toBeLessThanOrEqual(moment * 1_000);
          expect(changedAtMs).toBeGreaterThan((moment - 1) * 1_000);
        }
      }),
    );
  });
});

describe('ids of the simulated world', () => {
  it('lead back to the market they were made for, and nowhere for any other seed', () => {
    fc.assert(
      fc.property(
        anyWord,
        fc.integer({ min: 0, max: 500_000_000 }),
        fc.integer({ min: 0, max: 7 }),
        (seed, index, outcome) => {
          const condition = ids.conditionId(seed, index);
          const token = ids.tokenId(seed, index, outcome);
          expect(condition).toMatch(/^0x[0-9a-f]{64}$/);
          expect(ids.indexOfConditionId(seed, condition)).toBe(index);
          expect(ids.ownerOfTokenId(seed, token)).toEqual({ index, outcome });
          expect(ids.indexOfConditionId(seed + 1, condition)).toBeNull();
          expect(ids.ownerOfTokenId(seed + 1, token)).toBeNull();
        },
      ),
    );
  });
});
