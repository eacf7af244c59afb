import {
  add,
  formatMicro,
  type MicroPrice,
  microShares,
  type MicroShares,
  microUsdc,
  type MicroUsdc,
  negate,
  subtract,
} from '../money';
import type { MarketOutcomeRef } from '../trading/order';
import type { Position } from '../trading/portfolio';
import type { LiquidityRole } from '../trading/trade';
import type { AccountChange, AccountState } from './account';
import { costOf } from './cost-basis';
import { postEntry } from './post-entry';
import type { Hold, OrderRef } from './reservations';

/** One fill to be booked. `value` and `fee` are what the exchange computed; nothing is rounded here. */
export interface FillToBook {
  tradeId: string;
  price: MicroPrice;
  quantity: MicroShares;
  value: MicroUsdc;
  fee: MicroUsdc;
  liquidity: LiquidityRole;
}

export interface FillChange extends AccountChange {
  /** What a sale realised against the average cost, fee not included; null for a buy. */
  realised: MicroUsdc | null;
}

/**
 * Books a fill. A buy pays value and fee, a sale gets the value less the fee and gives up its share of the cost.
 * @param fromReserve how much of what is held for the order this fill ends: cash it does not use becomes free, what it needs beyond comes from
 * free cash or free shares
 * @throws Error when neither covers it
 */
export function bookFill(
  state: AccountState,
  order: OrderRef,
  fill: FillToBook,
  fromReserve: Hold,
  now: Date,
): FillChange {
  if (fill.quantity <= 0n || fill.value < 0n || fill.fee < 0n) {
    throw new Error(`trade ${fill.tradeId} has no quantity, or a value or fee below 0`);
  }
  return order.side === 'buy'
    ? { ...bookBuy(state, order, fill, fromReserve, now), realised: null }
    : bookSale(state, order, fill, fromReserve, now);
}

function bookBuy(state: AccountState, order: OrderRef, fill: FillToBook, from: Hold, now: Date): AccountChange {
  const position = state.positions.get(order.tokenId) ?? emptyPosition(state, order, order.marketQuestion, now);
  return postEntry(
    state,
    {
      kind: 'buy',
      postings: {
        cash: from.cash - fill.value - fill.fee,
        reserved: negate(from.cash),
        positions: fill.value,
        fees: fill.fee,
      },
      positions: [
        {
          ...position,
          quantity: add(position.quantity, fill.quantity),
          cost: add(position.cost, fill.value),
          fees: add(position.fees, fill.fee),
          status: 'open',
          updatedAt: now,
        },
      ],
      orderId: order.id,
      tradeId: fill.tradeId,
      description: `Bought ${describeFill(order, fill)}.`,
    },
    now,
  );
}

function bookSale(state: AccountState, order: OrderRef, fill: FillToBook, from: Hold, now: Date): FillChange {
  const position = state.positions.get(order.tokenId);
  if (position === undefined)
    throw new Error(`trade ${fill.tradeId} sells shares of ${order.tokenId}, of which there are none`);
  const cost = costOf(position, fill.quantity);
  const realised = subtract(fill.value, cost);
  const quantity = subtract(position.quantity, fill.quantity);
  const change = postEntry(
    state,
    {
      kind: 'sell',
      postings: {
        cash: from.cash + fill.value - fill.fee,
        reserved: negate(from.cash),
        positions: negate(cost),
        realised: negate(realised),
        fees: fill.fee,
      },
      positions: [
        {
          ...position,
          quantity,
          reserved: subtract(position.reserved, from.shares),
          cost: subtract(position.cost, cost),
          realised: add(position.realised, realised),
          fees: add(position.fees, fill.fee),
          status: quantity === 0n ? 'closed' : position.status,
          updatedAt: now,
        },
      ],
      orderId: order.id,
      tradeId: fill.tradeId,
      description: `Sold ${describeFill(order, fill)}.`,
    },
    now,
  );
  return { ...change, realised };
}

/** Returns a position without shares, for an outcome the account has not traded in this run. */
export function emptyPosition(
  { portfolio }: AccountState,
  { marketId, conditionId, tokenId, outcome, outcomeIndex }: MarketOutcomeRef,
  marketQuestion: string,
  now: Date,
): Position {
  return {
    marketId,
    conditionId,
    tokenId,
    outcome,
    outcomeIndex,
    portfolioId: portfolio.id,
    userId: portfolio.userId,
    run: portfolio.run,
    marketQuestion,
    quantity: microShares(0n),
    reserved: microShares(0n),
    cost: microUsdc(0n),
    realised: microUsdc(0n),
    fees: microUsdc(0n),
    status: 'open',
    settledVersion: null,
    openedAt: now,
    updatedAt: now,
  };
}

function describeFill(
  { outcome, marketQuestion }: OrderRef,
  { quantity, price, value, fee, liquidity }: FillToBook,
): string {
  return (
    `${formatMicro(quantity)} shares of ${outcome} of "${marketQuestion}" at ${formatMicro(price)} as ${liquidity}, ` +
    `for ${formatMicro(value)} USDC${fee === 0n ? '' : ` and a fee of ${formatMicro(fee)} USDC`}`
  );
}
