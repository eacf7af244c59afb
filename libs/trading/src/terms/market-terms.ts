import { DomainError, type FeeSchedule, type Market, microPrice, microShares, partsPerMillion } from '@app/domain';
import { isChargeable, type MarketTerms } from '@app/exchange';
import type { ClobMarketInfo } from '@app/polymarket';

/** What the CLOB says of a market that decides about orders. */
export type TradingInfo = Pick<
  ClobMarketInfo,
  'acceptingOrders' | 'fee' | 'minOrderSize' | 'secondsDelay' | 'takerDelayEnabled' | 'tickSize'
>;

/** Stands in the terms of a market that does not say, and takes no orders. */
const UNKNOWN_TICK = microPrice(10_000n);
/** What the venue asks for everywhere today. */
const USUAL_MINIMUM = microShares(5_000_000n);

/**
 * Returns what a market demands of an order: the CLOB's word where it gave one, the catalogue's otherwise.
 * @param info null when the CLOB could not be asked, or never had the market
 * @throws DomainError `MARKET.NOT_TRADABLE` for a market that never had the ids an order needs
 */
export function marketTerms(market: Market, info: TradingInfo | null, takerDelayMs: number): MarketTerms {
  const { slug, conditionId, outcomes, clobTokenIds } = market;
  if (conditionId === null || clobTokenIds.length === 0 || clobTokenIds.length !== outcomes.length) {
    throw notTradable(slug, 'it was never tradable in an order book');
  }
  const tickSize = info?.tickSize ?? market.tickSize;
  const fees = market.fees ?? feesOf(info);
  const reason = reasonAgainst(market, info) ?? (tickSize === null ? 'its tick size is not known' : feeProblem(fees));
  return {
    marketId: slug,
    conditionId,
    question: market.question,
    outcomes,
    tokenIds: clobTokenIds,
    tickSize: tickSize ?? UNKNOWN_TICK,
    minOrderSize: info?.minOrderSize ?? market.minOrderSize ?? USUAL_MINIMUM,
    fees,
    takerDelayMs: Math.max(
      (info?.secondsDelay ?? market.secondsDelay ?? 0) * 1_000,
      info?.takerDelayEnabled === true ? takerDelayMs : 0,
    ),
    tradable: reason === null ? true : { reason },
  };
}

/** The refusal of an order, split or merge in a market that takes none. */
export function notTradable(slug: string, reason: string): DomainError {
  return new DomainError('MARKET.NOT_TRADABLE', `Market ${slug} takes no orders: ${reason}.`, {
    fields: [{ field: 'market_id', message: `takes no orders: ${reason}` }],
  });
}

function reasonAgainst(market: Market, info: TradingInfo | null): string | null {
  if (market.outcomes.length !== 2)
    return `it has ${market.outcomes.length} outcomes, and only those with two can be traded here`;
  if (market.resolution.status === 'resolved') return 'it is resolved';
  if (market.closed) return 'it is closed';
  if (!market.active || market.archived) return 'it is not active';
  if (!market.enableOrderBook) return 'Polymarket has not enabled an order book for it';
  if (!market.acceptingOrders || info?.acceptingOrders === false) return 'Polymarket is not accepting orders in it';
  return null;
}

function feesOf(info: TradingInfo | null): FeeSchedule | null {
  return info?.fee == null ? null : { type: null, ...info.fee, rebateRate: partsPerMillion(0n) };
}

function feeProblem(fees: FeeSchedule | null): string | null {
  return fees === null || isChargeable(fees) ? null : 'its fees are of a kind that is not understood';
}
