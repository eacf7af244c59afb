import { VenueMarket } from '@app/domain';
import { createHash } from 'node:crypto';
import { MARKET_SCHEMA_VERSION } from './market.record';

/**
 * Returns a short digest of everything stored of a market except the venue's own update time, which moves without anything else moving.
 * Two answers of the venue with the same digest need no write. It is no defence against tampering.
 */
export function marketContentHash(market: VenueMarket): string {
  const { fees, event, rewards, resolution } = market;
  const content: unknown[] = [
    MARKET_SCHEMA_VERSION,
    market.slug,
    market.gammaId,
    market.conditionId,
    market.questionId,
    market.question,
    market.description,
    market.category,
    market.resolutionSource,
    market.image,
    market.icon,
    market.groupItemTitle,
    market.groupItemThreshold,
    market.outcomes,
    market.outcomePrices,
    market.clobTokenIds,
    market.active,
    market.closed,
    market.archived,
    market.restricted,
    market.acceptingOrders,
    market.enableOrderBook,
    whole(market.tickSize),
    whole(market.minOrderSize),
    fees && [fees.type, whole(fees.rate), fees.exponent, fees.takerOnly, whole(fees.rebateRate)],
    market.secondsDelay,
    market.clearBookOnStart,
    market.negRisk,
    market.negRiskMarketId,
    market.negRiskRequestId,
    market.negRiskOther,
    whole(market.bestBid),
    whole(market.bestAsk),
    whole(market.spread),
    whole(market.lastTradePrice),
    whole(market.oneDayPriceChange),
    whole(market.volumeTotal),
    whole(market.volume24h),
    whole(market.volume7d),
    whole(market.volume30d),
    whole(market.liquidity),
    time(market.startDate),
    time(market.endDate),
    time(market.venueCreatedAt),
    time(market.closedTime),
    time(market.gameStartTime),
    time(market.acceptingOrdersSince),
    market.umaResolutionStatus,
    market.sportsMarketType,
    event && [event.id, event.slug, event.title, event.negRisk, event.negRiskAugmented, event.seriesSlug],
    market.tags.map((tag) => [tag.id, tag.label, tag.slug]),
    [whole(rewards.minSize), whole(rewards.maxSpread), whole(rewards.dailyRate)],
    [resolution.status, resolution.winningOutcomeIndex, resolution.payouts.map(whole), time(resolution.resolvedAt)],
  ];
  return createHash('sha1').update(JSON.stringify(content)).digest('base64url');
}

function whole(value: bigint | null): string | null {
  return value === null ? null : value.toString();
}

function time(value: Date | null): number | null {
  return value === null ? null : value.getTime();
}
