import { formatMicro, microShares, microUsdc, negate } from '../money';
import type { Portfolio, Position } from '../trading/portfolio';
import type { AccountChange, AccountState } from './account';
import { postEntry } from './post-entry';

const NOTHING = {
  cash: microUsdc(0n),
  reserved: microUsdc(0n),
  owed: microUsdc(0n),
  realised: microUsdc(0n),
  fees: microUsdc(0n),
};

/** Opens a run of a portfolio: its initial balance is paid in, and it holds nothing else. */
export function openAccount(portfolio: Portfolio, now: Date): AccountChange {
  const state: AccountState = {
    portfolio: { ...portfolio, ...NOTHING, runStartedAt: now, updatedAt: now },
    positions: new Map(),
  };
  const amount = portfolio.initialBalance;
  return postEntry(
    state,
    {
      kind: 'deposit',
      postings: { cash: amount, external: negate(amount) },
      description: `Paid in ${formatMicro(amount)} USDC to begin run ${portfolio.run}.`,
    },
    now,
  );
}

/** A run that was closed, and the one that began. */
export interface RunChange extends AccountChange {
  /** The positions of the closed run that held shares, as they are now: without any. */
  closedPositions: Position[];
}

/**
 * Ends the run and opens the next: cash is paid out, shares are given up at what they cost, what is owed is forgiven, and the initial balance is
 * paid in again. The state is that of the new run.
 * @throws Error while cash or shares are held for orders: those are cancelled first
 */
export function closeRun(state: AccountState, now: Date): RunChange {
  const { portfolio } = state;
  const held = [...state.positions.values()].filter(({ quantity }) => quantity > 0n);
  if (portfolio.reserved !== 0n || held.some(({ reserved }) => reserved !== 0n)) {
    throw new Error(`run ${portfolio.run} cannot be closed while something is held for its orders`);
  }
  const closedPositions = held.map((position): Position => ({
    ...position,
    quantity: microShares(0n),
    cost: microUsdc(0n),
    status: 'closed',
    updatedAt: now,
  }));
  const cost = held.reduce((sum, position) => sum + position.cost, 0n);
  const closed = postEntry(
    state,
    {
      kind: 'withdrawal',
      postings: {
        cash: negate(portfolio.cash),
        positions: -cost,
        owed: portfolio.owed,
        external: portfolio.cash + cost - portfolio.owed,
      },
      positions: closedPositions,
      description:
        `Closed run ${portfolio.run}: ${formatMicro(portfolio.cash)} USDC paid out` +
        (cost === 0n ? '' : `, shares that cost ${formatMicro(cost)} USDC given up`) +
        (portfolio.owed === 0n ? '.' : `, ${formatMicro(portfolio.owed)} USDC owed forgiven.`),
    },
    now,
  );
  const opened = openAccount({ ...closed.state.portfolio, run: portfolio.run + 1 }, now);
  return {
    state: opened.state,
    entries: [...closed.entries, ...opened.entries],
    changedTokens: [],
    closedPositions,
  };
}
