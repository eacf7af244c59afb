import type { LedgerEntry } from '../trading/ledger';
import type { Portfolio, Position } from '../trading/portfolio';

/** A portfolio with the positions of its current run, by token id. */
export interface AccountState {
  portfolio: Portfolio;
  positions: ReadonlyMap<string, Position>;
}

/** What an operation made of an account. The portfolio's version is left for whoever writes it. */
export interface AccountChange {
  state: AccountState;
  /** In the order of their numbers, which go on from the portfolio's last. */
  entries: LedgerEntry[];
  /** Tokens whose position is another one now, each once. */
  changedTokens: string[];
}

/** Returns the change that does nothing. */
export function noChange(state: AccountState): AccountChange {
  return { state, entries: [], changedTokens: [] };
}

/**
 * Returns one change that stands for several, each of which was made from the state the one before it left.
 * @throws Error when there is none
 */
export function combineChanges(changes: readonly AccountChange[]): AccountChange {
  const last = changes.at(-1);
  if (last === undefined) throw new Error('there are no changes to combine');
  return {
    state: last.state,
    entries: changes.flatMap((change) => change.entries),
    changedTokens: [...new Set(changes.flatMap((change) => change.changedTokens))],
  };
}

/** Returns the positions a change leaves of the tokens it touched. */
export function changedPositions(change: AccountChange): Position[] {
  return change.changedTokens.flatMap((tokenId) => change.state.positions.get(tokenId) ?? []);
}
