import { complement, type MicroPrice, type OrderSide } from '@app/domain';
import { type BookLevel, type BookSide, mirrorLevels } from './order-book';

/**
 * Canonical space (B1 to B3): a binary market has one book, kept in prices of its first outcome. The second outcome's book, orders and
 * prints are the same things seen from the other side: buying it at q is selling the first at 1 - q.
 */

export interface CanonicalPrice {
  side: OrderSide;
  price: MicroPrice;
}

export const oppositeSide = (side: OrderSide): OrderSide => (side === 'buy' ? 'sell' : 'buy');

/** The side of the book an order of this side takes from. */
export const takenSide = (side: OrderSide): BookSide => (side === 'buy' ? 'ask' : 'bid');

/** The side of the book an order of this side rests on. */
export const restingSide = (side: OrderSide): BookSide => (side === 'buy' ? 'bid' : 'ask');

/** An order's or a print aggressor's side and price, seen from the first outcome; its own inverse. */
export function toCanonical(side: OrderSide, outcomeIndex: number, price: MicroPrice): CanonicalPrice {
  return outcomeIndex === 0 ? { side, price } : { side: oppositeSide(side), price: complement(price) };
}

/** The side of the canonical book that an outcome's side is; its own inverse. */
export function canonicalSide(side: BookSide, outcomeIndex: number): BookSide {
  if (outcomeIndex === 0) return side;
  return side === 'bid' ? 'ask' : 'bid';
}

/** The canonical price of an outcome's price; its own inverse. */
export function canonicalPrice(price: MicroPrice, outcomeIndex: number): MicroPrice {
  return outcomeIndex === 0 ? price : complement(price);
}

/** An outcome's levels as the canonical book has them; its own inverse. */
export function canonicalLevels(
  book: { bids: readonly BookLevel[]; asks: readonly BookLevel[] },
  outcomeIndex: number,
): { bids: readonly BookLevel[]; asks: readonly BookLevel[] } {
  return outcomeIndex === 0 ? book : mirrorLevels(book);
}
