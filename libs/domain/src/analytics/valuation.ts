import { type MicroPrice, type MicroShares, type MicroUsdc, microUsdc, negate, notional } from '../money';
import type { Portfolio, Position } from '../trading/portfolio';
import { defined, type Metric, undefinedMetric } from './metric';

/**
 * Where a mark was read: the midpoint of the token's order book, the quote the venue publishes with the market, or, for a moment in the past, what is
 * known of the token's price then.
 */
export const MARK_SOURCES = ['book', 'venue_quote', 'price_history'] as const;
export type MarkSource = (typeof MARK_SOURCES)[number];

/** The price a position is valued at. */
export interface Mark {
  price: MicroPrice;
  source: MarkSource;
  /** When the source had it. */
  at: Date;
}

/** What selling a position into the bids displayed now would bring. */
export interface Liquidation {
  /** Proceeds, the taker's fee off. */
  value: MicroUsdc;
  fee: MicroUsdc;
  sold: MicroShares;
  /** Shares nobody bids for; they bring nothing. */
  unsold: MicroShares;
}

/** What is known of a token's price; null says so, with the reason as a sentence. */
export interface TokenQuote {
  mark: Mark | null;
  /** Why there is no mark; null when there is one. */
  unpricedBecause: string | null;
  /** Null when the order book could not be read. */
  liquidation: Liquidation | null;
}

/** A position with what it is worth. Invariant: `value` and `unrealised` are null exactly when shares are held and `mark` is null. */
export interface ValuedPosition extends TokenQuote {
  position: Position;
  /** Shares at the mark. */
  value: MicroUsdc | null;
  /** Value less cost. */
  unrealised: MicroUsdc | null;
}

/**
 * What a portfolio is worth at one moment.
 *
 * Invariants, to the micro-unit: net deposits = cash + reserved - owed + cost - realised + fees; total value = net deposits + total P&L - unpriced cost. A
 * position without a price is in neither value nor P&L: it is not valued at 0, and not at its cost.
 */
export interface Valuation {
  at: Date;
  run: number;
  positions: readonly ValuedPosition[];
  cash: MicroUsdc;
  reserved: MicroUsdc;
  /** What a changed resolution took back and is not repaid yet. */
  owed: MicroUsdc;
  /** Cost of all open positions. */
  cost: MicroUsdc;
  realised: MicroUsdc;
  fees: MicroUsdc;
  netDeposits: MicroUsdc;
  /** Shares at their marks, over the positions that have one. */
  positionsValue: MicroUsdc;
  /** Value less cost over the positions that have a mark. */
  unrealised: MicroUsdc;
  /** What selling the shares into the bids would bring, fees off; null while a book cannot be read. */
  liquidationValue: MicroUsdc | null;
  /** Cash, reserved cash and the positions that have a price, less what is owed. */
  totalValue: MicroUsdc;
  /** Realised less fees plus unrealised. */
  totalPnl: MicroUsdc;
  unpriced: number;
  unpricedCost: MicroUsdc;
  /** E_mid: the total value; undefined while a position has no price. */
  equity: Metric<MicroUsdc>;
  /** E_liq: the same with what selling everything into the bids would bring, fees off; undefined while a book cannot be read. */
  liquidationEquity: Metric<MicroUsdc>;
}

/** Tells what is known of the price of a position's token. */
export type QuoteLookup = (position: Position) => TokenQuote;

/** Values a portfolio. Positions without shares are kept in the list: what they realised is theirs. */
export function valuePortfolio(
  portfolio: Pick<Portfolio, 'cash' | 'reserved' | 'owed' | 'realised' | 'fees' | 'run'>,
  positions: readonly Position[],
  quoteOf: QuoteLookup,
  at: Date,
): Valuation {
  const valued = positions.map((position) => valuePosition(position, quoteOf));
  let cost = 0n;
  let positionsValue = 0n;
  let unrealised = 0n;
  let unpriced = 0;
  let unpricedCost = 0n;
  let liquidation: bigint | null = 0n;
  for (const one of valued) {
    cost += one.position.cost;
    if (one.position.quantity === 0n) continue;
    if (one.value === null || one.unrealised === null) {
      unpriced += 1;
      unpricedCost += one.position.cost;
    } else {
      positionsValue += one.value;
      unrealised += one.unrealised;
    }
    liquidation = liquidation === null || one.liquidation === null ? null : liquidation + one.liquidation.value;
  }
  const { cash, reserved, owed, realised, fees, run } = portfolio;
  const money = cash + reserved - owed;
  const totalValue = microUsdc(money + positionsValue);
  return {
    at,
    run,
    positions: valued,
    cash,
    reserved,
    owed,
    cost: microUsdc(cost),
    realised,
    fees,
    netDeposits: microUsdc(money + cost - realised + fees),
    positionsValue: microUsdc(positionsValue),
    unrealised: microUsdc(unrealised),
    liquidationValue: liquidation === null ? null : microUsdc(liquidation),
    totalValue,
    totalPnl: microUsdc(realised - fees + unrealised),
    unpriced,
    unpricedCost: microUsdc(unpricedCost),
    equity:
      unpriced === 0
        ? defined(totalValue)
        : undefinedMetric('unpriced', `${countOf(unpriced, 'open position has', 'open positions have')} no price now.`),
    liquidationEquity:
      liquidation === null
        ? undefinedMetric('no_book', 'The order book of an open position cannot be read now.')
        : defined(microUsdc(money + liquidation)),
  };
}

function valuePosition(position: Position, quoteOf: QuoteLookup): ValuedPosition {
  if (position.quantity === 0n) {
    const nothing = { value: microUsdc(0n), unrealised: microUsdc(0n) };
    return { position, mark: null, unpricedBecause: null, liquidation: null, ...nothing };
  }
  const quote = quoteOf(position);
  if (quote.mark === null) return { position, ...quote, value: null, unrealised: null };
  // Rounded down: never more than it would bring.
  const value = notional(quote.mark.price, position.quantity, 'down');
  return { position, ...quote, value, unrealised: microUsdc(value - position.cost) };
}

/** "1 open position has", "3 open positions have". */
function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A part in percent of a whole above 0, in millionths of a percent, rounded half away from zero. */
export function percentOf(part: MicroUsdc, whole: MicroUsdc): bigint {
  const scaled = (part < 0n ? negate(part) : part) * 200_000_000n + whole;
  const rounded = scaled / (2n * whole);
  return part < 0n ? -rounded : rounded;
}
