import { DomainError, type MarketOutcomeRef } from '@app/domain';
import type { MarketTerms } from '@app/exchange';
import type { MarketKey } from '@app/markets';

/** How a client names one outcome of a market; each part may be left out. */
export interface OutcomeName {
  market: MarketKey;
  /** In any case. */
  outcome: string | null;
  outcomeIndex: number | null;
}

/**
 * Returns the outcome that a token id, a name or an index means; where several are given they must mean the same one.
 * @throws DomainError `MARKET.OUTCOME_NOT_FOUND`, or `REQUEST.UNACCEPTABLE` when none or two different ones are named
 */
export function namedOutcome(terms: MarketTerms, { market, outcome, outcomeIndex }: OutcomeName): MarketOutcomeRef {
  const named: { field: string; index: number }[] = [];
  if ('tokenId' in market) named.push({ field: 'token_id', index: terms.tokenIds.indexOf(market.tokenId) });
  if (outcome !== null) named.push({ field: 'outcome', index: indexOfName(terms, outcome) });
  if (outcomeIndex !== null) named.push({ field: 'outcome_index', index: outcomeIndex });
  const [first, ...others] = named;
  if (first === undefined) {
    throw unacceptable('outcome', `name an outcome: ${listOutcomes(terms)}`, 'No outcome is named');
  }
  const ref = outcomeRef(terms, first.index);
  if (ref === null) throw unknownOutcome(terms, first.field);
  const other = others.find(({ index }) => index !== first.index);
  if (other === undefined) return ref;
  const message = `names another outcome than ${first.field}, which is ${ref.outcome}`;
  throw unacceptable(other.field, message, 'Two different outcomes are named');
}

/** Returns one outcome of a market; null when there is none at the index. */
export function outcomeRef(terms: MarketTerms, outcomeIndex: number): MarketOutcomeRef | null {
  const outcome = terms.outcomes[outcomeIndex];
  const tokenId = terms.tokenIds[outcomeIndex];
  if (outcome === undefined || tokenId === undefined) return null;
  return { marketId: terms.marketId, conditionId: terms.conditionId, tokenId, outcome, outcomeIndex };
}

/** Returns every outcome of a market. */
export function outcomeRefs(terms: MarketTerms): MarketOutcomeRef[] {
  return terms.outcomes.flatMap((_, index) => outcomeRef(terms, index) ?? []);
}

function indexOfName(terms: MarketTerms, name: string): number {
  const exact = terms.outcomes.indexOf(name);
  if (exact !== -1) return exact;
  const wanted = name.trim().toLowerCase();
  return terms.outcomes.findIndex((outcome) => outcome.toLowerCase() === wanted);
}

function listOutcomes(terms: MarketTerms): string {
  return terms.outcomes.map((outcome, index) => `${outcome} (outcome_index ${index})`).join(' or ');
}

function unknownOutcome(terms: MarketTerms, field: string): DomainError {
  const message = `must name an outcome of ${terms.marketId}: ${listOutcomes(terms)}`;
  return new DomainError('MARKET.OUTCOME_NOT_FOUND', `${field} ${message}`, { fields: [{ field, message }] });
}

function unacceptable(field: string, message: string, sentence: string): DomainError {
  return new DomainError('REQUEST.UNACCEPTABLE', `${sentence}: ${field} ${message}.`, { fields: [{ field, message }] });
}
