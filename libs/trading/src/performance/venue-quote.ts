import { complement, type Market, type Mark, MICRO, microPrice, type MicroPrice, roundToMicro } from '@app/domain';

/** How old the quote of a market that trades may be, milliseconds: twelve passes of the incremental sync. One that is closed quotes no more. */
export const QUOTE_KEPT_MS = 3_600_000;

/**
 * Returns the mark that the venue's own description of a market gives an outcome: half-way between its best bid and ask where it has both, else its price.
 * @returns null, with the reason, when there is neither, or the description is too old
 */
export function venueQuote(
  market: Market,
  outcomeIndex: number,
  now: Date,
): { mark: Mark; unpricedBecause: null } | { mark: null; unpricedBecause: string } {
  const { lastSyncedAt: at } = market;
  if (!market.closed && now.getTime() - at.getTime() > QUOTE_KEPT_MS) {
    return unpriced(`The quote Polymarket gave with the market is of ${at.toISOString()}, too old to be used.`);
  }
  const price = quotedPrice(market, outcomeIndex);
  if (price === null) return unpriced('Polymarket gives no quote with the market.');
  return { mark: { price, source: 'venue_quote', at }, unpricedBecause: null };
}

function unpriced(unpricedBecause: string): { mark: null; unpricedBecause: string } {
  return { mark: null, unpricedBecause };
}

function quotedPrice(market: Market, outcomeIndex: number): MicroPrice | null {
  const payout = market.resolution.payouts[outcomeIndex];
  if (market.resolution.status === 'resolved' && payout !== undefined) return microPrice(payout);
  const { bestBid, bestAsk } = market;
  const isBinary = market.outcomes.length === 2 && outcomeIndex <= 1;
  if (!market.closed && isBinary && bestBid !== null && bestAsk !== null && bestBid < bestAsk) {
    const midpoint = microPrice((bestBid + bestAsk) / 2n);
    return outcomeIndex === 0 ? midpoint : complement(midpoint);
  }
  const parsed = roundToMicro(market.outcomePrices[outcomeIndex] ?? '');
  return parsed.ok && parsed.value >= 0n && parsed.value <= MICRO ? microPrice(parsed.value) : null;
}
