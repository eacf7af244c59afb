import type { Schemas } from '../../api/client';
import type { LivePrice } from '../../live/live';

type Detail = Schemas['PortfolioDetail'];
type Position = Schemas['Position'];

/** A price just told; null where none was. */
export type PriceOf = (position: Pick<Position, 'market_id' | 'outcome_index'>) => LivePrice | null;

/** A position at the newest price known. */
export interface MarkedPosition extends Position {
  /** Whether the price is told as it moves. */
  is_live: boolean;
}

/** What a portfolio is worth at the newest prices known. */
export interface MarkedPortfolio {
  positions: MarkedPosition[];
  /** Cash, reserved cash and the shares at their prices, less what is owed; positions without a price are left out. */
  equity: number;
  positionValue: number;
  unrealizedPnl: number;
  totalPnl: number;
  /** Of the initial balance, as a fraction. */
  totalReturn: number;
  unpriced: number;
}

/**
 * Marks positions at live midpoints; at the price the api told where no book is told live. Where one side of a book is empty the live
 * price is the last trade, which marks nothing.
 */
export function markPortfolio(detail: Detail, priceOf: PriceOf): MarkedPortfolio {
  const positions = detail.positions.map((position) => markPosition(position, priceOf(position)));
  const held = positions.filter(({ quantity }) => quantity > 0);
  const positionValue = sum(held.map(({ market_value }) => market_value ?? 0));
  const unrealizedPnl = sum(held.map(({ unrealized_pnl }) => unrealized_pnl ?? 0));
  const totalPnl = detail.realized_pnl + unrealizedPnl - detail.fees_paid;
  return {
    positions,
    equity: detail.cash_balance + detail.reserved_cash - detail.owed + positionValue,
    positionValue,
    unrealizedPnl,
    totalPnl,
    totalReturn: totalPnl / detail.initial_balance,
    unpriced: held.filter(({ current_price }) => current_price === null).length,
  };
}

export function markPosition(position: Position, live: LivePrice | null): MarkedPosition {
  const isMidpoint = live !== null && live.best_bid !== null && live.best_ask !== null && live.price !== null;
  const isOlder = live !== null && position.price_at !== null && live.timestamp < position.price_at;
  const isHeld = position.quantity > 0;
  const price = !isHeld ? null : isMidpoint && !isOlder ? live.price : position.current_price;
  const value = price === null ? null : price * position.quantity;
  return {
    ...position,
    is_live: isHeld && isMidpoint && live.state === 'live',
    current_price: price,
    market_value: isHeld ? value : position.market_value,
    unrealized_pnl: isHeld ? (value === null ? null : value - position.cost_basis) : position.unrealized_pnl,
  };
}

/** The markets whose prices are watched: of the positions worth most, as many as an account may watch. */
export function watchedMarkets(positions: readonly Position[], most: number): string[] {
  const byWorth = positions
    .filter(({ quantity }) => quantity > 0)
    .sort((a, b) => (b.market_value ?? b.cost_basis) - (a.market_value ?? a.cost_basis));
  // In an order that does not change with the prices, so that nothing is watched anew for it.
  return [...new Set(byWorth.map(({ market_id }) => market_id))].slice(0, most).sort();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
