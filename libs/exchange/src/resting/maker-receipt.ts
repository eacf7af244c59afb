import type { FeeSchedule, FillReceipt, Order } from '@app/domain';
import { FILL_MODEL_VERSION } from '../settings';
import type { MakerFill, RestingOrder } from './resting-event';

/**
 * The receipt of a maker's fill.
 * @param feeSchedule the curve that takers pay there and makers do not (F8): what the rebate is estimated from; null when trading is free
 */
export function makerReceipt(fill: MakerFill, feeSchedule: FeeSchedule | null): FillReceipt {
  return {
    rule: fill.rule,
    grade: fill.grade,
    profile: fill.profile,
    modelVersion: FILL_MODEL_VERSION,
    bookSource: 'stream',
    bookSequence: fill.bookSequence,
    bookHash: fill.bookHash,
    bookVenueTime: new Date(fill.bookVenueTimeMs),
    bookReceivedAt: new Date(fill.bookReceivedAtMs),
    displayedSize: null,
    takenBefore: null,
    printKey: fill.printKey,
    printSize: fill.printSize,
    queueAheadAtEntry: fill.queueAheadAtEntry,
    queueAheadAtFill: fill.queueAheadAtFill,
    arrivalMidpoint: fill.arrivalMidpoint,
    feeSchedule,
  };
}

/**
 * An order as kept, for a resting book.
 * @throws Error for an order that does not rest, which is a bug of the caller.
 */
export function restingOrderOf(order: Order): RestingOrder {
  const { phase, price, quantity, restingSince } = order;
  if (phase !== 'resting' || price === null || quantity === null || restingSince === null) {
    throw new Error(`order ${order.id} does not rest: its phase is ${phase}`);
  }
  return {
    orderId: order.id,
    portfolioId: order.portfolioId,
    outcomeIndex: order.outcomeIndex,
    side: order.side,
    price,
    quantity,
    filledQuantity: order.filledQuantity,
    profile: order.profile,
    restingSinceMs: restingSince.getTime(),
    expiresAtMs: order.timeInForce === 'gtd' ? (order.expiresAt?.getTime() ?? null) : null,
    queueAhead: order.queueAhead,
    queueAheadAtEntry: order.queueAheadAtEntry,
    arrivalMidpoint: order.arrivalMidpoint,
  };
}
