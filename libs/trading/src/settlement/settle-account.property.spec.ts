import {
  type AcceptedResolution,
  type AccountChange,
  type AccountState,
  auditLedger,
  bookFill,
  type LedgerEntry,
  type MarketOutcomeRef,
  microPrice,
  microShares,
  microUsdc,
  openAccount,
  type Order,
  partsPerMillion,
  type Portfolio,
  reserveFor,
  settlementKey,
  settlementValue,
} from '@app/domain';
import fc from 'fast-check';
import { type AccountSettlement, hasPositionsToSettle, outdatedVersions, settleAccount } from './settle-account';

const NOW = new Date('2026-11-22T10:00:00Z');
const CONDITION = `0x${'ab'.repeat(32)}`;
const BALANCE = 1_000_000_000n;

const outcome = (conditionId: string, outcomeIndex: number): MarketOutcomeRef => ({
  marketId: `market ${conditionId.slice(-2)}`,
  conditionId,
  tokenId: `${conditionId.slice(-2)}${outcomeIndex}`,
  outcome: outcomeIndex === 0 ? 'Yes' : 'No',
  outcomeIndex,
});
const YES = outcome(CONDITION, 0);
const NO = outcome(CONDITION, 1);
const ELSEWHERE = outcome(`0x${'cd'.repeat(32)}`, 0);

/** An account with its ledger. */
class Book {
  readonly entries: LedgerEntry[] = [];

  constructor(public state: AccountState) {}

  apply(change: AccountChange): void {
    this.state = change.state;
    this.entries.push(...change.entries);
  }

  /** Books a purchase for what the free cash allows. */
  buy(ref: MarketOutcomeRef, quantity: bigint, wanted: bigint): void {
    const { cash } = this.state.portfolio;
    const value = microUsdc(wanted < cash ? wanted : cash);
    if (quantity === 0n) return;
    const order = { ...ref, id: 'a purchase', side: 'buy' as const, marketQuestion: 'Will it?' };
    const fill = {
      tradeId: 'a trade',
      price: microPrice(500_000n),
      quantity: microShares(quantity),
      value,
      fee: microUsdc(0n),
      liquidity: 'taker' as const,
    };
    const none = { cash: microUsdc(0n), shares: microShares(0n) };
    this.apply(bookFill(this.state, order, fill, none, NOW));
  }

  settle(resolution: AcceptedResolution, orders: readonly Order[]): AccountSettlement {
    const keys = outdatedVersions(this.state, resolution).map((version) =>
      settlementKey({ conditionId: CONDITION, version }),
    );
    const settlements = keys.map((key) => this.entries.filter((entry) => entry.settlementKey === key));
    const end = { conditionId: CONDITION, reason: 'The market was resolved.', resolution };
    const settled = settleAccount(this.state, end, { orders, settlements }, NOW);
    this.apply(settled.account);
    return settled;
  }

  audit(): string[] {
    return auditLedger(this.entries, this.state.portfolio, this.state.positions.values());
  }

  /** What it has in money, what is owed off it. */
  net(): bigint {
    const { cash, reserved, owed } = this.state.portfolio;
    return cash + reserved - owed;
  }
}

function anOpenBook(): Book {
  const nothing = microUsdc(0n);
  const portfolio: Portfolio = {
    id: 'portfolio',
    userId: 'user',
    name: 'Paper',
    description: null,
    initialBalance: microUsdc(BALANCE),
    cash: nothing,
    reserved: nothing,
    owed: nothing,
    realised: nothing,
    fees: nothing,
    run: 1,
    runStartedAt: NOW,
    profile: 'realistic',
    latency: 'colocated',
    isActive: true,
    archivedAt: null,
    version: 1,
    ledgerSeq: 0,
    openOrders: 0,
    createdAt: NOW,
    updatedAt: NOW,
  };
  const opened = openAccount(portfolio, NOW);
  const book = new Book(opened.state);
  book.entries.push(...opened.entries);
  return book;
}

/** Holds shares for an order to sell them. */
function restingSale(book: Book, quantity: bigint): Order[] {
  if (quantity === 0n) return [];
  const { portfolio } = book.state;
  const order: Order = {
    ...YES,
    id: 'a sale',
    portfolioId: portfolio.id,
    userId: portfolio.userId,
    run: 1,
    clientOrderId: null,
    notes: null,
    marketQuestion: 'Will it?',
    side: 'sell',
    type: 'limit',
    quantity: microShares(quantity),
    amount: null,
    price: microPrice(900_000n),
    timeInForce: 'gtc',
    expiresAt: null,
    postOnly: false,
    status: 'open',
    phase: 'resting',
    filledQuantity: microShares(0n),
    filledValue: microUsdc(0n),
    fees: microUsdc(0n),
    reservedCash: microUsdc(0n),
    reservedShares: microShares(quantity),
    queueAhead: microShares(0n),
    queueAheadAtEntry: microShares(0n),
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
  };
  book.apply(reserveFor(book.state, order, { cash: microUsdc(0n), shares: microShares(quantity) }, NOW));
  return [order];
}

function aResult(version: number, payouts: readonly bigint[]): AcceptedResolution {
  return {
    conditionId: CONDITION,
    marketId: YES.marketId,
    version,
    tokenIds: [YES.tokenId, NO.tokenId],
    payouts: payouts.map(partsPerMillion),
    source: 'clob',
    evidence: 'The CLOB names a winner.',
    acceptedAt: NOW,
  };
}

const amounts = fc.bigInt({ min: 0n, max: 400_000_000n });
const results = fc.array(fc.constantFrom([1_000_000n, 0n], [0n, 1_000_000n], [500_000n, 500_000n]), {
  minLength: 1,
  maxLength: 5,
});
const situations = fc.record({
  yes: amounts,
  no: amounts,
  costs: fc.tuple(amounts, amounts),
  onSale: fc.bigInt({ min: 0n, max: 100n }),
  results,
  /** Spent elsewhere after each result. */
  spent: fc.array(amounts, { minLength: 5, maxLength: 5 }),
});

describe('settling an account', () => {
  it('G2 leaves what the last result alone would have left, whatever was paid and spent before', () => {
    fc.assert(
      fc.property(situations, ({ yes, no, costs, onSale, results: payouts, spent }) => {
        const book = anOpenBook();
        book.buy(YES, yes, costs[0]);
        book.buy(NO, no, costs[1]);
        const before = book.net();
        let orders = restingSale(book, (yes * onSale) / 100n);
        payouts.forEach((payout, index) => {
          const settled = book.settle(aResult(index + 1, payout), orders);
          expect(settled.orders.map(({ order }) => [order.status, order.reservedShares])).toEqual(
            orders.map(() => ['cancelled', 0n]),
          );
          orders = [];
          expect(book.audit()).toEqual([]);
          book.buy(ELSEWHERE, spent[index] ?? 0n, spent[index] ?? 0n);
        });
        const last = aResult(payouts.length, payouts.at(-1) ?? []);
        const paid =
          settlementValue(last.payouts, 0, microShares(yes)) + settlementValue(last.payouts, 1, microShares(no));
        const elsewhere = book.state.positions.get(ELSEWHERE.tokenId)?.cost ?? 0n;
        expect(book.net() + elsewhere).toBe(before + paid);
        const { cash, owed } = book.state.portfolio;
        expect(cash === 0n || owed === 0n).toBe(true);
      }),
    );
  });

  it('G2 changes nothing when it is repeated, or comes late with an older result', () => {
    fc.assert(
      fc.property(situations, ({ yes, no, costs, results: payouts }) => {
        const book = anOpenBook();
        book.buy(YES, yes, costs[0]);
        book.buy(NO, no, costs[1]);
        payouts.forEach((payout, index) => void book.settle(aResult(index + 1, payout), []));
        const { state } = book;
        const entries = book.entries.length;
        payouts.forEach((payout, index) => {
          const repeated = aResult(index + 1, payout);
          expect(hasPositionsToSettle(state, repeated)).toBe(false);
          expect(book.settle(repeated, [])).toMatchObject({ paid: 0, reversed: 0, orders: [] });
        });
        expect(book.state).toEqual(state);
        expect(book.entries).toHaveLength(entries);
      }),
    );
  });

  it('F10 only ends the orders while there is no result', () => {
    const book = anOpenBook();
    book.buy(YES, 10_000_000n, 5_000_000n);
    const orders = restingSale(book, 4_000_000n);
    const end = { conditionId: CONDITION, reason: 'The market closed.', resolution: null };
    const settled = settleAccount(book.state, end, { orders, settlements: [] }, NOW);
    expect(settled).toMatchObject({
      paid: 0,
      reversed: 0,
      orders: [{ order: { rejectReason: 'The market closed.' } }],
    });
    expect(settled.account.state.positions.get(YES.tokenId)).toMatchObject({
      status: 'open',
      quantity: 10_000_000n,
      reserved: 0n,
    });
  });
});
