import type { Schemas } from '../../api/client';
import { formatExactMoney, formatPercent } from '../../ui/format';
import type { Tone } from '../../ui/bits';

type Market = Schemas['MarketDetail'];

/** How a market stands, in a word or two. */
export function standingOf(
  market: Pick<Market, 'closed' | 'active' | 'accepting_orders' | 'resolution' | 'outcomes'>,
): {
  tone: Tone;
  word: string;
} {
  const { status, winning_outcome_index: winner } = market.resolution;
  if (status === 'resolved') {
    const outcome = winner === null ? undefined : market.outcomes[winner];
    return { tone: 'plain', word: outcome === undefined ? 'Resolved, shared' : `Resolved: ${outcome}` };
  }
  if (status === 'disputed') return { tone: 'warn', word: 'Result disputed' };
  if (status === 'proposed') return { tone: 'warn', word: 'Result proposed' };
  if (market.closed) return { tone: 'plain', word: 'Closed, not resolved' };
  if (!market.active) return { tone: 'warn', word: 'Not active' };
  if (!market.accepting_orders) return { tone: 'warn', word: 'No orders taken' };
  return { tone: 'good', word: 'Trading' };
}

/** What the taker of one share pays at a price, USDC. */
export function feeAt({ rate, exponent }: Pick<Schemas['MarketFees'], 'rate' | 'exponent'>, price: number): number {
  return rate * (price * (1 - price)) ** exponent;
}

/** The fees of a market in a few words, at the price of now where one is known. */
export function feesInWords(fees: Schemas['MarketFees'] | null, price: number | null): string {
  if (fees === null || fees.rate === 0) return 'None';
  const who = fees.taker_only ? 'takers' : 'makers and takers';
  if (price === null) return `${formatPercent(fees.rate)} curve, ${who}`;
  return `${formatExactMoney(Number(feeAt(fees, price).toFixed(4)))} a share, ${who}`;
}

/** The fee curve, in full. */
export function feeCurve({ rate, exponent }: Schemas['MarketFees']): string {
  return `Fee = shares × ${rate} × (price × (1 − price))${exponent === 1 ? '' : ` to the power of ${exponent}`}: highest at 0.50, nothing near 0 and 1.`;
}
