import {
  anOrder,
  balances,
  CONDITION,
  granted,
  hold,
  NO,
  NO_HOLD,
  NOW,
  opened,
  outcome,
  price,
  QUESTION,
  RAIN,
  shares,
  usdc,
  YES,
} from '../../test/paper-account';
import { type PartsPerMillion, partsPerMillion } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import type { AccountChange, AccountState } from './account';
import { auditLedger } from './audit-ledger';
import { bookFill, type FillToBook } from './book-fill';
import { mergeSet, splitSet } from './complete-sets';
import { closeRun } from './open-account';
import { releaseFor, reserveFor } from './reservations';
import { reverseSettlement, settlePosition } from './settle';

const aFill = (quantity: string, at: string, value: string, fee: string, tradeId = 'trade-1'): FillToBook => ({
  tradeId,
  quantity: shares(quantity),
  price: price(at),
  value: usdc(value),
  fee: usdc(fee),
  liquidity: 'taker',
});

const result = (
  version: number,
  payouts: readonly [bigint, bigint],
): { conditionId: string; version: number; tokenIds: string[]; payouts: PartsPerMillion[] } => ({
  conditionId: CONDITION,
  version,
  tokenIds: [YES.tokenId, NO.tokenId],
  payouts: payouts.map(partsPerMillion),
});

const YES_WINS = [1_000_000n, 0n] as const;
const NO_WINS = [0n, 1_000_000n] as const;
const HALVES = [500_000n, 500_000n] as const;

/** Carries out steps one after the other and keeps the ledger. */
class Book {
  readonly ledger: LedgerEntry[];
  state: AccountState;

  constructor(start: AccountChange) {
    this.ledger = [...start.entries];
    this.state = start.state;
  }

  apply(step: (state: AccountState) => AccountChange): this {
    const change = step(this.state);
    this.ledger.push(...change.entries);
    this.state = change.state;
    return this;
  }

  get last(): LedgerEntry | undefined {
    return this.ledger.at(-1);
  }

  broken(): string[] {
    return auditLedger(this.ledger, this.state.portfolio, this.state.positions.values());
  }
}

const posted = (entry: LedgerEntry | undefined): Record<string, bigint> =>
  Object.fromEntries((entry?.postings ?? []).map(({ account, amount }) => [account, amount]));

describe('accounting, by hand', () => {
  it('a buy through three levels with fees, then a sale of a part', () => {
    const book = new Book(opened('100'));
    const buy = anOrder('buy');
    book
      .apply((state) => bookFill(state, buy, aFill('10', '0.5', '5', '0.1', 'trade-1'), NO_HOLD, NOW))
      .apply((state) => bookFill(state, buy, aFill('10', '0.51', '5.1', '0.09996', 'trade-2'), NO_HOLD, NOW))
      .apply((state) => bookFill(state, buy, aFill('10', '0.52', '5.2', '0.09984', 'trade-3'), NO_HOLD, NOW));
    expect(balances(book.state)).toEqual({
      cash: usdc('84.4002'),
      reserved: usdc('0'),
      owed: usdc('0'),
      realised: usdc('0'),
      fees: usdc('0.2998'),
    });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({
      quantity: shares('30'),
      cost: usdc('15.3'),
      fees: usdc('0.2998'),
      status: 'open',
    });

    const sale = bookFill(
      book.state,
      anOrder('sell', YES, 'order-2'),
      aFill('12', '0.55', '6.6', '0.1188', 'trade-4'),
      NO_HOLD,
      NOW,
    );
    book.apply(() => sale);
    expect(sale.realised).toBe(usdc('0.48'));
    expect(posted(book.last)).toEqual({
      cash: usdc('6.4812'),
      positions: usdc('-6.12'),
      realised: usdc('-0.48'),
      fees: usdc('0.1188'),
    });
    expect(balances(book.state)).toMatchObject({
      cash: usdc('90.8814'),
      realised: usdc('0.48'),
      fees: usdc('0.4186'),
    });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ quantity: shares('18'), cost: usdc('9.18') });
    expect(book.last?.shares).toEqual([{ ...YES, change: shares('-12'), quantityAfter: shares('18') }]);
    expect(book.broken()).toEqual([]);
  });

  it('sales of thirds: each takes its share of the cost, rounded half up, the last one the rest', () => {
    const book = new Book(opened('10'));
    book.apply((state) => bookFill(state, anOrder('buy'), aFill('3', '0.333333', '1', '0'), NO_HOLD, NOW));
    const costs: bigint[] = [];
    for (const tradeId of ['trade-2', 'trade-3', 'trade-4']) {
      book.apply((state) => bookFill(state, anOrder('sell'), aFill('1', '0.4', '0.4', '0', tradeId), NO_HOLD, NOW));
      costs.push(-(posted(book.last).positions ?? 0n));
    }
    expect(costs).toEqual([usdc('0.333333'), usdc('0.333334'), usdc('0.333333')]);
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({
      quantity: 0n,
      cost: 0n,
      realised: usdc('0.2'),
      status: 'closed',
    });
    expect(book.broken()).toEqual([]);
  });

  it('a split, then a sale of one leg, then the other one wins', () => {
    const book = new Book(opened('50'));
    book.apply((state) => granted(splitSet(state, RAIN, shares('10'), NOW)));
    expect(balances(book.state)).toMatchObject({ cash: usdc('40') });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ quantity: shares('10'), cost: usdc('5') });
    expect(book.state.positions.get(NO.tokenId)).toMatchObject({ quantity: shares('10'), cost: usdc('5') });

    const sale = anOrder('sell', NO);
    book.apply((state) => bookFill(state, sale, aFill('10', '0.62', '6.2', '0.09424'), NO_HOLD, NOW));
    expect(balances(book.state)).toMatchObject({
      cash: usdc('46.10576'),
      realised: usdc('1.2'),
      fees: usdc('0.09424'),
    });

    book
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW))
      .apply((state) => settlePosition(state, NO.tokenId, result(1, YES_WINS), NOW));
    expect(balances(book.state)).toMatchObject({ cash: usdc('56.10576'), realised: usdc('6.2') });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({
      quantity: 0n,
      cost: 0n,
      realised: usdc('5'),
      status: 'settled',
      settledVersion: 1,
    });
    expect(book.state.positions.get(NO.tokenId)).toMatchObject({ status: 'closed', settledVersion: null });
    expect(book.ledger.map(({ kind }) => kind)).toEqual(['deposit', 'split', 'sell', 'settlement']);
    expect(book.broken()).toEqual([]);
  });

  it('a partial fill, then a cancel, which releases exactly what is left', () => {
    const book = new Book(opened('100'));
    const order = anOrder('buy');
    book.apply((state) => reserveFor(state, order, hold('40.96'), NOW));
    expect(balances(book.state)).toMatchObject({ cash: usdc('59.04'), reserved: usdc('40.96') });
    book.apply((state) => bookFill(state, order, aFill('25', '0.4', '10', '0.24'), hold('10.24'), NOW));
    expect(balances(book.state)).toMatchObject({ cash: usdc('59.04'), reserved: usdc('30.72'), fees: usdc('0.24') });
    book.apply((state) => releaseFor(state, order, hold('30.72'), 'cancelled by its owner.', NOW));
    expect(balances(book.state)).toMatchObject({ cash: usdc('89.76'), reserved: 0n });
    expect(book.ledger.map(({ cashAfter, reservedAfter }) => [cashAfter, reservedAfter])).toEqual([
      [usdc('100'), 0n],
      [usdc('59.04'), usdc('40.96')],
      [usdc('59.04'), usdc('30.72')],
      [usdc('89.76'), 0n],
    ]);
    expect(book.broken()).toEqual([]);
  });

  it('a better price than was held for: what is not needed becomes free with the fill', () => {
    const book = new Book(opened('100'));
    const order = anOrder('buy');
    book
      .apply((state) => reserveFor(state, order, hold('40.96'), NOW))
      .apply((state) => bookFill(state, order, aFill('100', '0.38', '38', '0.9424'), hold('40.96'), NOW));
    expect(posted(book.last)).toEqual({
      cash: usdc('2.0176'),
      reserved: usdc('-40.96'),
      positions: usdc('38'),
      fees: usdc('0.9424'),
    });
    expect(balances(book.state)).toMatchObject({ cash: usdc('61.0576'), reserved: 0n });
    expect(book.broken()).toEqual([]);
  });

  it('a sale of held shares, then a cancel: held shares make no entry of their own', () => {
    const book = new Book(opened('10'));
    const order = anOrder('sell');
    book
      .apply((state) => bookFill(state, anOrder('buy'), aFill('10', '0.3', '3', '0'), NO_HOLD, NOW))
      .apply((state) => reserveFor(state, order, hold('0', '8'), NOW))
      .apply((state) => bookFill(state, order, aFill('5', '0.5', '2.5', '0', 'trade-2'), hold('0', '5'), NOW));
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ quantity: shares('5'), reserved: shares('3') });
    book.apply((state) => releaseFor(state, order, hold('0', '3'), 'cancelled by its owner.', NOW));
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ quantity: shares('5'), reserved: 0n });
    expect(book.ledger.map(({ kind }) => kind)).toEqual(['deposit', 'buy', 'sell']);
    expect(book.broken()).toEqual([]);
  });

  it('a result of two halves pays odd micro-units to one of the outcomes', () => {
    const book = new Book(opened('10'));
    book
      .apply((state) => bookFill(state, anOrder('buy'), aFill('7', '0.3', '2.1', '0.0588'), NO_HOLD, NOW))
      .apply((state) =>
        bookFill(state, anOrder('buy', NO), aFill('3.000001', '0.65', '1.950001', '0.0273'), NO_HOLD, NOW),
      )
      .apply((state) => settlePosition(state, YES.tokenId, result(1, HALVES), NOW))
      .apply((state) => settlePosition(state, NO.tokenId, result(1, HALVES), NOW));
    expect(book.ledger.slice(3).map((entry) => posted(entry))).toEqual([
      { cash: usdc('3.5'), positions: usdc('-2.1'), realised: usdc('-1.4') },
      { cash: usdc('1.500001'), positions: usdc('-1.950001'), realised: usdc('0.45') },
    ]);
    expect(balances(book.state)).toEqual({
      cash: usdc('10.8639'),
      reserved: 0n,
      owed: 0n,
      realised: usdc('0.95'),
      fees: usdc('0.0861'),
    });
    expect(book.broken()).toEqual([]);
  });

  it('a result that changes after the money was spent: what is missing is owed, and paid from what comes in', () => {
    const other = outcome(0, `0x${'cd'.repeat(32)}`);
    const book = new Book(opened('20'));
    book
      .apply((state) => bookFill(state, anOrder('buy'), aFill('40', '0.25', '10', '0.3'), NO_HOLD, NOW))
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW));
    expect(balances(book.state)).toMatchObject({ cash: usdc('49.7'), realised: usdc('30') });
    book.apply((state) =>
      bookFill(state, anOrder('buy', other), aFill('100', '0.45', '45', '0', 'trade-2'), NO_HOLD, NOW),
    );

    const settlements = book.ledger.filter(({ settlementKey }) => settlementKey === `${CONDITION}:1`);
    book.apply((state) => reverseSettlement(state, settlements, NOW));
    expect(posted(book.last)).toEqual({
      cash: usdc('-4.7'),
      owed: usdc('-35.3'),
      positions: usdc('10'),
      realised: usdc('30'),
    });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({
      quantity: shares('40'),
      cost: usdc('10'),
      realised: 0n,
      status: 'open',
      settledVersion: null,
    });

    book.apply((state) => settlePosition(state, YES.tokenId, result(2, NO_WINS), NOW));
    expect(balances(book.state)).toMatchObject({ cash: 0n, owed: usdc('35.3'), realised: usdc('-10') });
    book.apply((state) =>
      bookFill(state, anOrder('sell', other), aFill('100', '0.5', '50', '0', 'trade-3'), NO_HOLD, NOW),
    );
    expect(book.last).toMatchObject({ kind: 'repayment', cashAfter: usdc('14.7') });
    expect(balances(book.state)).toEqual({
      cash: usdc('14.7'),
      reserved: 0n,
      owed: 0n,
      realised: usdc('-5'),
      fees: usdc('0.3'),
    });
    expect(book.broken()).toEqual([]);
  });

  it('a reset ends the run at cost and begins the next with the initial balance', () => {
    const book = new Book(opened('10'));
    book.apply((state) => bookFill(state, anOrder('buy'), aFill('10', '0.2', '2', '0.064'), NO_HOLD, NOW));
    const reset = closeRun(book.state, NOW);
    book.apply(() => reset);
    expect(book.ledger.map(({ seq, run, kind }) => [seq, run, kind])).toEqual([
      [1, 1, 'deposit'],
      [2, 1, 'buy'],
      [3, 1, 'withdrawal'],
      [4, 2, 'deposit'],
    ]);
    expect(posted(book.ledger[2])).toEqual({
      cash: usdc('-7.936'),
      positions: usdc('-2'),
      external: usdc('9.936'),
    });
    expect(balances(book.state)).toEqual({ cash: usdc('10'), reserved: 0n, owed: 0n, realised: 0n, fees: 0n });
    expect(book.state.positions.size).toBe(0);
    expect(book.state.portfolio).toMatchObject({ run: 2, ledgerSeq: 4 });
    expect(reset.closedPositions).toMatchObject([
      { run: 1, tokenId: YES.tokenId, quantity: 0n, cost: 0n, status: 'closed' },
    ]);
    expect(auditLedger(book.ledger, book.state.portfolio, reset.closedPositions)).toEqual([]);
  });

  it('a reset while something is owed forgives it: less went out than the shares given up had cost', () => {
    const other = outcome(0, `0x${'cd'.repeat(32)}`);
    const book = new Book(opened('20'));
    book
      .apply((state) => bookFill(state, anOrder('buy'), aFill('40', '0.25', '10', '0.3'), NO_HOLD, NOW))
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW))
      .apply((state) =>
        bookFill(state, anOrder('buy', other), aFill('100', '0.45', '45', '0', 'trade-2'), NO_HOLD, NOW),
      );
    const settlements = book.ledger.filter(({ settlementKey }) => settlementKey === `${CONDITION}:1`);
    book
      .apply((state) => reverseSettlement(state, settlements, NOW))
      .apply((state) => settlePosition(state, YES.tokenId, result(2, NO_WINS), NOW));
    expect(balances(book.state)).toMatchObject({ cash: 0n, owed: usdc('35.3') });

    const lost = [...book.state.positions.values()].filter(({ quantity }) => quantity === 0n);
    const reset = closeRun(book.state, NOW);
    book.apply(() => reset);
    // 100 shares that cost 45, less 35.3 owed.
    expect(posted(book.ledger.at(-2))).toEqual({ positions: usdc('-45'), owed: usdc('35.3'), external: usdc('9.7') });
    expect(book.ledger.at(-2)?.description).toBe(
      'Closed run 1: 0 USDC paid out, shares that cost 45 USDC given up, 35.3 USDC owed forgiven.',
    );
    expect(balances(book.state)).toEqual({ cash: usdc('20'), reserved: 0n, owed: 0n, realised: 0n, fees: 0n });
    expect(auditLedger(book.ledger, book.state.portfolio, [...lost, ...reset.closedPositions])).toEqual([]);
  });
});

describe('complete sets', () => {
  it('are refused without the cash, saying what there is', () => {
    expect(splitSet(opened('5').state, RAIN, shares('5.000001'), NOW)).toEqual({
      ok: false,
      refusal: { code: 'ORDER.INSUFFICIENT_CASH', message: '5.000001 sets cost 5.000001 USDC; 5 USDC is free.' },
    });
  });

  it('are refused without the free shares, saying what there is', () => {
    const book = new Book(opened('5'));
    book
      .apply((state) => granted(splitSet(state, RAIN, shares('5'), NOW)))
      .apply((state) => reserveFor(state, anOrder('sell', NO), hold('0', '2'), NOW));
    expect(mergeSet(book.state, RAIN, shares('4'), NOW)).toEqual({
      ok: false,
      refusal: {
        code: 'ORDER.INSUFFICIENT_SHARES',
        message: '4 sets take as many free shares of every outcome; there are 5 of Yes and 3 of No.',
      },
    });
    expect(mergeSet(book.state, RAIN, shares('3'), NOW).ok).toBe(true);
  });

  it('merged from shares bought apart realise what they cost less than 1', () => {
    const book = new Book(opened('10'));
    book
      .apply((state) => bookFill(state, anOrder('buy'), aFill('5', '0.4', '2', '0'), NO_HOLD, NOW))
      .apply((state) => bookFill(state, anOrder('buy', NO), aFill('5', '0.55', '2.75', '0'), NO_HOLD, NOW))
      .apply((state) => granted(mergeSet(state, RAIN, shares('5'), NOW)));
    expect(posted(book.last)).toEqual({ cash: usdc('5'), positions: usdc('-4.75'), realised: usdc('-0.25') });
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ realised: usdc('0.5'), status: 'closed' });
    expect(book.state.positions.get(NO.tokenId)).toMatchObject({ realised: usdc('-0.25'), status: 'closed' });
    expect(book.broken()).toEqual([]);
  });
});

describe('settlement', () => {
  const held = (): Book =>
    new Book(opened('20')).apply((state) =>
      bookFill(state, anOrder('buy'), aFill('40', '0.25', '10', '0'), NO_HOLD, NOW),
    );

  it('paid again changes nothing', () => {
    const book = held().apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW));
    const again = settlePosition(book.state, YES.tokenId, result(1, YES_WINS), NOW);
    expect(again).toEqual({ state: book.state, entries: [], changedTokens: [] });
  });

  it('reversed again changes nothing, also when it was paid and reversed once more in between', () => {
    const book = held();
    book
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW))
      .apply((state) => reverseSettlement(state, book.ledger.slice(2), NOW));
    const reversed = book.state;
    expect(reverseSettlement(reversed, book.ledger.slice(2), NOW)).toEqual({
      state: reversed,
      entries: [],
      changedTokens: [],
    });
    book
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW))
      .apply((state) => reverseSettlement(state, book.ledger.slice(2), NOW));
    expect(balances(book.state)).toEqual(balances(reversed));
    expect(book.state.positions.get(YES.tokenId)).toMatchObject({ quantity: shares('40'), cost: usdc('10') });
    expect(book.broken()).toEqual([]);
  });

  it('of another version is not paid on top of one that stands', () => {
    const book = held()
      .apply((state) => settlePosition(state, YES.tokenId, result(1, YES_WINS), NOW))
      .apply((state) => bookFill(state, anOrder('buy'), aFill('1', '0.5', '0.5', '0'), NO_HOLD, NOW));
    expect(() => settlePosition(book.state, YES.tokenId, result(2, NO_WINS), NOW)).toThrow(/was paid and not reversed/);
  });

  it('waits for orders to be cancelled', () => {
    const book = held().apply((state) => reserveFor(state, anOrder('sell'), hold('0', '1'), NOW));
    expect(() => settlePosition(book.state, YES.tokenId, result(1, YES_WINS), NOW)).toThrow(/held for orders/);
  });
});

describe('what would break the books is an error', () => {
  it.each<[string, (state: AccountState) => AccountChange, RegExp]>([
    ['holding more cash than is free', (state) => reserveFor(state, anOrder('buy'), hold('20.000001'), NOW), /cash/],
    ['releasing cash that is not held', (state) => releaseFor(state, anOrder('buy'), hold('1'), 'x', NOW), /reserved/],
    ['holding shares there are none of', (state) => reserveFor(state, anOrder('sell'), hold('0', '1'), NOW), /none/],
    [
      'a buy that costs more than there is',
      (state) => bookFill(state, anOrder('buy'), aFill('40', '0.5', '20', '0.000001'), NO_HOLD, NOW),
      /cash/,
    ],
    [
      'a sale of shares there are none of',
      (state) => bookFill(state, anOrder('sell'), aFill('1', '0.5', '0.5', '0'), NO_HOLD, NOW),
      /none/,
    ],
    [
      'a fill of nothing',
      (state) => bookFill(state, anOrder('buy'), aFill('0', '0.5', '0', '0'), NO_HOLD, NOW),
      /no quantity/,
    ],
    [
      'a set of one outcome',
      (state) => granted(splitSet(state, { ...RAIN, outcomes: [YES] }, shares('1'), NOW)),
      /set/,
    ],
    ['no sets', (state) => granted(splitSet(state, RAIN, shares('0'), NOW)), /no number of sets/],
  ])('%s', (_, step, message) => {
    expect(() => step(opened('20').state)).toThrow(message);
  });

  it('closing a run while an order holds something', () => {
    const held = reserveFor(opened('20').state, anOrder('buy'), hold('1'), NOW);
    expect(() => closeRun(held.state, NOW)).toThrow(/held for its orders/);
  });

  it('selling held shares for another order', () => {
    const book = new Book(opened('20'))
      .apply((state) => bookFill(state, anOrder('buy'), aFill('10', '0.5', '5', '0'), NO_HOLD, NOW))
      .apply((state) => reserveFor(state, anOrder('sell'), hold('0', '8'), NOW));
    const sale = anOrder('sell', YES, 'order-2');
    expect(() => bookFill(book.state, sale, aFill('3', '0.5', '1.5', '0'), NO_HOLD, NOW)).toThrow(/reserved/);
  });
});

describe('descriptions', () => {
  it('tell what moved', () => {
    const book = new Book(opened('20'))
      .apply((state) => reserveFor(state, anOrder('buy'), hold('6'), NOW))
      .apply((state) => bookFill(state, anOrder('buy'), aFill('10', '0.5', '5', '0.1'), hold('6'), NOW));
    expect(book.ledger.map(({ description }) => description)).toEqual([
      'Paid in 20 USDC to begin run 1.',
      `Held 6 USDC for an order to buy Yes of "${QUESTION}".`,
      `Bought 10 shares of Yes of "${QUESTION}" at 0.5 as taker, for 5 USDC and a fee of 0.1 USDC.`,
    ]);
  });
});
