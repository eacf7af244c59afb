import {
  type FeeSchedule,
  MICRO,
  type MicroPrice,
  type MicroShares,
  microShares,
  type MicroUsdc,
  microUsdc,
  notional,
  type OrderSide,
} from '@app/domain';
import { takerFee } from '../fees';
import type { BookLevel } from '../order-book';

/** What is wanted: shares, or for buys as many as an amount pays for, fee not included. */
export type Wanted =
  { readonly quantity: MicroShares; readonly amount: null } | { readonly quantity: null; readonly amount: MicroUsdc };

/** One level's fill. */
export interface TakerFill {
  /** The level's, of the order's own token. */
  price: MicroPrice;
  quantity: MicroShares;
  /** Paid for a buy, received for a sale; the fee comes on top of the one and off the other. */
  value: MicroUsdc;
  fee: MicroUsdc;
  /** What the level displayed, and how much of it this account had taken before. */
  displayedSize: MicroShares;
  takenBefore: MicroShares;
}

export interface Walk {
  fills: TakerFill[];
  left: Wanted;
  quantity: MicroShares;
  value: MicroUsdc;
  fee: MicroUsdc;
  /** Shares within the worst price that were passed over because this account had taken them before. */
  takenBefore: MicroShares;
  /** Whether money ended it before the book did. */
  outOfMoney: boolean;
}

export interface WalkInput {
  side: OrderSide;
  /** The side of the book to take from, best first. */
  levels: readonly BookLevel[];
  worstPrice: MicroPrice;
  wanted: Wanted;
  fees: FeeSchedule | null;
  /** How much of a level counts as taken already; never more than it displays. */
  takenAt: (price: MicroPrice) => MicroShares;
  /** Most that a buy may cost with its fees; null for no bound. */
  maxSpend: MicroUsdc | null;
}

/** Walks a book from its best level to the worst price (E1): at each level what is displayed less what was taken before, at its price. */
export function walkBook({ side, levels, worstPrice, wanted, fees, takenAt, maxSpend }: WalkInput): Walk {
  const fills: TakerFill[] = [];
  const isBuy = side === 'buy';
  const isAmount = wanted.quantity === null;
  const rounding = isBuy ? 'up' : 'down';
  const budget = isBuy ? maxSpend : null;
  let left: bigint = wanted.quantity === null ? wanted.amount : wanted.quantity;
  let quantity = 0n;
  let value = 0n;
  let fee = 0n;
  let takenBefore = 0n;
  let outOfMoney = false;
  for (const { price, size } of levels) {
    if (left === 0n || (isBuy ? price > worstPrice : price < worstPrice)) break;
    const taken = takenAt(price);
    takenBefore += taken;
    const available = size - taken;
    if (available === 0n) continue;
    const wantedHere = isAmount ? (left * MICRO) / price : left;
    let filled = (wantedHere < available ? wantedHere : available) as MicroShares;
    let cost = notional(price, filled, rounding);
    let charge = takerFee(fees, price, filled);
    if (budget !== null && value + fee + cost + charge > budget) {
      outOfMoney = true;
      filled = affordable(price, filled, fees, budget - value - fee);
      if (filled === 0n) break;
      cost = notional(price, filled, rounding);
      charge = takerFee(fees, price, filled);
    }
    fills.push({ price, quantity: filled, value: cost, fee: charge, displayedSize: size, takenBefore: taken });
    quantity += filled;
    value += cost;
    fee += charge;
    left -= isAmount ? cost : filled;
    if (outOfMoney) break;
  }
  return {
    fills,
    left:
      wanted.quantity === null
        ? { quantity: null, amount: microUsdc(left) }
        : { quantity: microShares(left), amount: null },
    quantity: microShares(quantity),
    value: microUsdc(value),
    fee: microUsdc(fee),
    takenBefore: microShares(takenBefore),
    outOfMoney,
  };
}

/** The most shares up to `most` that cost no more than `budget` with their fee, found by halving: both only rise with the shares. */
function affordable(price: MicroPrice, most: MicroShares, fees: FeeSchedule | null, budget: bigint): MicroShares {
  let low = 0n;
  let high: bigint = most;
  while (low < high) {
    const middle = ((low + high + 1n) / 2n) as MicroShares;
    if (notional(price, middle, 'up') + takerFee(fees, price, middle) <= budget) low = middle;
    else high = middle - 1n;
  }
  return low as MicroShares;
}
