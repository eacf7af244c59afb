import { microPrice, type MicroShares, microShares } from '@app/domain';
import { type Entry, type Ladder, type LadderIndex, MEETING_SUM, NOT_CROSSED, USED_UP } from './ladder';
import type { RestingOrder } from './resting-event';
import type { LevelState, RestingOrderState } from './resting-state';

/** Where an order rests: on which half of the book, and at which rung of it. */
export function placeOf({ side, outcomeIndex, price }: RestingOrder): { ladder: LadderIndex; rung: number } {
  const isBuy = side === 'buy';
  return {
    ladder: isBuy === (outcomeIndex === 0) ? 0 : 1,
    rung: isBuy ? Number(price) : MEETING_SUM - Number(price),
  };
}

export function levelStates(ladder: Ladder): LevelState[] {
  return ladder.levels().map(({ rung, size, printed, printedAtMs, shrunk, shrunkAtMs, used }) => ({
    rung,
    size: size.toString(),
    printed: printed.toString(),
    printedAtMs,
    shrunk: shrunk.toString(),
    shrunkAtMs,
    used: [...(used ?? [])].map(([portfolioId, quantity]): [string, string] => [portfolioId, quantity.toString()]),
  }));
}

export function restoreLevel(ladder: Ladder, state: LevelState): void {
  const level = ladder.at(state.rung);
  level.printed = BigInt(state.printed);
  level.printedAtMs = state.printedAtMs;
  level.shrunk = BigInt(state.shrunk);
  level.shrunkAtMs = state.shrunkAtMs;
  ladder.display(level, BigInt(state.size));
  if (state.used.length > 0) {
    level.used = new Map(state.used.map(([portfolioId, quantity]) => [portfolioId, BigInt(quantity)]));
  }
}

export function orderState(entry: Entry): RestingOrderState {
  const { order, number, remaining, ahead, aheadAtEntry, arrivalMidpoint, cut } = entry;
  return {
    number,
    orderId: order.orderId,
    portfolioId: order.portfolioId,
    outcomeIndex: order.outcomeIndex,
    side: order.side,
    price: order.price.toString(),
    quantity: order.quantity.toString(),
    filledQuantity: (order.quantity - remaining).toString(),
    profile: order.profile,
    restingSinceMs: order.restingSinceMs,
    expiresAtMs: order.expiresAtMs,
    queueAhead: ahead?.toString() ?? null,
    queueAheadAtEntry: aheadAtEntry?.toString() ?? null,
    arrivalMidpoint: arrivalMidpoint?.toString() ?? null,
    cut: cut.toString(),
    crossedSinceMs: crossedState(entry.crossedSinceMs),
  };
}

export function restingOrder(state: RestingOrderState): RestingOrder {
  return {
    orderId: state.orderId,
    portfolioId: state.portfolioId,
    outcomeIndex: state.outcomeIndex,
    side: state.side,
    price: microPrice(BigInt(state.price)),
    quantity: microShares(BigInt(state.quantity)),
    filledQuantity: microShares(BigInt(state.filledQuantity)),
    profile: state.profile,
    restingSinceMs: state.restingSinceMs,
    expiresAtMs: state.expiresAtMs,
    queueAhead: sharesOrNull(state.queueAhead),
    queueAheadAtEntry: sharesOrNull(state.queueAheadAtEntry),
    arrivalMidpoint: state.arrivalMidpoint === null ? null : microPrice(BigInt(state.arrivalMidpoint)),
  };
}

function crossedState(crossedSinceMs: number): RestingOrderState['crossedSinceMs'] {
  if (crossedSinceMs === NOT_CROSSED) return null;
  return crossedSinceMs === USED_UP ? 'used_up' : crossedSinceMs;
}

function sharesOrNull(text: string | null): MicroShares | null {
  return text === null ? null : microShares(BigInt(text));
}
