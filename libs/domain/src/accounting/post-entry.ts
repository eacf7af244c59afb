import { add, formatMicro, microShares, microUsdc, negate, subtract } from '../money';
import {
  LEDGER_ACCOUNTS,
  type LedgerAccount,
  type LedgerEntry,
  type LedgerKind,
  type ShareMovement,
} from '../trading/ledger';
import type { Portfolio, Position } from '../trading/portfolio';
import { type AccountChange, type AccountState, combineChanges, noChange } from './account';

/** An entry to be made: what it does to the accounts, and the positions as they are after it. */
export interface DraftEntry {
  kind: LedgerKind;
  /** Amounts by account; those left out are 0. */
  postings: Partial<Record<LedgerAccount, bigint>>;
  positions?: readonly Position[];
  orderId?: string;
  tradeId?: string;
  settlementKey?: string;
  description: string;
}

/**
 * Makes an entry, and a repayment after it when it leaves free cash while something is owed. Nothing that moves neither money nor shares becomes
 * an entry.
 * @throws Error naming the invariant that would break: postings that do not sum to zero, a balance below zero, a position that is not what was posted
 */
export function postEntry(state: AccountState, draft: DraftEntry, now: Date): AccountChange {
  const posted = postOne(state, draft, now);
  const { cash, owed } = posted.state.portfolio;
  const repaid = cash < owed ? cash : owed;
  if (repaid <= 0n) return posted;
  const repayment: DraftEntry = {
    kind: 'repayment',
    postings: { cash: negate(repaid), owed: repaid },
    description: `Repaid ${formatMicro(repaid)} of the ${formatMicro(owed)} USDC owed since a result was changed.`,
  };
  return combineChanges([posted, postOne(posted.state, repayment, now)]);
}

/** Puts positions into an account without an entry: what is held of their shares is not money. */
export function replacePositions(state: AccountState, positions: readonly Position[], now: Date): AccountChange {
  if (positions.length === 0) return noChange(state);
  for (const position of positions) checkPosition(position);
  return {
    state: { portfolio: { ...state.portfolio, updatedAt: now }, positions: withPositions(state, positions) },
    entries: [],
    changedTokens: positions.map(({ tokenId }) => tokenId),
  };
}

function postOne(state: AccountState, draft: DraftEntry, now: Date): AccountChange {
  const positions = draft.positions ?? [];
  const amount = (account: LedgerAccount): bigint => draft.postings[account] ?? 0n;
  const sum = LEDGER_ACCOUNTS.reduce((total, account) => total + amount(account), 0n);
  if (sum !== 0n) throw new Error(`the postings of a ${draft.kind} sum to ${formatMicro(sum)}, not to 0`);
  const costChange = positions.reduce(
    (total, position) => total + position.cost - (state.positions.get(position.tokenId)?.cost ?? 0n),
    0n,
  );
  if (costChange !== amount('positions')) {
    throw new Error(
      `a ${draft.kind} changes positions by ${formatMicro(costChange)} and posts ${formatMicro(amount('positions'))}`,
    );
  }
  for (const position of positions) checkPosition(position);
  const shares = movements(state, positions);
  const isNothing = shares.length === 0 && LEDGER_ACCOUNTS.every((account) => amount(account) === 0n);
  if (isNothing) return replacePositions(state, positions, now);

  const before = state.portfolio;
  const portfolio: Portfolio = {
    ...before,
    cash: add(before.cash, microUsdc(amount('cash'))),
    reserved: add(before.reserved, microUsdc(amount('reserved'))),
    owed: subtract(before.owed, microUsdc(amount('owed'))),
    realised: subtract(before.realised, microUsdc(amount('realised'))),
    fees: add(before.fees, microUsdc(amount('fees'))),
    ledgerSeq: before.ledgerSeq + 1,
    updatedAt: now,
  };
  for (const balance of ['cash', 'reserved', 'owed'] as const) {
    if (portfolio[balance] < 0n) {
      throw new Error(`a ${draft.kind} would leave ${balance} at ${formatMicro(portfolio[balance])}`);
    }
  }
  const entry: LedgerEntry = {
    portfolioId: portfolio.id,
    run: portfolio.run,
    seq: portfolio.ledgerSeq,
    kind: draft.kind,
    postings: LEDGER_ACCOUNTS.filter((account) => amount(account) !== 0n).map((account) => ({
      account,
      amount: microUsdc(amount(account)),
    })),
    cashAfter: portfolio.cash,
    reservedAfter: portfolio.reserved,
    shares,
    orderId: draft.orderId ?? null,
    tradeId: draft.tradeId ?? null,
    settlementKey: draft.settlementKey ?? null,
    description: draft.description,
    at: now,
  };
  return {
    state: { portfolio, positions: withPositions(state, positions) },
    entries: [entry],
    changedTokens: positions.map(({ tokenId }) => tokenId),
  };
}

function withPositions(state: AccountState, changed: readonly Position[]): ReadonlyMap<string, Position> {
  if (changed.length === 0) return state.positions;
  return new Map([...state.positions, ...changed.map((position): [string, Position] => [position.tokenId, position])]);
}

function movements(state: AccountState, positions: readonly Position[]): ShareMovement[] {
  return positions.flatMap(({ marketId, conditionId, tokenId, outcome, outcomeIndex, quantity }) => {
    const change = subtract(quantity, state.positions.get(tokenId)?.quantity ?? microShares(0n));
    if (change === 0n) return [];
    return { marketId, conditionId, tokenId, outcome, outcomeIndex, change, quantityAfter: quantity };
  });
}

function checkPosition({ tokenId, quantity, reserved, cost }: Position): void {
  if (reserved < 0n || reserved > quantity) {
    throw new Error(
      `${formatMicro(reserved)} of ${formatMicro(quantity)} shares of token ${tokenId} would be reserved`,
    );
  }
  if (cost < 0n || (quantity === 0n && cost !== 0n)) {
    throw new Error(`${formatMicro(quantity)} shares of token ${tokenId} would have cost ${formatMicro(cost)}`);
  }
}
