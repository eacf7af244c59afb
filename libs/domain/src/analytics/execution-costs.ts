import { MICRO, type MicroPrice, type MicroShares, microUsdc, type MicroUsdc } from '../money';
import type { OrderSide } from '../trading/order';
import type { Trade } from '../trading/trade';
import { defined, type Metric, undefinedMetric } from './metric';
import type { ExecutionCosts } from './report';
import { sum } from './statistics';

/** 1 for a buy, -1 for a sale: times a price difference it says what the difference cost. */
export function sideSign(side: OrderSide): 1n | -1n {
  return side === 'buy' ? 1n : -1n;
}

/** What execution costs are taken from. */
export type CostedFill = Pick<Trade, 'side' | 'quantity' | 'price' | 'value' | 'fee' | 'midpointAtFill'> & {
  /** Midpoint when the order met the book; null when a side was empty. */
  arrivalMidpoint: MicroPrice | null;
};

/** A price difference times shares, in micro-USDC, rounded half away from zero. */
function differenceValue(difference: bigint, quantity: MicroShares): bigint {
  const exact = difference * quantity;
  const magnitude = exact < 0n ? -exact : exact;
  const rounded = (2n * magnitude + MICRO) / (2n * MICRO);
  return exact < 0n ? -rounded : rounded;
}

/** Arrival slippage of a fill: side x (price - arrival midpoint) x shares. Positive is a cost. */
export function arrivalSlippage(
  fill: Pick<CostedFill, 'side' | 'quantity' | 'price' | 'arrivalMidpoint'>,
): Metric<MicroUsdc> {
  if (fill.arrivalMidpoint === null) {
    return undefinedMetric('no_midpoint', 'A side of the book was empty when the order met it.');
  }
  return defined(microUsdc(differenceValue(sideSign(fill.side) * (fill.price - fill.arrivalMidpoint), fill.quantity)));
}

/** Effective spread of a fill: 2 x side x (price - midpoint at the fill), in USDC a share. */
export function effectiveSpread(fill: Pick<CostedFill, 'side' | 'price' | 'midpointAtFill'>): Metric {
  if (fill.midpointAtFill === null) {
    return undefinedMetric('no_midpoint', 'A side of the book was empty when it filled.');
  }
  return defined(2 * priceNumber(sideSign(fill.side) * (fill.price - fill.midpointAtFill)));
}

/** Fee of a fill in hundredths of a percent of its value. */
export function feeBps({ fee, value }: { fee: bigint; value: bigint }): Metric {
  return value === 0n
    ? undefinedMetric('nothing_traded', 'Nothing of value was traded.')
    : defined((Number(fee) / Number(value)) * 10_000);
}

/** What trading cost over fills: sums over the fills; means by shares. */
export function executionCosts(fills: readonly CostedFill[]): ExecutionCosts {
  let fees = 0n;
  let value = 0n;
  let slippage = 0n;
  let withArrival = 0;
  const spreads: number[] = [];
  let spreadShares = 0;
  for (const fill of fills) {
    fees += fill.fee;
    value += fill.value;
    const slipped = arrivalSlippage(fill);
    if (slipped.undefinedBecause === null) {
      slippage += slipped.value;
      withArrival += 1;
    }
    const spread = effectiveSpread(fill);
    if (spread.undefinedBecause === null) {
      spreads.push(spread.value * Number(fill.quantity));
      spreadShares += Number(fill.quantity);
    }
  }
  const nothing = undefinedMetric('nothing_traded', 'Nothing was traded yet.');
  const noMidpoint = undefinedMetric('no_midpoint', 'No fill had a midpoint to be held against.');
  const isEmpty = fills.length === 0;
  return {
    feesPaid: microUsdc(fees),
    feeBps: feeBps({ fee: fees, value }),
    slippagePaid: isEmpty ? nothing : withArrival === 0 ? noMidpoint : defined(microUsdc(slippage)),
    fillsWithArrivalMidpoint: withArrival,
    effectiveSpread: isEmpty ? nothing : spreadShares === 0 ? noMidpoint : defined(sum(spreads) / spreadShares),
  };
}

/** An order whose execution is judged against the midpoint it was decided at. */
export interface JudgedOrder {
  side: OrderSide;
  /** Shares wanted. */
  quantity: MicroShares;
  /** Midpoint when it was decided; null when a side was empty. */
  decisionMidpoint: MicroPrice | null;
  fills: readonly Pick<CostedFill, 'price' | 'quantity' | 'fee'>[];
  /** Midpoint when it was over, for what did not fill; null when it is not known. */
  laterMidpoint: MicroPrice | null;
}

/**
 * Implementation shortfall: sum over the fills of side x (price - decision midpoint) x shares, plus fees, plus side x (later midpoint - decision midpoint) x
 * shares that did not fill. Positive is a cost.
 */
export function implementationShortfall(order: JudgedOrder): Metric<MicroUsdc> {
  const { side, decisionMidpoint, laterMidpoint } = order;
  if (decisionMidpoint === null) {
    return undefinedMetric('no_midpoint', 'A side of the book was empty when the order was decided.');
  }
  let cost = 0n;
  let unfilled: bigint = order.quantity;
  for (const { price, quantity, fee } of order.fills) {
    cost += differenceValue(sideSign(side) * (price - decisionMidpoint), quantity) + fee;
    unfilled -= quantity;
  }
  if (unfilled <= 0n) return defined(microUsdc(cost));
  if (laterMidpoint === null) {
    return undefinedMetric('no_later_price', 'What did not fill has no later midpoint to be held against.');
  }
  const missed = differenceValue(sideSign(side) * (laterMidpoint - decisionMidpoint), unfilled as MicroShares);
  return defined(microUsdc(cost + missed));
}

/** How long after a fill its price is held against the midpoint, milliseconds. */
export const MARKOUT_HORIZONS_MS = { '5s': 5_000, '1m': 60_000, '5m': 300_000, '1h': 3_600_000 } as const;
export type MarkoutHorizon = keyof typeof MARKOUT_HORIZONS_MS | 'resolution';

/**
 * Markout: side x (midpoint later - fill price), in USDC a share; at the resolution the payout stands for the midpoint. Negative for makers is adverse
 * selection.
 */
export function markout(fill: Pick<CostedFill, 'side' | 'price'>, laterMidpoint: MicroPrice | null): Metric {
  return laterMidpoint === null
    ? undefinedMetric('no_later_price', 'The midpoint that long after the fill is not known.')
    : defined(priceNumber(sideSign(fill.side) * (laterMidpoint - fill.price)));
}

/** Mean markout by shares over fills whose later midpoint is known. */
export function meanMarkout(
  fills: readonly (Pick<CostedFill, 'side' | 'price' | 'quantity'> & { laterMidpoint: MicroPrice | null })[],
): Metric {
  const marked = fills.flatMap((fill) => {
    const one = markout(fill, fill.laterMidpoint);
    return one.undefinedBecause === null ? { value: one.value, shares: Number(fill.quantity) } : [];
  });
  if (marked.length === 0) return undefinedMetric('no_later_price', 'No fill has a later midpoint to be held against.');
  return defined(sum(marked.map(({ value, shares }) => value * shares)) / sum(marked.map(({ shares }) => shares)));
}

/** Closing-line value: side x (midpoint shortly before the close - fill price), in USDC a share. */
export function closingLineValue(fill: Pick<CostedFill, 'side' | 'price'>, closingMidpoint: MicroPrice | null): Metric {
  return closingMidpoint === null
    ? undefinedMetric('no_later_price', 'The midpoint before the close is not known.')
    : defined(priceNumber(sideSign(fill.side) * (closingMidpoint - fill.price)));
}

/** A price difference as a plain number of USDC, for statistics. */
function priceNumber(difference: bigint): number {
  return Number(difference) / Number(MICRO);
}
