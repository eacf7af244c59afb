import { DomainError, Market } from '@app/domain';

/** One outcome of a market. */
export interface MarketOutcome {
  index: number;
  name: string;
  /** Null for a market that never had an order book. */
  tokenId: string | null;
}

/**
 * Returns the outcome at an index.
 * @throws DomainError `MARKET.OUTCOME_NOT_FOUND` saying how many outcomes there are
 */
export function getOutcome(market: Pick<Market, 'slug' | 'outcomes' | 'clobTokenIds'>, index: number): MarketOutcome {
  const name = market.outcomes[index];
  if (name === undefined) {
    const count = market.outcomes.length;
    const right = count === 1 ? 'must be 0' : `must be from 0 to ${count - 1}`;
    const message = `${right}: ${market.slug} has ${count} outcome${count === 1 ? '' : 's'} (${market.outcomes.join(', ')})`;
    throw new DomainError('MARKET.OUTCOME_NOT_FOUND', `outcome_index ${message}`, {
      fields: [{ field: 'outcome_index', message }],
    });
  }
  return { index, name, tokenId: market.clobTokenIds[index] ?? null };
}
