import { Market, microPrice, microShares, microUsdc, partsPerMillion } from '@app/domain';
import { marketDetailSchema, toMarketDetail } from './market-detail';
import { marketListSchema, toMarketList } from './market-summary';

const market: Market = {
  slug: 'will-it-rain',
  gammaId: '17',
  conditionId: `0x${'a'.repeat(64)}`,
  questionId: null,
  question: 'Will it rain?',
  description: 'It rains when it rains.',
  category: null,
  resolutionSource: null,
  image: null,
  icon: 'https://example.com/rain.png',
  groupItemTitle: null,
  groupItemThreshold: null,
  outcomes: ['Yes', 'No'],
  outcomePrices: ['0.1', '0.9'],
  clobTokenIds: ['1', '2'],
  active: true,
  closed: false,
  archived: false,
  restricted: false,
  acceptingOrders: true,
  enableOrderBook: true,
  tickSize: microPrice(1_000n),
  minOrderSize: microShares(5_000_000n),
  fees: {
    type: 'general_fees',
    rate: partsPerMillion(70_000n),
    exponent: 1,
    takerOnly: true,
    rebateRate: partsPerMillion(200_000n),
  },
  secondsDelay: null,
  clearBookOnStart: false,
  negRisk: false,
  negRiskMarketId: null,
  negRiskRequestId: null,
  negRiskOther: false,
  bestBid: microPrice(100_000n),
  bestAsk: microPrice(300_000n),
  spread: microPrice(200_000n),
  lastTradePrice: null,
  oneDayPriceChange: null,
  volumeTotal: microUsdc(3_000_000_000_000_001n),
  volume24h: microUsdc(300_001n),
  volume7d: microUsdc(0n),
  volume30d: microUsdc(0n),
  liquidity: microUsdc(1n),
  startDate: null,
  endDate: new Date('2026-07-01T00:00:00Z'),
  venueCreatedAt: null,
  venueUpdatedAt: null,
  closedTime: null,
  gameStartTime: null,
  acceptingOrdersSince: null,
  umaResolutionStatus: null,
  sportsMarketType: null,
  event: { id: '9', slug: 'weather', title: 'Weather', negRisk: false, negRiskAugmented: false, seriesSlug: null },
  tags: [{ id: '1', label: 'Rain', slug: 'rain' }],
  rewards: { minSize: microShares(20_000_000n), maxSpread: 3_500_000n, dailyRate: microUsdc(1_500_000n) },
  resolution: { status: 'unresolved', winningOutcomeIndex: null, payouts: [], resolvedAt: null },
  firstSyncedAt: new Date('2026-01-01T00:00:00Z'),
  lastSyncedAt: new Date('2026-01-02T00:00:00Z'),
};

describe('market bodies', () => {
  it('show every amount as its exact decimal', () => {
    expect(JSON.parse(JSON.stringify(toMarketDetail(market)))).toEqual({
      slug: 'will-it-rain',
      question: 'Will it rain?',
      outcomes: ['Yes', 'No'],
      outcome_prices: ['0.1', '0.9'],
      volume_24h: 0.300001,
      volume_total: 3_000_000_000.000001,
      liquidity: 0.000001,
      best_bid: 0.1,
      best_ask: 0.3,
      spread: 0.2,
      closed: false,
      active: true,
      end_date: '2026-07-01T00:00:00.000Z',
      condition_id: `0x${'a'.repeat(64)}`,
      description: 'It rains when it rains.',
      clob_token_ids: ['1', '2'],
      volume_7d: 0,
      image: null,
      icon: 'https://example.com/rain.png',
      tags: [{ id: '1', label: 'Rain', slug: 'rain' }],
      rewards: { min_size: 20, max_spread: 3.5, daily_rate: 1.5 },
      event_slug: 'weather',
      event_title: 'Weather',
      neg_risk: false,
      tick_size: 0.001,
      min_order_size: 5,
      fees: { type: 'general_fees', rate: 0.07, exponent: 1, taker_only: true, rebate_rate: 0.2 },
      accepting_orders: true,
      resolution: { status: 'unresolved', winning_outcome_index: null, payouts: [], resolved_at: null },
      first_synced_at: '2026-01-01T00:00:00.000Z',
      last_synced_at: '2026-01-02T00:00:00.000Z',
    });
  });

  it('conform to their schemas', () => {
    expect(marketDetailSchema.safeParse(toMarketDetail(market)).error).toBeUndefined();
    const bare = { ...market, conditionId: null, event: null, fees: null, endDate: null, bestBid: null, spread: null };
    expect(marketDetailSchema.safeParse(toMarketDetail(bare)).error).toBeUndefined();
    expect(marketListSchema.safeParse(toMarketList([market], 1, 1, 20)).error).toBeUndefined();
  });

  it('say how a market ended', () => {
    const resolution = {
      status: 'resolved' as const,
      winningOutcomeIndex: null,
      payouts: [partsPerMillion(500_000n), partsPerMillion(500_000n)],
      resolvedAt: new Date('2026-07-02T00:00:00Z'),
    };
    expect(toMarketDetail({ ...market, closed: true, resolution }).resolution).toEqual({
      status: 'resolved',
      winning_outcome_index: null,
      payouts: [0.5, 0.5],
      resolved_at: '2026-07-02T00:00:00.000Z',
    });
  });
});

describe('pages', () => {
  it.each([
    [0, 1, { total_pages: 0, has_next: false, has_prev: false }],
    [40, 1, { total_pages: 2, has_next: true, has_prev: false }],
    [41, 2, { total_pages: 3, has_next: true, has_prev: true }],
    [41, 3, { total_pages: 3, has_next: false, has_prev: true }],
    [41, 9, { total_pages: 3, has_next: false, has_prev: true }],
  ])('of %i rows, page %i is %j', (total, page, expected) => {
    expect(toMarketList([], total, page, 20)).toMatchObject({ total, page, page_size: 20, ...expected });
  });
});
