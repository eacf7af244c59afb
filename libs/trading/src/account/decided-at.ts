import type { AccountState } from '@app/domain';

/**
 * When what is decided about an account happens: as it was begun with (a pass began, an order was received), but not before what happened to the account
 * since, so that the dates of a ledger never run backwards.
 */
export function decidedAt({ portfolio: { updatedAt } }: AccountState, begun: Date): Date {
  return updatedAt > begun ? updatedAt : begun;
}
