import {
  anOrder,
  CONDITION,
  hold,
  NO,
  NO_HOLD,
  NOW,
  opened,
  price,
  QUESTION,
  shares,
  usdc,
  YES,
} from '../../test/paper-account';
import { MICRO, microUsdc, partsPerMillion } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import type { Order } from '../trading/order';
import type { Portfolio, Position } from '../trading/portfolio';
import type { Trade } from '../trading/trade';
import { auditLedger } from './audit-ledger';
import { auditOrders } from './audit-orders';
import { TradeAudit } from './audit-trades';
import { bookFill } from './book-fill';
import { closeRun } from './open-account';
import { reserveFor } from './reservations';
import { reverseSettlement, settlePosition } from './settle';

interface Books {
  ledger: LedgerEntry[];
  portfolio: Portfolio;
  positions: Position[];
}

/** Books that are in order: a run that was reset, then a buy, a result paid and taken back, and cash held. */
function soundBooks(): Books {
  const fill = {
    tradeId: 'trade-1',
    price: price('0.5'),
    quantity: shares('10'),
    value: usdc('5'),
    fee: usdc('0.1'),
    liquidity: 'taker',
  } as const;
  const start = opened('100');
  const first = bookFill(start.state, anOrder('buy', NO), fill, NO_HOLD, NOW);
  const reset = closeRun(first.state, NOW);
  const bought = bookFill(reset.state, anOrder('buy'), fill, NO_HOLD, NOW);
  const result = {
    conditionId: CONDITION,
    version: 1,
    tokenIds: [YES.tokenId, NO.tokenId],
    payouts: [partsPerMillion(MICRO), partsPerMillion(0n)],
  };
  const paid = settlePosition(bought.state, YES.tokenId, result, NOW);
  const reversed = reverseSettlement(paid.state, paid.entries, NOW);
  const held = reserveFor(reversed.state, anOrder('buy'), hold('3'), NOW);
  return {
    ledger: [start, first, reset, bought, paid, reversed, held].flatMap(({ entries }) => entries),
    portfolio: held.state.portfolio,
    positions: [...reset.closedPositions, ...held.state.positions.values()],
  };
}

const audited = ({ ledger, portfolio, positions }: Books): string[] => auditLedger(ledger, portfolio, positions);

/** Books with one entry changed, by its number. */
function withEntry(seq: number, change: (entry: LedgerEntry) => Partial<LedgerEntry>): Books {
  const books = soundBooks();
  return {
    ...books,
    ledger: books.ledger.map((entry) => (entry.seq === seq ? { ...entry, ...change(entry) } : entry)),
  };
}

function withPortfolio(change: Partial<Portfolio>): Books {
  const books = soundBooks();
  return { ...books, portfolio: { ...books.portfolio, ...change } };
}

function withPosition(run: number, change: Partial<Position>): Books {
  const books = soundBooks();
  return {
    ...books,
    positions: books.positions.map((position) => (position.run === run ? { ...position, ...change } : position)),
  };
}

describe('the audit of a ledger', () => {
  it('finds nothing in books that are in order', () => {
    expect(soundBooks().ledger.map(({ kind }) => kind)).toEqual([
      'deposit',
      'buy',
      'withdrawal',
      'deposit',
      'buy',
      'settlement',
      'settlement_reversal',
      'reserve',
    ]);
    expect(audited(soundBooks())).toEqual([]);
  });

  it.each<[string, () => Books, string]>([
    [
      'an entry that is missing',
      () => ({ ...soundBooks(), ledger: soundBooks().ledger.filter(({ seq }) => seq !== 5) }),
      'Entry 6 (settlement) follows entry 4.',
    ],
    [
      'an entry that is there twice',
      () => ({
        ...soundBooks(),
        ledger: soundBooks().ledger.flatMap((entry) => (entry.seq === 2 ? [entry, entry] : entry)),
      }),
      'Entry 2 (buy) follows entry 2.',
    ],
    [
      'the end of a ledger that is missing',
      () => ({ ...soundBooks(), ledger: soundBooks().ledger.slice(0, -1) }),
      'The last entry is 7, the portfolio says 8.',
    ],
    [
      'an entry of another portfolio',
      () => withEntry(5, () => ({ portfolioId: 'portfolio-2' })),
      'Entry 5 (buy) belongs to portfolio portfolio-2.',
    ],
    [
      'an entry of an earlier run',
      () => withEntry(5, () => ({ run: 1 })),
      'Entry 5 (buy) is of run 1, after one of run 2.',
    ],
    [
      'postings that do not balance',
      () => withEntry(5, ({ postings }) => ({ postings: [...postings, { account: 'cash', amount: microUsdc(1n) }] })),
      'Entry 5 (buy) has postings that sum to 0.000001 USDC, not to 0.',
    ],
    [
      'a balance that is not the sum so far',
      () => withEntry(5, ({ cashAfter }) => ({ cashAfter: microUsdc(cashAfter - 1n) })),
      'Entry 5 (buy) leaves 94.9 USDC cash and says 94.899999.',
    ],
    [
      'a reserve that is not the sum so far',
      () => withEntry(8, () => ({ reservedAfter: usdc('4') })),
      'Entry 8 (reserve) leaves 3 USDC reserved and says 4.',
    ],
    [
      'cash below zero',
      () =>
        withEntry(5, () => ({
          postings: [
            { account: 'cash', amount: usdc('-101') },
            { account: 'positions', amount: usdc('101') },
          ],
          cashAfter: usdc('-1'),
        })),
      'Entry 5 (buy) leaves -1 USDC cash and 0 reserved: one is below 0.',
    ],
    [
      'shares that are not the sum so far',
      () =>
        withEntry(5, ({ shares: moved }) => ({
          shares: moved.map((one) => ({ ...one, quantityAfter: shares('11') })),
        })),
      `Entry 5 (buy) leaves 10 shares of token ${YES.tokenId} and says 11.`,
    ],
    [
      'shares below zero',
      () => withEntry(5, () => ({ shares: [] })),
      `Entry 6 (settlement) leaves -10 shares of token ${YES.tokenId}, which is below 0.`,
    ],
    [
      'a reversal of what was not paid',
      () => withEntry(7, () => ({ settlementKey: `${CONDITION}:2` })),
      `Entry 7 (settlement_reversal) takes back a payment under ${CONDITION}:2 that was not made, or not as much.`,
    ],
    [
      'a settlement without its key',
      () => withEntry(6, () => ({ settlementKey: null })),
      'Entry 6 (settlement) does not name one token and the version of the result that was paid.',
    ],
    [
      'cash that was made up',
      () => withPortfolio({ cash: usdc('91.900001') }),
      'The portfolio has 91.900001 USDC cash, its ledger says 91.9.',
    ],
    [
      'a reserve that was lost',
      () => withPortfolio({ reserved: usdc('0') }),
      'The portfolio has 0 USDC reserved cash, its ledger says 3.',
    ],
    [
      'a reserve below zero',
      () => withPortfolio({ reserved: usdc('-1') }),
      'The portfolio has -1 USDC reserved cash, which is below 0.',
    ],
    [
      'a debt that was made up',
      () => withPortfolio({ owed: usdc('1') }),
      'The portfolio has 1 USDC owed, its ledger says 0.',
    ],
    [
      'earnings that were made up',
      () => withPortfolio({ realised: usdc('1') }),
      'The portfolio has 1 USDC realised, its ledger says 0.',
    ],
    [
      'fees that were lost',
      () => withPortfolio({ fees: usdc('0') }),
      'The portfolio has 0 USDC fees, its ledger says 0.1.',
    ],
    ['a run that is over', () => withPortfolio({ run: 1 }), 'The ledger is in run 2, the portfolio in 1.'],
    [
      'a position that is missing',
      () => ({ ...soundBooks(), positions: soundBooks().positions.slice(0, 1) }),
      `The ledger of run 2 has 10 shares of token ${YES.tokenId}, of which there is no position.`,
    ],
    [
      'a position that is there twice',
      () => ({ ...soundBooks(), positions: [...soundBooks().positions, ...soundBooks().positions.slice(1)] }),
      `Position ${YES.tokenId} of run 2 exists twice.`,
    ],
    [
      'shares that were made up',
      () => withPosition(2, { quantity: shares('10.000001') }),
      `Position ${YES.tokenId} of run 2 holds 10.000001 shares, the ledger says 10.`,
    ],
    [
      'a cost that was made up',
      () => withPosition(2, { cost: usdc('5.000001') }),
      'The positions of run 2 cost 5.000001 USDC, the ledger says 5.',
    ],
    [
      'more shares held than there are',
      () => withPosition(2, { reserved: shares('11') }),
      `Position ${YES.tokenId} of run 2 has 11 of 10 shares reserved.`,
    ],
    [
      'an open position that says it is settled',
      () => withPosition(2, { status: 'settled' }),
      `Position ${YES.tokenId} of run 2 is settled with 10 shares.`,
    ],
    [
      'shares of a run that is over',
      () => withPosition(1, { quantity: shares('10') }),
      `Position ${NO.tokenId} of run 1 holds shares although the run is over.`,
    ],
    [
      'a cost without shares',
      () => withPosition(1, { cost: usdc('5') }),
      `Position ${NO.tokenId} of run 1 holds 0 shares that cost 5 USDC.`,
    ],
    [
      'earnings of positions that are not those of the portfolio',
      () => withPosition(2, { realised: usdc('2') }),
      'The positions have 2 USDC realised, the portfolio 0.',
    ],
    [
      'a run that was not closed',
      () =>
        withEntry(3, ({ postings }) => ({
          postings: postings.filter(({ account }) => account !== 'positions'),
        })),
      'Run 1 is over and its ledger still has 5 USDC positions.',
    ],
  ])('finds %s', (_, broken, sentence) => {
    expect(audited(broken())).toContain(sentence);
  });

  it('stops telling after fifty findings and says how many there are', () => {
    const books = soundBooks();
    const { length } = audited({
      ...books,
      ledger: Array.from({ length: 60 }, () => books.ledger[1]) as LedgerEntry[],
    });
    expect(length).toBe(51);
  });
});

const anAuditedOrder = (overrides: Partial<Order> = {}): Order => ({
  ...YES,
  id: 'order-1',
  portfolioId: 'portfolio-1',
  userId: 'user-1',
  run: 1,
  clientOrderId: null,
  notes: null,
  marketQuestion: QUESTION,
  side: 'buy',
  type: 'limit',
  quantity: shares('10'),
  amount: null,
  price: price('0.5'),
  timeInForce: 'gtc',
  expiresAt: null,
  postOnly: false,
  status: 'partially_filled',
  phase: 'resting',
  filledQuantity: shares('4'),
  filledValue: usdc('2'),
  fees: usdc('0.1'),
  reservedCash: usdc('3'),
  reservedShares: shares('0'),
  queueAhead: shares('100'),
  queueAheadAtEntry: shares('100'),
  rejectReason: null,
  profile: 'realistic',
  feeSchedule: null,
  decisionMidpoint: null,
  arrivalMidpoint: null,
  arrivesAt: NOW,
  matchesAt: NOW,
  restingSince: NOW,
  createdAt: NOW,
  updatedAt: NOW,
  ...overrides,
});

const sale = (overrides: Partial<Order> = {}): Order =>
  anAuditedOrder({
    id: 'order-2',
    side: 'sell',
    status: 'open',
    filledQuantity: shares('0'),
    filledValue: usdc('0'),
    fees: usdc('0'),
    reservedCash: usdc('0'),
    reservedShares: shares('4'),
    ...overrides,
  });

describe('the audit of orders', () => {
  const trades: Pick<Trade, 'orderId' | 'quantity' | 'value' | 'fee'>[] = [
    { orderId: 'order-1', quantity: shares('3'), value: usdc('1.5'), fee: usdc('0.07') },
    { orderId: 'order-1', quantity: shares('1'), value: usdc('0.5'), fee: usdc('0.03') },
  ];
  const { state } = opened('100');
  const portfolio: Portfolio = { ...state.portfolio, reserved: usdc('3'), openOrders: 2 };
  const position = { ...soundBooks().positions[1], reserved: shares('4') } as Position;

  it('finds nothing in orders that are in order', () => {
    expect(auditOrders([anAuditedOrder(), sale()], trades, portfolio, [position])).toEqual([]);
  });

  it.each<[string, Order[], Partial<Portfolio>, string]>([
    [
      'a fill without a trade',
      [anAuditedOrder({ filledQuantity: shares('5') }), sale()],
      {},
      'Order order-1 filled 5 shares, its trades say 4.',
    ],
    [
      'a value that is not that of the trades',
      [anAuditedOrder({ filledValue: usdc('3') }), sale()],
      {},
      'Order order-1 filled 3 USDC, its trades say 2.',
    ],
    [
      'fees that are not those of the trades',
      [anAuditedOrder({ fees: usdc('0') }), sale()],
      {},
      'Order order-1 paid 0 USDC in fees, its trades say 0.1.',
    ],
    [
      'more filled than ordered',
      [anAuditedOrder({ quantity: shares('3') }), sale()],
      {},
      'Order order-1 filled 4 of 3 shares ordered.',
    ],
    [
      'more spent than ordered',
      [anAuditedOrder({ quantity: null, amount: usdc('1') }), sale()],
      {},
      'Order order-1 filled 2 of 1 USDC ordered.',
    ],
    [
      'both quantity and amount',
      [anAuditedOrder({ amount: usdc('5') }), sale()],
      {},
      'Order order-1 has not exactly one of quantity and amount.',
    ],
    [
      'a hold of an order that is done',
      [anAuditedOrder({ status: 'cancelled', phase: 'done' }), sale()],
      { openOrders: 1 },
      'Order order-1 is done and holds 3 USDC and 0 shares.',
    ],
    [
      'a hold below zero',
      [anAuditedOrder({ reservedCash: usdc('-3') }), sale()],
      {},
      'Order order-1 holds less than nothing.',
    ],
    [
      'an order of a run that is over',
      [anAuditedOrder(), sale()],
      { run: 2 },
      'Order order-1 still works although run 1 is over.',
    ],
    [
      'a status that does not go with the phase',
      [anAuditedOrder({ status: 'filled' }), sale()],
      {},
      'Order order-1 is filled and resting.',
    ],
    [
      'a filled order with a rest',
      [anAuditedOrder({ status: 'filled', phase: 'done', reservedCash: usdc('0') }), sale()],
      { openOrders: 1, reserved: usdc('0') },
      'Order order-1 is filled with 4 of 10 shares.',
    ],
    [
      'trades without their order',
      [sale()],
      { openOrders: 1, reserved: usdc('0') },
      'There are trades of order order-1, and no such order.',
    ],
    [
      'cash held for nobody',
      [anAuditedOrder(), sale()],
      { reserved: usdc('4') },
      'The orders hold 3 USDC, the portfolio has 4 reserved.',
    ],
    [
      'a wrong number of working orders',
      [anAuditedOrder(), sale()],
      { openOrders: 1 },
      '2 orders work, the portfolio says 1.',
    ],
    [
      'shares held for nobody',
      [anAuditedOrder(), sale({ reservedShares: shares('3') })],
      {},
      `The orders hold 3 shares of token ${YES.tokenId}, its position 4.`,
    ],
    [
      'shares held that are not there',
      [anAuditedOrder(), sale(), sale({ id: 'order-3', ...NO })],
      { openOrders: 3 },
      `The orders hold 4 shares of token ${NO.tokenId}, and there is no position.`,
    ],
    [
      'an order of another portfolio',
      [anAuditedOrder({ portfolioId: 'portfolio-2' }), sale()],
      {},
      'Order order-1 belongs to portfolio portfolio-2.',
    ],
  ])('finds %s', (_, orders, changed, sentence) => {
    expect(auditOrders(orders, trades, { ...portfolio, ...changed }, [position])).toContain(sentence);
  });
});

describe('the audit of trades', () => {
  const { ledger } = soundBooks();
  const [first, second] = ledger.filter(({ kind }) => kind === 'buy') as [LedgerEntry, LedgerEntry];
  const entries: LedgerEntry[] = [
    { ...first, tradeId: 'trade-1' },
    { ...second, tradeId: 'trade-2' },
  ];
  const aTrade = (id: string, overrides: Partial<Trade> = {}): Parameters<TradeAudit['addTrade']>[0] => ({
    id,
    orderId: 'order-1',
    tokenId: id === 'trade-1' ? NO.tokenId : YES.tokenId,
    side: 'buy',
    quantity: shares('10'),
    value: usdc('5'),
    fee: usdc('0.1'),
    realised: null,
    ...overrides,
  });
  const auditTrades = (booked: readonly LedgerEntry[], trades: Parameters<TradeAudit['addTrade']>[0][]): string[] => {
    const audit = new TradeAudit();
    for (const entry of booked) audit.addEntry(entry);
    for (const trade of trades) audit.addTrade(trade);
    return audit.finish();
  };

  it('finds nothing in trades that are booked as they were', () => {
    expect(auditTrades(entries, [aTrade('trade-2'), aTrade('trade-1')])).toEqual([]);
    const start = opened('100').state;
    const bought = bookFill(
      start,
      anOrder('buy'),
      { ...aTrade('trade-1'), tradeId: 'trade-1', price: price('0.5'), liquidity: 'taker' },
      NO_HOLD,
      NOW,
    );
    const sale = { ...aTrade('trade-2'), side: 'sell', quantity: shares('4'), value: usdc('2.4') } as const;
    const sold = bookFill(
      bought.state,
      anOrder('sell'),
      { ...sale, tradeId: 'trade-2', price: price('0.6'), liquidity: 'maker' },
      NO_HOLD,
      NOW,
    );
    expect(
      auditTrades(
        [...bought.entries, ...sold.entries],
        [aTrade('trade-1', { tokenId: YES.tokenId }), { ...sale, realised: sold.realised }],
      ),
    ).toEqual([]);
  });

  it.each<[string, LedgerEntry[], Parameters<TradeAudit['addTrade']>[0][], string]>([
    [
      'a trade that is not booked',
      [entries[0] as LedgerEntry],
      [aTrade('trade-1'), aTrade('trade-2')],
      'Trade trade-2 is not booked, or is there twice.',
    ],
    [
      'a trade that is there twice',
      entries,
      [aTrade('trade-1'), aTrade('trade-1'), aTrade('trade-2')],
      'Trade trade-1 is not booked, or is there twice.',
    ],
    [
      'a trade that is booked twice',
      [...entries, { ...second, tradeId: 'trade-2', seq: 9 }],
      [aTrade('trade-1'), aTrade('trade-2')],
      'Trade trade-2 is booked by entries 5 and 9.',
    ],
    ['an entry without its trade', entries, [aTrade('trade-1')], 'Entry 5 books trade trade-2, and there is none.'],
    ['an entry that names no trade', [{ ...first, tradeId: null }], [], 'Entry 2 (buy) names no trade.'],
    ['an entry that should name none', [{ ...first, kind: 'deposit' }], [], 'Entry 2 (deposit) names trade trade-1.'],
    [
      'another value',
      entries,
      [aTrade('trade-1', { value: usdc('4') }), aTrade('trade-2')],
      'Trade trade-1 has value 4, entry 2 says 5.',
    ],
    [
      'another fee',
      entries,
      [aTrade('trade-1', { fee: usdc('0') }), aTrade('trade-2')],
      'Trade trade-1 has fee 0, entry 2 says 0.1.',
    ],
    [
      'other shares',
      entries,
      [aTrade('trade-1', { side: 'sell' }), aTrade('trade-2')],
      'Trade trade-1 has shares -10, entry 2 says 10.',
    ],
    [
      'another token',
      entries,
      [aTrade('trade-1', { tokenId: 'other' }), aTrade('trade-2')],
      `Trade trade-1 has token other, entry 2 says ${NO.tokenId}.`,
    ],
    [
      'another order',
      entries,
      [aTrade('trade-1', { orderId: 'order-2' }), aTrade('trade-2')],
      'Trade trade-1 has order order-2, entry 2 says order-1.',
    ],
    [
      'earnings of a buy',
      entries,
      [aTrade('trade-1', { realised: usdc('1') }), aTrade('trade-2')],
      'Trade trade-1 has realised 1, entry 2 says 0.',
    ],
  ])('finds %s', (_, booked, trades, sentence) => {
    expect(auditTrades(booked, trades)).toContain(sentence);
  });
});
