import { DomainError, type Market, microPrice, microShares, partsPerMillion } from '@app/domain';
import { aVenueMarket } from '@app/testing';
import { marketTerms, type TradingInfo } from './market-terms';

const NOW = new Date('2026-11-01T12:00:00Z');
const FEES = {
  type: 'x',
  rate: partsPerMillion(40_000n),
  exponent: 1,
  takerOnly: true,
  rebateRate: partsPerMillion(0n),
};

const market = (overrides: Partial<Market> = {}): Market => ({
  ...aVenueMarket(),
  firstSyncedAt: NOW,
  lastSyncedAt: NOW,
  ...overrides,
});
const info = (overrides: Partial<TradingInfo> = {}): TradingInfo => ({
  acceptingOrders: true,
  fee: null,
  minOrderSize: null,
  secondsDelay: 0,
  takerDelayEnabled: false,
  tickSize: null,
  ...overrides,
});

describe('the terms of a market', () => {
  it('are the word of the CLOB where it gave one, and what is stored otherwise', () => {
    expect(marketTerms(market(), null, 150)).toMatchObject({ tickSize: 10_000n, minOrderSize: 5_000_000n, fees: null });
    const said = info({ tickSize: microPrice(1_000n), minOrderSize: microShares(15_000_000n) });
    expect(marketTerms(market(), said, 150)).toMatchObject({ tickSize: 1_000n, minOrderSize: 15_000_000n });
  });

  it('charge by the market’s own schedule, or by the CLOB’s where the catalogue has none', () => {
    const fee = { rate: FEES.rate, exponent: FEES.exponent, takerOnly: FEES.takerOnly };
    expect(marketTerms(market({ fees: FEES }), info(), 150).fees).toBe(FEES);
    expect(marketTerms(market(), info({ fee }), 150).fees).toEqual({ ...FEES, type: null });
  });

  it.each([
    ['nothing', {}, null, 0],
    ['the stored seconds', { secondsDelay: 3 }, null, 3_000],
    ['the CLOB’s seconds', { secondsDelay: 3 }, info({ secondsDelay: 1 }), 1_000],
    ['the delay that is switched on', {}, info({ takerDelayEnabled: true }), 150],
    ['the longer of two', {}, info({ takerDelayEnabled: true, secondsDelay: 2 }), 2_000],
  ])('D2 hold takers for %s', (_what, stored, said, expected) => {
    expect(marketTerms(market(stored), said, 150).takerDelayMs).toBe(expected);
  });

  it.each<[string, Partial<Market>, TradingInfo | null, string]>([
    ['three outcomes', { outcomes: ['A', 'B', 'C'], clobTokenIds: ['1', '2', '3'] }, null, 'it has 3 outcomes'],
    ['one that closed', { closed: true }, null, 'it is closed'],
    ['one that is not active', { active: false }, null, 'it is not active'],
    ['one without a book', { enableOrderBook: false }, null, 'has not enabled an order book'],
    ['one that does not accept', { acceptingOrders: false }, null, 'is not accepting orders'],
    ['one of which the CLOB says so', {}, info({ acceptingOrders: false }), 'is not accepting orders'],
    ['one without a tick', { tickSize: null }, null, 'its tick size is not known'],
    ['fees nobody understands', { fees: { ...FEES, exponent: 0.5 } }, null, 'its fees'],
  ])('take no orders: %s', (_what, stored, said, reason) => {
    expect(marketTerms(market(stored), said, 150).tradable).toEqual({ reason: expect.stringContaining(reason) });
  });

  it.each([
    ['no condition id', { conditionId: null }],
    ['no tokens', { clobTokenIds: [] }],
  ])('are none for a market with %s', (_what, stored) => {
    expect(() => marketTerms(market(stored), null, 150)).toThrow(DomainError);
  });
});
