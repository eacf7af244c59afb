import { type Market, microPrice, partsPerMillion } from '@app/domain';
import { aVenueMarket } from '@app/testing';
import { QUOTE_KEPT_MS, venueQuote } from './venue-quote';

const NOW = new Date('2026-11-22T10:00:00Z');
const market = (overrides: Partial<Market> = {}): Market => ({
  ...aVenueMarket(),
  firstSyncedAt: NOW,
  lastSyncedAt: NOW,
  ...overrides,
});

describe('quote of the venue', () => {
  const quoted = { bestBid: microPrice(420_000n), bestAsk: microPrice(450_000n), outcomePrices: ['0.9', '0.1'] };

  it('is half-way between best bid and ask, and for the other outcome what is left of 1', () => {
    expect(venueQuote(market(quoted), 0, NOW).mark).toEqual({ price: 435_000n, source: 'venue_quote', at: NOW });
    expect(venueQuote(market(quoted), 1, NOW).mark?.price).toBe(565_000n);
  });

  it.each([
    ['a side is missing', { ...quoted, bestBid: null }],
    ['they cross', { ...quoted, bestBid: microPrice(460_000n) }],
    ['the market is closed', { ...quoted, closed: true }],
  ])('is the price when %s', (_when, overrides) => {
    expect(venueQuote(market(overrides), 1, NOW).mark?.price).toBe(100_000n);
  });

  it('is the payout once the market is resolved', () => {
    const resolution = {
      status: 'resolved',
      winningOutcomeIndex: null,
      payouts: [partsPerMillion(500_000n), partsPerMillion(500_000n)],
      resolvedAt: NOW,
    } as const;
    const split = market({
      closed: true,
      outcomePrices: [],
      resolution: { ...resolution, payouts: [...resolution.payouts] },
    });
    expect(venueQuote(split, 1, NOW).mark?.price).toBe(500_000n);
  });

  it('is none when it is too old, but for a market that quotes no more', () => {
    const old = new Date(NOW.getTime() - QUOTE_KEPT_MS - 1);
    expect(venueQuote(market({ ...quoted, lastSyncedAt: old }), 0, NOW)).toEqual({
      mark: null,
      unpricedBecause: `The quote Polymarket gave with the market is of ${old.toISOString()}, too old to be used.`,
    });
    expect(venueQuote(market({ ...quoted, closed: true, lastSyncedAt: old }), 0, NOW).mark?.price).toBe(900_000n);
  });

  it('is none without prices, or with one that is none', () => {
    for (const outcomePrices of [[], ['', ''], ['1.5', '-0.5'], ['x', 'y']]) {
      expect(venueQuote(market({ outcomePrices }), 0, NOW).mark).toBeNull();
    }
  });
});
