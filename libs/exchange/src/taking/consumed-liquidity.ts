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

/** An overlay as of a moment, and how much of each of its levels counts as taken then. Both run parallel. */
export interface MovedConsumed {
  levels: readonly ConsumedLevel[];
  taken: readonly MicroShares[];
}

/**
 * What is left of `taken` after a time: half after each half-life (E2), and a straight line in between, so that whole numbers suffice.
 * Rounded down. A half-life of 0 leaves nothing, an infinite one everything.
 */
export function decayed(taken: MicroShares, elapsedMs: number, halfLifeMs: number): MicroShares {
  if (halfLifeMs <= 0) return NO_SHARES;
  if (elapsedMs <= 0 || halfLifeMs === Infinity) return taken;
  const halvings = Math.floor(elapsedMs / halfLifeMs);
  const twice = Math.ceil(2 * halfLifeMs);
  const rest = Math.floor(elapsedMs - halvings * halfLifeMs);
  const left = (taken * BigInt(twice - rest)) / BigInt(twice);
  return (halvings === 0 ? left : left >> BigInt(halvings)) as MicroShares;
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
): MovedConsumed {
  const nowMs = now.getTime();
  const kept: ConsumedLevel[] = [];
  const taken: MicroShares[] = [];
  let isChanged = false;
  for (const level of levels) {
    const own = canonicalSide(level.side, outcomeIndex);
    const displayed = sizeAt(book, own, canonicalPrice(level.price, outcomeIndex));
    const shrunk = level.displayed - displayed;
    const decayedNow = decayed(level.taken, nowMs - level.at.getTime(), halfLifeMs);
    const left = (shrunk > 0n ? decayedNow - shrunk : decayedNow) as MicroShares;
    if (displayed === 0n || left <= 0n) {
      isChanged = true;
      continue;
    }
    taken.push(left);
    if (shrunk === 0n) {
      // An unchanged level keeps its record: decaying it step by step would round at every step.
      kept.push(level);
    } else {
      isChanged = true;
      kept.push({ side: level.side, price: level.price, taken: left, displayed, at: now });
    }
  }
  return { levels: isChanged ? kept : levels, taken };
}

/**
 * Adds displayed size that filled a resting order (F7) to what its account has taken. Levels that did not fill it stay as they were.
 * @param crossed canonical, as displayed when it filled
 */
export function addCrossed(
  levels: readonly ConsumedLevel[],
  crossed: readonly (Omit<ConsumedLevel, 'taken' | 'at'> & { quantity: MicroShares })[],
  now: Date,
  halfLifeMs: number,
): ConsumedLevel[] {
  const added = [...levels];
  for (const { side, price, quantity, displayed } of crossed) {
    const index = added.findIndex((level) => level.side === side && level.price === price);
    const before = added[index];
    let taken: bigint = quantity;
    if (before !== undefined) {
      const shrunk = before.displayed - displayed;
      const left = decayed(before.taken, now.getTime() - before.at.getTime(), halfLifeMs) - (shrunk > 0n ? shrunk : 0n);
      if (left > 0n) taken += left;
    }
    const level = { side, price, taken: microShares(taken < displayed ? taken : displayed), displayed, at: now };
    if (before === undefined) added.push(level);
    else added[index] = level;
  }
  return added;
}

const NO_SHARES = microShares(0n);
