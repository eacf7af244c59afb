import { BOOK_SIDES, type TakenLevel } from '@app/exchange';
import type { OrderNotice } from './order-notice';
import { decodeText, levelPriceOf, listOf, nameOf, oneOf, sizeOf, triplesOf } from './text-reader';

/** A notice as the text it travels as. */
export function encodeOrderNotice({ conditionId, portfolioId, orderIds, taken }: OrderNotice): string {
  return JSON.stringify({
    condition_id: conditionId,
    portfolio_id: portfolioId,
    order_ids: orderIds,
    taken: taken.flatMap(({ side, price, quantity }) => [side, price.toString(), quantity.toString()]),
  });
}

/** The notice of such a text; null for any other. */
export function decodeOrderNotice(text: string): OrderNotice | null {
  return decodeText(text, (fields) => ({
    conditionId: nameOf(fields['condition_id']),
    portfolioId: nameOf(fields['portfolio_id']),
    orderIds: listOf(fields['order_ids'], nameOf),
    taken: triplesOf(fields['taken'], takenOf),
  }));
}

function takenOf(side: unknown, price: unknown, quantity: unknown): TakenLevel {
  return { side: oneOf(BOOK_SIDES, side), price: levelPriceOf(price), quantity: sizeOf(quantity) };
}
