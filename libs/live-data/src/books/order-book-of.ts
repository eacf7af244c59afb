import type { LiveBook } from '@app/contracts';
import { canonicalLevels, type OrderBookSnapshot } from '@app/exchange';

/** A followed book as one of its tokens sees it; null for a token that is not one of them. */
export function orderBookOf(live: LiveBook, tokenId: string): OrderBookSnapshot | null {
  const outcomeIndex = live.tokenIds.indexOf(tokenId);
  if (outcomeIndex === -1) return null;
  const { bids, asks } = canonicalLevels(live, outcomeIndex);
  return {
    tokenId,
    conditionId: live.conditionId,
    bids: [...bids],
    asks: [...asks],
    tickSize: live.tickSize,
    minOrderSize: live.minOrderSize,
    negRisk: live.negRisk,
    lastTradePrice: live.lastTradePrice,
    hash: outcomeIndex === 0 ? live.hash : null,
    venueTime: new Date(live.venueTimeMs),
  };
}
