import type { DomainErrorCode } from '../errors';
import { add, formatMicro, type MicroShares, microUsdc, negate, subtract } from '../money';
import type { MarketOutcomeRef } from '../trading/order';
import { availableCash, type Position } from '../trading/portfolio';
import type { AccountChange, AccountState } from './account';
import { emptyPosition } from './book-fill';
import { costOf, equalParts } from './cost-basis';
import { postEntry } from './post-entry';
import { freeShares } from './reservations';

/** All outcomes of one market. */
export interface SetMarket {
  outcomes: readonly MarketOutcomeRef[];
  marketQuestion: string;
}

/** Something the owner asked for that the account does not allow. */
export interface AccountRefusal {
  code: DomainErrorCode;
  /** A sentence that says what there is and what would be accepted. */
  message: string;
}

export type SetDecision = { ok: true; change: AccountChange } | { ok: false; refusal: AccountRefusal };

/**
 * Makes complete sets out of cash: 1 USDC becomes one share of every outcome. Each outcome costs an equal part.
 * @param quantity sets, in micro-shares, > 0
 */
export function splitSet(state: AccountState, market: SetMarket, quantity: MicroShares, now: Date): SetDecision {
  checkSets(market, quantity);
  const available = availableCash(state.portfolio);
  if (available < quantity) {
    return {
      ok: false,
      refusal: {
        code: 'ORDER.INSUFFICIENT_CASH',
        message: `${formatMicro(quantity)} sets cost ${formatMicro(quantity)} USDC; ${formatMicro(available)} USDC is free.`,
      },
    };
  }
  const costs = equalParts(quantity, market.outcomes.length);
  const positions = market.outcomes.map((outcome, index): Position => {
    const position = state.positions.get(outcome.tokenId) ?? emptyPosition(state, outcome, market.marketQuestion, now);
    return {
      ...position,
      quantity: add(position.quantity, quantity),
      cost: add(position.cost, microUsdc(costs[index] ?? 0n)),
      status: 'open',
      updatedAt: now,
    };
  });
  const change = postEntry(
    state,
    {
      kind: 'split',
      postings: { cash: negate(quantity), positions: quantity },
      positions,
      description: `Split ${formatMicro(quantity)} USDC into as many shares of every outcome of "${market.marketQuestion}".`,
    },
    now,
  );
  return { ok: true, change };
}

/**
 * Makes cash out of complete sets of free shares: one share of every outcome becomes 1 USDC. Each outcome earns an equal part, against its average cost.
 * @param quantity sets, in micro-shares, > 0
 */
export function mergeSet(state: AccountState, market: SetMarket, quantity: MicroShares, now: Date): SetDecision {
  checkSets(market, quantity);
  const short = market.outcomes.find(({ tokenId }) => freeShares(state, tokenId) < quantity);
  if (short !== undefined) {
    const free = market.outcomes.map(
      ({ tokenId, outcome }) => `${formatMicro(freeShares(state, tokenId))} of ${outcome}`,
    );
    return {
      ok: false,
      refusal: {
        code: 'ORDER.INSUFFICIENT_SHARES',
        message: `${formatMicro(quantity)} sets take as many free shares of every outcome; there are ${free.join(' and ')}.`,
      },
    };
  }
  const earned = equalParts(quantity, market.outcomes.length);
  const positions = market.outcomes.map((outcome, index): Position => {
    const position = state.positions.get(outcome.tokenId);
    if (position === undefined) throw new Error(`there is no position of token ${outcome.tokenId} to merge`);
    const cost = costOf(position, quantity);
    const left = subtract(position.quantity, quantity);
    return {
      ...position,
      quantity: left,
      cost: subtract(position.cost, cost),
      realised: add(position.realised, subtract(microUsdc(earned[index] ?? 0n), cost)),
      status: left === 0n ? 'closed' : position.status,
      updatedAt: now,
    };
  });
  const cost = positions.reduce(
    (sum, { tokenId, cost: left }) => sum + (state.positions.get(tokenId)?.cost ?? 0n) - left,
    0n,
  );
  const change = postEntry(
    state,
    {
      kind: 'merge',
      postings: { cash: quantity, positions: -cost, realised: cost - quantity },
      positions,
      description: `Merged ${formatMicro(quantity)} shares of every outcome of "${market.marketQuestion}" into as many USDC.`,
    },
    now,
  );
  return { ok: true, change };
}

function checkSets({ outcomes }: SetMarket, quantity: MicroShares): void {
  if (quantity <= 0n) throw new Error(`${quantity} is no number of sets`);
  if (outcomes.length < 2 || new Set(outcomes.map(({ tokenId }) => tokenId)).size !== outcomes.length) {
    throw new Error('a complete set has two or more outcomes, each once');
  }
}
