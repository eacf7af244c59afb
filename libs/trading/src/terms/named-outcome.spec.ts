import { DomainError } from '@app/domain';
import { aVenueMarket } from '@app/testing';
import { marketTerms } from './market-terms';
import { namedOutcome, type OutcomeName, outcomeRefs } from './named-outcome';

const NOW = new Date('2026-11-01T12:00:00Z');
const terms = marketTerms(
  { ...aVenueMarket({ outcomes: ['Lakers', 'Celtics'] }), firstSyncedAt: NOW, lastSyncedAt: NOW },
  null,
  0,
);
const bySlug = { market: { slug: 'will-it-happen' }, outcome: null, outcomeIndex: null };
const byToken = { ...bySlug, market: { tokenId: '2' } };

function refusalOf(name: OutcomeName): [string, string | undefined] {
  try {
    namedOutcome(terms, name);
  } catch (error) {
    if (error instanceof DomainError) return [error.code, error.details.fields?.[0]?.field];
  }
  throw new Error('it was not refused');
}

describe('an outcome', () => {
  it.each<[string, OutcomeName]>([
    ['its name', { ...bySlug, outcome: 'Celtics' }],
    ['its name in any case', { ...bySlug, outcome: ' celtics ' }],
    ['its index', { ...bySlug, outcomeIndex: 1 }],
    ['its token', byToken],
    ['all of them', { ...byToken, outcome: 'Celtics', outcomeIndex: 1 }],
  ])('is named by %s', (_what, name) => {
    expect(namedOutcome(terms, name)).toEqual({
      marketId: 'will-it-happen',
      conditionId: terms.conditionId,
      tokenId: '2',
      outcome: 'Celtics',
      outcomeIndex: 1,
    });
  });

  it.each<[string, OutcomeName, string, string]>([
    ['no name', bySlug, 'REQUEST.UNACCEPTABLE', 'outcome'],
    ['an unknown name', { ...bySlug, outcome: 'Bulls' }, 'MARKET.OUTCOME_NOT_FOUND', 'outcome'],
    ['an unknown index', { ...bySlug, outcomeIndex: 2 }, 'MARKET.OUTCOME_NOT_FOUND', 'outcome_index'],
    ['two that differ', { ...byToken, outcome: 'Lakers' }, 'REQUEST.UNACCEPTABLE', 'outcome'],
  ])('is refused by %s', (_what, name, code, field) => {
    expect(refusalOf(name)).toEqual([code, field]);
  });

  it('has its place among all of them', () => {
    expect(outcomeRefs(terms).map(({ tokenId, outcome }) => [tokenId, outcome])).toEqual([
      ['1', 'Lakers'],
      ['2', 'Celtics'],
    ]);
  });
});
