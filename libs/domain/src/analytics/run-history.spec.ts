import { anOrder, granted, hold, NO, NO_HOLD, opened, price, RAIN, shares, usdc, YES } from '../../test/paper-account';
import { type AccountState, combineChanges } from '../accounting/account';
import { bookFill } from '../accounting/book-fill';
import { mergeSet, splitSet } from '../accounting/complete-sets';
import { closeRun } from '../accounting/open-account';
import { releaseFor, reserveFor } from '../accounting/reservations';
import { reverseSettlement, settlePosition } from '../accounting/settle';
import { partsPerMillion } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import { walkRun } from './run-history';

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 10, minute));
const YES_WON = {
  conditionId: YES.conditionId,
  version: 1,
  tokenIds: [YES.tokenId, NO.tokenId],
  payouts: [partsPerMillion(1_000_000n), partsPerMillion(0n)],
};
const NO_WON = { ...YES_WON, version: 2, payouts: [partsPerMillion(0n), partsPerMillion(1_000_000n)] };

const bought = (quantity: string, value: string, fee: string) => ({
  tradeId: `buy ${quantity}`,
  price: price('0.4'),
  quantity: shares(quantity),
  value: usdc(value),
  fee: usdc(fee),
  liquidity: 'taker' as const,
});

interface Told {
  state: AccountState;
  entries: LedgerEntry[];
}
type Deed = (state: AccountState, now: Date, entries: readonly LedgerEntry[]) => Told;

/** Deeds one after the other, a minute apart; returns the account and its ledger. */
function told(...deeds: readonly Deed[]): Told {
  let { state, entries } = opened('1000');
  deeds.forEach((deed, index) => {
    const change = deed(state, at(index + 1), entries);
    state = change.state;
    entries = [...entries, ...change.entries];
  });
  return { state, entries };
}

const story: readonly Deed[] = [
  (state, now) => bookFill(state, anOrder('buy'), bought('100', '40', '0.96'), NO_HOLD, now),
  (state, now) => granted(splitSet(state, RAIN, shares('10'), now)),
  (state, now) => bookFill(state, anOrder('sell'), { ...bought('30', '15', '0.3'), price: price('0.5') }, NO_HOLD, now),
  (state, now) => granted(mergeSet(state, RAIN, shares('5'), now)),
];
const settled =
  (resolution: typeof YES_WON): Deed =>
  (state, now) => {
    const yes = settlePosition(state, YES.tokenId, resolution, now);
    return combineChanges([yes, settlePosition(yes.state, NO.tokenId, resolution, now)]);
  };

describe('the history of a run', () => {
  it('gives what the account holds after every kind of entry', () => {
    const { state, entries } = told(
      ...story,
      (account, now) => reserveFor(account, anOrder('buy', NO, 'order-2'), hold('7.5'), now),
      (account, now) => releaseFor(account, anOrder('buy', NO, 'order-2'), hold('2.5'), 'it was cancelled.', now),
    );
    const history = walkRun(entries);
    expect(history.steps.at(-1)).toEqual({
      at: at(6),
      cash: usdc('963.74'),
      reserved: usdc('5'),
      owed: 0n,
      // 15 - 45 x 30 / 110 of the sale, 2.50 - 32.727273 x 5 / 80 of the merge.
      realised: usdc('3.181818'),
      fees: usdc('1.26'),
    });
    expect(history.steps.at(-1)).toMatchObject({ cash: state.portfolio.cash, realised: state.portfolio.realised });
    expect(history.tokens.get(YES.tokenId)?.map(({ quantity, cost }) => [quantity, cost])).toEqual([
      [shares('100'), usdc('40')],
      [shares('110'), usdc('45')],
      [shares('80'), usdc('32.727273')],
      [shares('75'), usdc('30.681818')],
    ]);
    expect(history.tokens.get(NO.tokenId)?.at(-1)).toEqual({
      at: at(4),
      quantity: shares('5'),
      cost: usdc('2.5'),
      realised: usdc('0'),
      fees: usdc('0'),
    });
    expect(history.flows).toEqual([{ at: entries[0]?.at, amount: usdc('1000') }]);
    expect(history.fills).toBe(2);
  });

  it('closes lots by sales, merges and settlements; their P&L is what was realised less all fees: 45 - 1.26', () => {
    const { state, entries } = told(...story, settled(YES_WON));
    const { averageCost, fifo } = walkRun(entries).lots;
    expect(averageCost.map(({ end, pnl }) => [end, pnl])).toEqual([
      ['sell', usdc('2.165455')],
      ['merge', usdc('0.410909')],
      ['merge', usdc('0')],
      ['settlement', usdc('43.663636')],
      ['settlement', usdc('-2.5')],
    ]);
    expect(state.portfolio).toMatchObject({ realised: usdc('45'), fees: usdc('1.26') });
    expect(averageCost.reduce((sum, { pnl }) => sum + pnl, 0n)).toBe(usdc('43.74'));
    expect(fifo.reduce((sum, { pnl }) => sum + pnl, 0n)).toBe(usdc('43.74'));
  });

  it('counts a result that was changed once, and what is owed since', () => {
    const { state, entries } = told(
      ...story,
      settled(YES_WON),
      (account, now) => reserveFor(account, anOrder('buy', YES, 'order-3'), hold('1000'), now),
      (account, now, before) =>
        reverseSettlement(
          account,
          before.filter(({ kind }) => kind === 'settlement'),
          now,
        ),
      settled(NO_WON),
    );
    const history = walkRun(entries);
    expect(history.lots.averageCost.map(({ end, pnl }) => [end, pnl])).toEqual([
      ['sell', usdc('2.165455')],
      ['merge', usdc('0.410909')],
      ['merge', usdc('0')],
      ['settlement', usdc('-31.336364')],
      ['settlement', usdc('2.5')],
    ]);
    // 75 taken back of which 43.74 were there, and 5 repaid.
    expect(history.steps.at(-1)).toMatchObject({
      owed: usdc('26.26'),
      realised: state.portfolio.realised,
      cash: state.portfolio.cash,
    });
  });

  it('ends with nothing held, and closes no lot for what was given up', () => {
    const { state } = told(...story);
    const { entries } = told(...story, (account, now) => {
      const closed = closeRun(account, now);
      return { state: closed.state, entries: closed.entries.filter(({ run }) => run === 1) };
    });
    const history = walkRun(entries);
    expect(history.tokens.get(YES.tokenId)?.at(-1)).toMatchObject({ quantity: 0n, cost: 0n });
    expect(history.lots.averageCost).toHaveLength(3);
    expect(history.flows.at(-1)?.amount).toBe(-(state.portfolio.cash + usdc('30.681818') + usdc('2.5')));
  });
});
