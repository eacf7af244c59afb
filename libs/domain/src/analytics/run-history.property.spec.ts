import fc from 'fast-check';
import { anOrder, NO, opened, RAIN, shares, YES } from '../../test/paper-account';
import { type AccountChange, type AccountState, combineChanges } from '../accounting/account';
import { bookFill } from '../accounting/book-fill';
import { mergeSet, splitSet } from '../accounting/complete-sets';
import { freeShares, releaseFor, reserveFor } from '../accounting/reservations';
import { reverseSettlement, settlePosition } from '../accounting/settle';
import { type MicroPrice, microPrice, microShares, microUsdc, notional, partsPerMillion } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import { RunWalk, walkRun } from './run-history';

const NOTHING = { cash: microUsdc(0n), shares: shares('0') };
const deed = fc.record({
  kind: fc.constantFrom('buy', 'buy', 'sell', 'split', 'merge', 'hold', 'settle', 'reverse'),
  second: fc.boolean(),
  quantity: fc.bigInt({ min: 1n, max: 60_000_000n }),
  price: fc.bigInt({ min: 1_000n, max: 999_000n }),
  fee: fc.bigInt({ min: 0n, max: 100_000n }),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** Does a deed where the account allows it. */
function doDeed(state: AccountState, entries: readonly LedgerEntry[], one: Deed, now: Date): AccountChange | null {
  const ref = one.second ? NO : YES;
  const at: MicroPrice = microPrice(one.price);
  const free = freeShares(state, ref.tokenId);
  const quantity = microShares(one.kind === 'sell' && one.quantity > free ? free : one.quantity);
  const fill = (value: bigint) => ({
    tradeId: `trade ${entries.length}`,
    price: at,
    quantity,
    value: microUsdc(value),
    fee: microUsdc(one.fee < value ? one.fee : value),
    liquidity: 'taker' as const,
  });
  switch (one.kind) {
    case 'buy': {
      const bought = fill(notional(at, quantity, 'up'));
      if (bought.value + bought.fee > state.portfolio.cash - state.portfolio.owed) return null;
      return bookFill(state, anOrder('buy', ref), bought, NOTHING, now);
    }
    case 'sell':
      if (quantity === 0n) return null;
      return bookFill(state, anOrder('sell', ref), fill(notional(at, quantity, 'down')), NOTHING, now);
    case 'split':
    case 'merge': {
      const decision = (one.kind === 'split' ? splitSet : mergeSet)(state, RAIN, quantity, now);
      return decision.ok ? decision.change : null;
    }
    case 'hold': {
      const cash = microUsdc(state.portfolio.cash > state.portfolio.owed ? 1n : 0n);
      const held = reserveFor(state, anOrder('buy', ref), { ...NOTHING, cash }, now);
      return combineChanges([held, releaseFor(held.state, anOrder('buy', ref), { ...NOTHING, cash }, 'over.', now)]);
    }
    case 'settle': {
      const isSettled = [...state.positions.values()].some(({ settledVersion }) => settledVersion !== null);
      if (isSettled) return null;
      const version = 1 + entries.filter(({ kind }) => kind === 'settlement_reversal').length;
      const payouts = one.second ? [500_000n, 500_000n] : [1_000_000n, 0n];
      const resolution = {
        conditionId: YES.conditionId,
        version,
        tokenIds: [YES.tokenId, NO.tokenId],
        payouts: payouts.map(partsPerMillion),
      };
      const yes = settlePosition(state, YES.tokenId, resolution, now);
      return combineChanges([yes, settlePosition(yes.state, NO.tokenId, resolution, now)]);
    }
    case 'reverse': {
      const last = entries.findLast(({ kind }) => kind === 'settlement');
      const own = entries.filter(({ settlementKey }) => last !== undefined && settlementKey === last.settlementKey);
      return reverseSettlement(state, own, now);
    }
  }
}

describe('the history of a run', () => {
  it('comes to what the account holds after any deeds, and its lots to what was realised less their fees', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
        let { state, entries } = opened('200');
        for (const [index, one] of deeds.entries()) {
          const change = doDeed(state, entries, one, new Date(Date.UTC(2026, 10, 22, 10, index)));
          if (change === null) continue;
          state = change.state;
          entries = [...entries, ...change.entries];
        }
        const history = walkRun(entries);
        const { cash, reserved, owed, realised, fees } = state.portfolio;
        expect(history.steps.at(-1)).toMatchObject({ cash, reserved, owed, realised, fees });
        let openFees = 0n;
        for (const position of state.positions.values()) {
          const { quantity, cost, realised: earned, fees: paid } = position;
          const last = history.tokens.get(position.tokenId)?.at(-1);
          if (last === undefined) expect([quantity, cost, earned, paid]).toEqual([0n, 0n, 0n, 0n]);
          else expect(last).toMatchObject({ quantity, cost, realised: earned, fees: paid });
          if (quantity > 0n) openFees += paid;
        }
        for (const lots of [history.lots.averageCost, history.lots.fifo]) {
          const closed = lots.reduce((sum, { proceeds, cost }) => sum + proceeds - cost, 0n);
          const paid = lots.reduce((sum, lot) => sum + lot.fees, 0n);
          if (lots === history.lots.averageCost) expect(closed).toBe(realised);
          expect(paid <= fees && paid >= fees - openFees).toBe(true);
          expect(lots.reduce((sum, { pnl }) => sum + pnl, 0n)).toBe(closed - paid);
        }
      }),
    );
  });

  it('is the same when the walk is stopped and gone on with, and does not change behind whoever has it', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 20 }), fc.nat(20), (deeds, stop) => {
        let { state, entries } = opened('200');
        for (const [index, one] of deeds.entries()) {
          const change = doDeed(state, entries, one, new Date(Date.UTC(2026, 10, 22, 10, index)));
          if (change === null) continue;
          state = change.state;
          entries = [...entries, ...change.entries];
        }
        const walk = new RunWalk();
        for (const entry of entries.slice(0, stop)) walk.take(entry);
        const half = walk.history();
        for (const entry of entries.slice(stop)) walk.take(entry);
        expect(walk.history()).toEqual(walkRun(entries));
        expect(half).toEqual(walkRun(entries.slice(0, stop)));
      }),
    );
  });
});
