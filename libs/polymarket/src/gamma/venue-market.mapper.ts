import { deriveResolution, FeeSchedule, MarketEvent, MarketTag, microUsdc, VenueMarket } from '@app/domain';
import { WireObject } from '../wire/wire-object';
import { GammaMarket, readGammaMarket } from './gamma-market';
import { GammaTag } from './gamma-tag';

const NOTHING = microUsdc(0n);

/** Reads a Gamma market and keeps what this product keeps of it. */
export function readVenueMarket(row: WireObject): VenueMarket {
  return toVenueMarket(readGammaMarket(row));
}

/** The market in the product's own terms; see {@link VenueMarket}. Figures the venue left out are 0 for volumes, null for prices. */
export function toVenueMarket(market: GammaMarket): VenueMarket {
  const event = market.events[0] ?? null;
  return {
    slug: market.slug,
    gammaId: market.id,
    conditionId: market.conditionId,
    questionId: market.questionId,
    question: market.question,
    description: market.description,
    category: market.category,
    resolutionSource: market.resolutionSource,
    image: market.image,
    icon: market.icon,
    groupItemTitle: market.groupItemTitle,
    groupItemThreshold: market.groupItemThreshold,
    outcomes: market.outcomes,
    outcomePrices: market.outcomePrices,
    clobTokenIds: market.clobTokenIds,
    active: market.active,
    closed: market.closed,
    archived: market.archived ?? false,
    restricted: market.restricted ?? false,
    acceptingOrders: market.acceptingOrders ?? false,
    enableOrderBook: market.enableOrderBook ?? false,
    tickSize: market.orderPriceMinTickSize,
    minOrderSize: market.orderMinSize,
    fees: feesOf(market),
    secondsDelay: market.secondsDelay,
    clearBookOnStart: market.clearBookOnStart ?? false,
    negRisk: market.negRisk ?? false,
    negRiskMarketId: market.negRiskMarketId,
    negRiskRequestId: market.negRiskRequestId,
    negRiskOther: market.negRiskOther ?? false,
    bestBid: market.bestBid,
    bestAsk: market.bestAsk,
    spread: market.spread,
    lastTradePrice: market.lastTradePrice,
    oneDayPriceChange: market.oneDayPriceChange,
    volumeTotal: market.volumeNum ?? market.volume ?? NOTHING,
    volume24h: market.volume24hr ?? NOTHING,
    volume7d: market.volume1wk ?? NOTHING,
    volume30d: market.volume1mo ?? NOTHING,
    liquidity: market.liquidityNum ?? market.liquidity ?? NOTHING,
    startDate: market.startDate,
    endDate: market.endDate,
    venueCreatedAt: market.createdAt,
    venueUpdatedAt: market.updatedAt,
    closedTime: market.closedTime,
    gameStartTime: market.gameStartTime,
    acceptingOrdersSince: market.acceptingOrdersTimestamp,
    umaResolutionStatus: market.umaResolutionStatus,
    sportsMarketType: market.sportsMarketType,
    event: event === null ? null : eventOf(event),
    tags: tagsOf(market.tags.length > 0 ? market.tags : (event?.tags ?? [])),
    rewards: {
      minSize: market.rewardsMinSize,
      maxSpread: market.rewardsMaxSpread,
      dailyRate: dailyRateOf(market),
    },
    resolution: deriveResolution(market),
  };
}

function feesOf(market: GammaMarket): FeeSchedule | null {
  const schedule = market.feeSchedule;
  return schedule === null ? null : { type: market.feeType, ...schedule };
}

function eventOf(event: GammaMarket['events'][number]): MarketEvent {
  return {
    id: event.id,
    slug: event.slug,
    title: event.title,
    negRisk: event.negRisk ?? event.enableNegRisk ?? false,
    negRiskAugmented: event.negRiskAugmented ?? false,
    seriesSlug: event.seriesSlug ?? event.series[0]?.slug ?? null,
  };
}

function tagsOf(tags: readonly GammaTag[]): MarketTag[] {
  const bySlug = new Map(tags.map((tag) => [tag.slug, { id: tag.id, label: tag.label, slug: tag.slug }]));
  return [...bySlug.values()];
}

function dailyRateOf(market: GammaMarket): VenueMarket['rewards']['dailyRate'] {
  const rates = market.clobRewards.flatMap((reward) => reward.rewardsDailyRate ?? []);
  return rates.length === 0 ? null : microUsdc(rates.reduce<bigint>((sum, rate) => sum + rate, 0n));
}
