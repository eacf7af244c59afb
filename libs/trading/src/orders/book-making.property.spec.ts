import {
  type AccountState,
  auditOrders,
  LedgerAudit,
  type LedgerEntry,
  MICRO,
  microPrice,
  microShares,
  type MicroShares,
  microUsdc,
  notional,
  openAccount,
  type Order,
  type OrderSide,
  type Portfolio,
  reserveFor,
  splitSet,
  type Trade,
} from '@app/domain';
import type { MakerFill } from '@app/exchange';
import fc from 'fast-check';
import { bookMaking } from './order-changes';

const NOW = new Date('2026-11-22T10:00:00Z');
const NOTHING = { cash: microUsdc(0n), shares: microShares(0n) };
const OUTCOMES = ['Yes', 'No'].map((outcome, outcomeIndex) => ({
  marketId: 'rain',
  conditionId: '0xc1',
  tokenId: `${outcomeIndex}`,
  outcome,
  outcomeIndex,
}));
const [YES] = OUTCOMES as [(typeof OUTCOMES)[number]];

const PORTFOLIO: Portfolio = {
  id: 'p1',
  userId: 'u1',
  name: 'test',
  description: null,
  initialBalance: microUsdc(0n),
  cash: microUsdc(0n),
  reserved: microUsdc(0n),
  owed: microUsdc(0n),
  realised: microUsdc(0n),
  fees: microUsdc(0n),
  run: 1,
  runStartedAt: NOW,
  profile: 'realistic',
  latency: 'ideal',
  isActive: true,
  archivedAt: null,
  version: 1,
  ledgerSeq: 0,
  openOrders: 1,
  createdAt: NOW,
  updatedAt: NOW,
};

const aRestingOrder = (side: OrderSide, quantity: MicroShares, price: bigint): Order => ({
  ...YES,
  id: 'o1',
  portfolioId: 'p1',
  userId: 'u1',
  run: 1,
  clientOrderId: null,
  notes: null,
  marketQuestion: 'Will it rain?',
  side,
  type: 'limit',
  quantity,
  amount: null,
  price: microPrice(price),
  timeInForce: 'gtc',
  expiresAt: null,
  postOnly: false,
  status: 'open',
  phase: 'resting',
  filledQuantity: NOTHING.shares,
  filledValue: NOTHING.cash,
  fees: NOTHING.cash,
  reservedCash: side === 'buy' ? notional(microPrice(price), quantity, 'up') : NOTHING.cash,
  reservedShares: side === 'sell' ? quantity : NOTHING.shares,
  queueAhead: NOTHING.shares,
  queueAheadAtEntry: NOTHING.shares,
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
});

const aFill = ({ id, portfolioId, side, price }: Order, quantity: bigint, remaining: bigint): MakerFill => ({
  kind: 'fill',
  orderId: id,
  portfolioId,
  outcomeIndex: 0,
  side,
  price: price ?? microPrice(0n),
  quantity: microShares(quantity),
  remaining: microShares(remaining),
  rule: 'F2',
  grade: 'C',
  profile: 'realistic',
  printKey: 'a print',
  printSize: microShares(quantity),
  queueAheadAtEntry: NOTHING.shares,
  queueAheadAtFill: NOTHING.shares,
  crossed: [],
  arrivalMidpoint: null,
  midpointAtFill: null,
  bookSequence: 1,
  bookHash: null,
  bookVenueTimeMs: 0,
  bookReceivedAtMs: 0,
  tradedAtMs: NOW.getTime(),
  decidedAtMs: NOW.getTime(),
});

/** An account that has exactly what the order holds. */
function holding(order: Order): { state: AccountState; entries: LedgerEntry[] } {
  const quantity = order.quantity ?? NOTHING.shares;
  const balance = order.side === 'buy' ? order.reservedCash : microUsdc(quantity);
  const opened = openAccount({ ...PORTFOLIO, initialBalance: balance }, NOW);
  const entries = [...opened.entries];
  let { state } = opened;
  if (order.side === 'sell') {
    const split = splitSet(state, { outcomes: OUTCOMES, marketQuestion: 'Will it rain?' }, quantity, NOW);
    if (!split.ok) throw new Error(split.refusal.message);
    entries.push(...split.change.entries);
    ({ state } = split.change);
  }
  const held = reserveFor(state, order, { cash: order.reservedCash, shares: order.reservedShares }, NOW);
  return { state: held.state, entries: [...entries, ...held.entries] };
}

const orders = fc.record({
  side: fc.constantFrom<OrderSide>('buy', 'sell'),
  price: fc.bigInt({ min: 1n, max: 9_999n }).map((tick) => tick * 100n),
  quantity: fc.bigInt({ min: 1n, max: 300n * MICRO }),
  /** Where the fills end, in parts of a million of the quantity. */
  cuts: fc.array(fc.bigInt({ min: 1n, max: MICRO }), { maxLength: 12 }),
});

it('F8 whatever the fills of a resting order, what it held pays for them to the last micro-unit, and its owner gains nothing by rounding', () => {
  fc.assert(
    fc.property(orders, ({ side, price, quantity, cuts }) => {
      let order = aRestingOrder(side, microShares(quantity), price);
      const account = holding(order);
      let { state } = account;
      const ledger = [...account.entries];
      const trades: Trade[] = [];
      const ends = [...new Set([...cuts.map((cut) => (quantity * cut) / MICRO), quantity])].sort((a, b) =>
        Number(a - b),
      );
      for (const end of ends) {
        const size = end - order.filledQuantity;
        if (size === 0n) continue;
        const fill = aFill(order, size, quantity - end);
        const change = bookMaking(state, order, fill, `t${trades.length}`, NOW);
        ledger.push(...change.account.entries);
        trades.push(...change.trades);
        ({ order } = change);
        ({ state } = change.account);
        expect(order.phase).toBe(end === quantity ? 'done' : 'resting');
      }
      const audit = new LedgerAudit('p1');
      for (const entry of ledger) audit.add(entry);
      const portfolio = { ...state.portfolio, openOrders: 0 };
      expect(audit.finish(portfolio, state.positions.values())).toEqual([]);
      expect(auditOrders([order], trades, portfolio, state.positions.values())).toEqual([]);
      expect(order).toMatchObject({ status: 'filled', fees: 0n, reservedCash: 0n, reservedShares: 0n });
      const exact = notional(microPrice(price), microShares(quantity), side === 'buy' ? 'up' : 'down');
      if (side === 'buy') expect([order.filledValue, portfolio.cash]).toEqual([exact, 0n]);
      else expect(order.filledValue).toBeLessThanOrEqual(exact);
    }),
  );
});
