import { type MicroPrice, type MicroShares, microShares } from '@app/domain';
import { canonicalPrice, canonicalSide } from '../canonical';
import { type BookSide, type OrderBookSnapshot, sizeAt } from '../order-book';

/**
 * The private overlay of an account (E1 to E3): what it has taken of displayed levels. Nobody else sees its orders, so what it took is still
 * displayed; the overlay keeps it from being taken twice, through either outcome (B3).
 */

/** How much of one level of the canonical book an account has taken, as of `at`. */
export interface ConsumedLevel {
  side: BookSide;
  price: MicroPrice;
  taken: MicroShares;
  /** What the level displayed then. */
  displayed: MicroShares;
  at: Date;
}

/** What one account has taken of one market's book. Invariant: no level twice, none with nothing taken. */
export interface ConsumedLiquidity {
  conditionId: string;
  levels: readonly ConsumedLevel[];
}

/**
 * What is left of `taken` after a time: half after each half-life (E2), and a straight line in between, so that whole numbers suffice.
 * Rounded down. A half-life of 0 leaves nothing, an infinite one everything.
 */
export function decayed(taken: MicroShares, elapsedMs: number, halfLifeMs: number): MicroShares {
  if (halfLifeMs <= 0) return microShares(0n);
  if (elapsedMs <= 0 || halfLifeMs === Infinity) return taken;
  const halvings = Math.floor(elapsedMs / halfLifeMs);
  const rest = Math.floor(elapsedMs - halvings * halfLifeMs);
  const twice = BigInt(Math.ceil(2 * halfLifeMs));
  return microShares(((taken * (twice - BigInt(rest))) / twice) >> BigInt(halvings));
}

/** What of a level still counts as taken at a moment. */
export function takenNow({ taken, at }: ConsumedLevel, now: Date, halfLifeMs: number): MicroShares {
  return decayed(taken, now.getTime() - at.getTime(), halfLifeMs);
}

/**
 * Moves the overlay to what a book displays now (E2). A level that shrank loses as much of what was taken; one that grew keeps it, so that
 * only the growth is new; one that is gone is forgotten; one that stayed decays.
 * @param book of the outcome with this index
 */
export function moveConsumed(
  levels: readonly ConsumedLevel[],
  book: Pick<OrderBookSnapshot, 'bids' | 'asks'>,
  outcomeIndex: number,
  now: Date,
  halfLifeMs: number,
): readonly ConsumedLevel[] {
  let moved: ConsumedLevel[] | null = null;
  for (const [index, level] of levels.entries()) {
    const own = canonicalSide(level.side, outcomeIndex);
    const displayed = sizeAt(book, own, canonicalPrice(level.price, outcomeIndex));
    const next = moveLevel(level, displayed, now, halfLifeMs);
    if (next !== level) moved ??= levels.slice(0, index);
    if (moved !== null && next !== null) moved.push(next);
  }
  return moved ?? levels;
}

function moveLevel(level: ConsumedLevel, displayed: MicroShares, now: Date, halfLifeMs: number): ConsumedLevel | null {
  if (displayed === 0n) return null;
  const taken = takenNow(level, now, halfLifeMs);
  const shrunk = level.displayed - displayed;
  const left = shrunk > 0n ? taken - shrunk : taken;
  if (left <= 0n) return null;
  // An unchanged level keeps its record: decaying it step by step would round at every step.
  return shrunk === 0n ? level : { ...level, taken: microShares(left), displayed, at: now };
}
