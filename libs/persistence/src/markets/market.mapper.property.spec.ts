import { microPrice, microShares, microUsdc, partsPerMillion, VenueMarket } from '@app/domain';
import fc from 'fast-check';
import mongoose, { mongo } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import { marketContentHash } from './content-hash';
import { toMarket, toMarketRecord } from './market.mapper';
import { MarketRecord, marketSchema } from './market.record';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const text = fc.string({ unit: 'grapheme' });
const date = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const price = int64.map(microPrice);
const shares = int64.map(microShares);
const usdc = int64.map(microUsdc);
const rate = int64.map(partsPerMillion);

/** Any market the domain type allows, sensible or not: what is stored must come back whatever it is. */
const venueMarkets: fc.Arbitrary<VenueMarket> = fc.record({
  slug: fc.string({ minLength: 1 }),
  gammaId: fc.nat().map(String),
  conditionId: nullable(text),
  questionId: nullable(text),
  question: text,
  description: nullable(text),
  category: nullable(text),
  resolutionSource: nullable(text),
  image: nullable(text),
  icon: nullable(text),
  groupItemTitle: nullable(text),
  groupItemThreshold: nullable(text),
  outcomes: fc.array(text, { maxLength: 3 }),
  outcomePrices: fc.array(text, { maxLength: 3 }),
  clobTokenIds: fc.array(text, { maxLength: 3 }),
  active: fc.boolean(),
  closed: fc.boolean(),
  archived: fc.boolean(),
  restricted: fc.boolean(),
  acceptingOrders: fc.boolean(),
  enableOrderBook: fc.boolean(),
  tickSize: nullable(price),
  minOrderSize: nullable(shares),
  fees: nullable(
    fc.record({
      type: nullable(text),
      rate,
      exponent: fc.integer({ min: -5, max: 5 }),
      takerOnly: fc.boolean(),
      rebateRate: rate,
    }),
  ),
  secondsDelay: nullable(fc.nat()),
  clearBookOnStart: fc.boolean(),
  negRisk: fc.boolean(),
  negRiskMarketId: nullable(text),
  negRiskRequestId: nullable(text),
  negRiskOther: fc.boolean(),
  bestBid: nullable(price),
  bestAsk: nullable(price),
  spread: nullable(price),
  lastTradePrice: nullable(price),
  oneDayPriceChange: nullable(price),
  volumeTotal: usdc,
  volume24h: usdc,
  volume7d: usdc,
  volume30d: usdc,
  liquidity: usdc,
  startDate: nullable(date),
  endDate: nullable(date),
  venueCreatedAt: nullable(date),
  venueUpdatedAt: nullable(date),
  closedTime: nullable(date),
  gameStartTime: nullable(date),
  acceptingOrdersSince: nullable(date),
  umaResolutionStatus: nullable(text),
  sportsMarketType: nullable(text),
  event: nullable(
    fc.record({
      id: text,
      slug: text,
      title: text,
      negRisk: fc.boolean(),
      negRiskAugmented: fc.boolean(),
      seriesSlug: nullable(text),
    }),
  ),
  tags: fc.array(fc.record({ id: text, label: text, slug: text }), { maxLength: 3 }),
  rewards: fc.record({ minSize: nullable(shares), maxSpread: nullable(int64), dailyRate: nullable(usdc) }),
  resolution: fc.record({
    status: fc.constantFrom('unresolved', 'proposed', 'disputed', 'resolved'),
    winningOutcomeIndex: nullable(fc.nat()),
    payouts: fc.array(rate, { maxLength: 3 }),
    resolvedAt: nullable(date),
  }),
});

const NOW = new Date('2026-11-22T10:00:00.123Z');
const STAMPS = { createdAt: NOW, updatedAt: NOW, firstSyncedAt: NOW, lastSyncedAt: NOW };

describe('a stored market', () => {
  it('comes back from the store as it went in', () => {
    fc.assert(
      fc.property(venueMarkets, (market) => {
        const bytes = mongo.BSON.serialize(toMarketRecord(market, STAMPS));
        const stored = mongo.BSON.deserialize(bytes) as MarketRecord;
        expect(toMarket(stored)).toEqual({ ...market, firstSyncedAt: NOW, lastSyncedAt: NOW });
      }),
    );
  });

  it('has fields the schema knows, and no other', async () => {
    const model = mongoose.model('RecordUnderTest', marketSchema);
    await fc.assert(
      fc.asyncProperty(venueMarkets, async (market) => {
        const record = toMarketRecord({ ...market, slug: 'a', gammaId: '1', question: 'q' }, STAMPS);
        await new model(record).validate();
        const known = new Set(Object.keys(marketSchema.paths).map((path) => path.split('.')[0]));
        expect(Object.keys(record).filter((field) => !known.has(field))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the content hash', () => {
  it('ignores only the time the venue says it last touched the market', () => {
    fc.assert(
      fc.property(venueMarkets, (market) => {
        expect(marketContentHash({ ...market, venueUpdatedAt: NOW })).toBe(marketContentHash(market));
      }),
    );
  });

  it('tells any two markets apart that are stored differently', () => {
    fc.assert(
      fc.property(venueMarkets, venueMarkets, fc.nat(), (market, other, pick) => {
        const fields = Object.keys(market).filter((field) => field !== 'venueUpdatedAt') as (keyof VenueMarket)[];
        const field = fields[pick % fields.length]!;
        const mixed = { ...market, [field]: other[field] };
        const isSame = isDeepStrictEqual(market[field], other[field]);
        expect(marketContentHash(mixed) === marketContentHash(market)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });
});
