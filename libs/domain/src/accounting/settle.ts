import { add, formatMicro, microShares, microUsdc, negate, subtract } from '../money';
import { settlementValue } from '../settlement/settlement-value';
import type { LedgerAccount, LedgerEntry } from '../trading/ledger';
import type { Position } from '../trading/portfolio';
import type { AcceptedResolution } from '../trading/resolution';
import { type AccountChange, type AccountState, combineChanges, noChange } from './account';
import { postEntry } from './post-entry';

/** Returns the name under which a version of a result is paid. */
export function settlementKey({ conditionId, version }: Pick<AcceptedResolution, 'conditionId' | 'version'>): string {
  return `${conditionId}:${version}`;
}

/**
 * Pays the shares of a token by an accepted result (rule G2). What is not held is not paid, so that paying again changes nothing.
 * @throws Error while shares are held for orders, which are cancelled first, and when another version was paid, which is reversed first
 */
export function settlePosition(
  state: AccountState,
  tokenId: string,
  resolution: Pick<AcceptedResolution, 'conditionId' | 'version' | 'tokenIds' | 'payouts'>,
  now: Date,
): AccountChange {
  const position = state.positions.get(tokenId);
  if (position === undefined || position.quantity === 0n) return noChange(state);
  if (position.conditionId !== resolution.conditionId) {
    throw new Error(`token ${tokenId} is not of condition ${resolution.conditionId}`);
  }
  if (position.reserved !== 0n) throw new Error(`token ${tokenId} is paid while shares are held for orders`);
  if (position.settledVersion !== null && position.settledVersion !== resolution.version) {
    throw new Error(`version ${position.settledVersion} of the result of token ${tokenId} was paid and not reversed`);
  }
  const outcome = resolution.tokenIds.indexOf(tokenId);
  if (outcome === -1)
    throw new Error(`the result of condition ${resolution.conditionId} does not name token ${tokenId}`);
  const paid = settlementValue(resolution.payouts, outcome, position.quantity);
  const realised = subtract(paid, position.cost);
  return postEntry(
    state,
    {
      kind: 'settlement',
      postings: { cash: paid, positions: negate(position.cost), realised: negate(realised) },
      positions: [
        {
          ...position,
          quantity: microShares(0n),
          cost: microUsdc(0n),
          realised: add(position.realised, realised),
          status: 'settled',
          settledVersion: resolution.version,
          updatedAt: now,
        },
      ],
      settlementKey: settlementKey(resolution),
      description:
        `Paid ${formatMicro(paid)} USDC for ${formatMicro(position.quantity)} shares of ${position.outcome} ` +
        `of "${position.marketQuestion}".`,
    },
    now,
  );
}

/**
 * Takes back what was paid for a result that has changed: the shares and their cost are there again. What the free cash does not cover is owed.
 * A token of which that version does not stand as paid is left alone, so that reversing again changes nothing.
 * @param settlements the account's entries under the key of one version of a result; its reversals among them are passed over
 */
export function reverseSettlement(state: AccountState, settlements: readonly LedgerEntry[], now: Date): AccountChange {
  const key = settlements[0]?.settlementKey;
  if (key === undefined || key === null) return noChange(state);
  const version = Number(key.slice(key.lastIndexOf(':') + 1));
  const reversedUpTo = new Map<string, number>();
  for (const { kind, seq, shares } of settlements) {
    if (kind !== 'settlement_reversal') continue;
    for (const { tokenId } of shares) reversedUpTo.set(tokenId, Math.max(seq, reversedUpTo.get(tokenId) ?? 0));
  }
  const stands = ({ kind, run, seq, shares }: LedgerEntry): boolean =>
    kind === 'settlement' &&
    run === state.portfolio.run &&
    shares.every(
      ({ tokenId }) =>
        state.positions.get(tokenId)?.settledVersion === version && seq > (reversedUpTo.get(tokenId) ?? 0),
    );
  const changes = [noChange(state)];
  for (const entry of settlements) {
    if (entry.settlementKey !== key || entry.portfolioId !== state.portfolio.id) {
      throw new Error(`entry ${entry.seq} is no settlement of ${key}`);
    }
    if (stands(entry)) changes.push(reverseOne(changes.at(-1)?.state ?? state, entry, key, now));
  }
  return combineChanges(changes);
}

function reverseOne(state: AccountState, entry: LedgerEntry, key: string, now: Date): AccountChange {
  const [movement] = entry.shares;
  const position = movement === undefined ? undefined : state.positions.get(movement.tokenId);
  if (movement === undefined || position === undefined || entry.shares.length !== 1) {
    throw new Error(`settlement ${entry.seq} does not name the one position it paid`);
  }
  const amount = (account: LedgerAccount): bigint =>
    entry.postings.find((posting) => posting.account === account)?.amount ?? 0n;
  const paid = amount('cash');
  const fromCash = paid < state.portfolio.cash ? paid : state.portfolio.cash;
  const restored: Position = {
    ...position,
    quantity: subtract(position.quantity, movement.change),
    cost: subtract(position.cost, microUsdc(amount('positions'))),
    realised: add(position.realised, microUsdc(amount('realised'))),
    status: 'open',
    settledVersion: null,
    updatedAt: now,
  };
  return postEntry(
    state,
    {
      kind: 'settlement_reversal',
      postings: {
        cash: -fromCash,
        owed: fromCash - paid,
        positions: -amount('positions'),
        realised: -amount('realised'),
      },
      positions: [restored],
      settlementKey: key,
      description:
        `Took back ${formatMicro(paid)} USDC paid for ${formatMicro(negate(movement.change))} shares of ${position.outcome} ` +
        `of "${position.marketQuestion}": the result was changed.`,
    },
    now,
  );
}
