import type { AccountState } from '@app/domain';

/**
 * When what a pass decides about an account happens: as the pass began, but not before what happened to the account since, so that the dates of a
 * ledger never run backwards.
 */
export function decidedAt({ portfolio: { updatedAt } }: AccountState, passBegan: Date): Date {
  return updatedAt > passBegan ? updatedAt : passBegan;
}
