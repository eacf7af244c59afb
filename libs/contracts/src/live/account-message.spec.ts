import {
  type LedgerEntry,
  microPrice,
  microShares,
  microUsdc,
  type Order,
  type Portfolio,
  type Position,
  type Trade,
} from '@app/domain';
import {
  type AccountNews,
  decodeAccountMessage,
  encodeAccountMessage,
  ITEMS_A_PART,
  toAccountMessages,
} from './account-message';

const AT = new Date('2026-11-22T10:00:00Z');
const REF = { marketId: 'rain', conditionId: '0xc1', tokenId: '11', outcome: 'Yes', outcomeIndex: 0 };
const usdc = (amount: number) => microUsdc(BigInt(amount * 1e6));
const shares = (amount: number) => microShares(BigInt(amount * 1e6));

const PORTFOLIO = {
  id: 'p1',
  version: 17,
  run: 2,
  cash: usdc(90.5),
  reserved: usdc(4),
  updatedAt: AT,
} as Portfolio;

const anOrder = (id: string): Order => ({
  ...REF,
  id,
  portfolioId: 'p1',
  userId: 'u1',
  run: 2,
  clientOrderId: null,
  notes: null,
  marketQuestion: 'Will it rain?',
  side: 'buy',
  type: 'limit',
  quantity: shares(30),
  amount: null,
  price: microPrice(400_000n),
  timeInForce: 'gtc',
  expiresAt: null,
  postOnly: false,
  status: 'partially_filled',
  phase: 'resting',
  filledQuantity: shares(20),
  filledValue: usdc(8),
  fees: usdc(0),
  reservedCash: usdc(4),
  reservedShares: shares(0),
  queueAhead: shares(0),
  queueAheadAtEntry: shares(100),
  rejectReason: null,
  profile: 'realistic',
  feeSchedule: null,
  decisionMidpoint: null,
  arrivalMidpoint: null,
  arrivesAt: AT,
  matchesAt: AT,
  restingSince: AT,
  createdAt: AT,
  updatedAt: AT,
});

const TRADE: Trade = {
  ...REF,
  id: 't1',
  portfolioId: 'p1',
  userId: 'u1',
  run: 2,
  orderId: 'o1',
  side: 'buy',
  quantity: shares(20),
  price: microPrice(400_000n),
  value: usdc(8),
  fee: usdc(0),
  realised: null,
  liquidity: 'maker',
  midpointAtFill: microPrice(500_000n),
  slippageBps: -2_000_000_000n,
  receipt: {
    rule: 'F2',
    grade: 'C',
    profile: 'realistic',
    modelVersion: 1,
    bookSource: 'stream',
    bookSequence: 7,
    bookHash: null,
    bookVenueTime: AT,
    bookReceivedAt: AT,
    displayedSize: null,
    takenBefore: null,
    printKey: 'a print',
    printSize: shares(30),
    queueAheadAtEntry: shares(100),
    queueAheadAtFill: shares(10),
    arrivalMidpoint: microPrice(500_000n),
    feeSchedule: null,
  },
  notes: null,
  marketQuestion: 'Will it rain?',
  tradedAt: AT,
  createdAt: AT,
};

const POSITION: Position = {
  ...REF,
  portfolioId: 'p1',
  userId: 'u1',
  run: 2,
  marketQuestion: 'Will it rain?',
  quantity: shares(20),
  reserved: shares(0),
  cost: usdc(8),
  realised: usdc(0),
  fees: usdc(0),
  status: 'open',
  settledVersion: null,
  openedAt: AT,
  updatedAt: AT,
};

const entry = (kind: LedgerEntry['kind'], sign: 1 | -1): LedgerEntry => ({
  portfolioId: 'p1',
  run: 2,
  seq: 9,
  kind,
  postings: [
    { account: 'cash', amount: usdc(20 * sign) },
    { account: 'positions', amount: usdc(-8 * sign) },
    { account: 'realised', amount: usdc(-12 * sign) },
  ],
  cashAfter: usdc(0),
  reservedAfter: usdc(0),
  shares: [{ ...REF, change: shares(-20 * sign), quantityAfter: shares(0) }],
  orderId: null,
  tradeId: null,
  settlementKey: '0xc1:1',
  description: 'Paid.',
  at: AT,
});

const news = (more: Partial<AccountNews> = {}): AccountNews => ({
  portfolio: PORTFOLIO,
  orders: [],
  trades: [],
  positions: [],
  ledger: [],
  ...more,
});

describe('toAccountMessages', () => {
  it('tells what changed, and at which version', () => {
    const [message, ...rest] = toAccountMessages(
      news({ orders: [anOrder('o1')], trades: [TRADE], positions: [POSITION] }),
    );
    expect(rest).toEqual([]);
    expect(message).toMatchObject({
      portfolio_id: 'p1',
      version: 17,
      part: 1,
      parts: 1,
      run: 2,
      cash_balance: 90.5,
      reserved_cash: 4,
      orders: [{ id: 'o1', status: 'partially_filled', remaining_quantity: 10, queue_ahead: 0 }],
      fills: [{ id: 't1', order_id: 'o1', liquidity: 'maker', receipt: { rule: 'F2', print_size: 30 } }],
      positions: [{ token_id: '11', quantity: 20, average_price: 0.4 }],
      settlements: [],
    });
    expect(message?.orders[0]).not.toHaveProperty('fills');
  });

  it('tells what was paid by a result, and what was taken back, and of no other entry', () => {
    const ledger = [entry('settlement', 1), entry('release', 1), entry('settlement_reversal', -1)];
    expect(toAccountMessages(news({ ledger }))[0]?.settlements).toMatchObject([
      { kind: 'settlement', quantity: 20, value: 20, realized_pnl: 12, settlement_key: '0xc1:1' },
      { kind: 'settlement_reversal', quantity: 20, value: -20, realized_pnl: -12 },
    ]);
  });

  it('tells of a change without any of these too: the version and the cash are news', () => {
    expect(toAccountMessages(news())).toMatchObject([{ version: 17, part: 1, parts: 1, orders: [], fills: [] }]);
  });

  it('tells much in parts, none of it twice, fills first', () => {
    const orders = Array.from({ length: 2 * ITEMS_A_PART }, (_, index) => anOrder(`o${index}`));
    const messages = toAccountMessages(news({ orders, trades: [TRADE] }));
    expect(messages.map(({ part, parts }) => [part, parts])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(messages[0]?.fills).toHaveLength(1);
    expect(messages.flatMap((message) => message.orders.map(({ id }) => id))).toEqual(orders.map(({ id }) => id));
  });
});

describe('account messages as text', () => {
  it('are read as they were written', () => {
    const messages = toAccountMessages(
      news({ orders: [anOrder('o1')], trades: [TRADE], positions: [POSITION], ledger: [entry('settlement', 1)] }),
    );
    expect(messages.map((message) => decodeAccountMessage(encodeAccountMessage(message)))).toEqual(messages);
  });

  it.each(['', 'null', '{}', '[1]', '{"portfolio_id":"p1"', '{"portfolio_id":"p1","version":"17"}'])(
    'of another kind are refused: %s',
    (text) => {
      expect(decodeAccountMessage(text)).toBeNull();
    },
  );

  it('with an unknown field, or without one, are refused', () => {
    const [message] = toAccountMessages(news());
    expect(decodeAccountMessage(JSON.stringify({ ...message, more: 1 }))).toBeNull();
    expect(decodeAccountMessage(JSON.stringify({ ...message, orders: undefined }))).toBeNull();
  });
});
