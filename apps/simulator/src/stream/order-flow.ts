import type { Level } from '../world/books';
import type { Random } from '../world/random';
import type { Aggressor, LevelSet, LiveBook, Side } from './live-book';

/**
 * What the invented makers and takers of a market do next. Quotes come and go around a target price; those it left behind are taken or
 * withdrawn. About one move in thirty is a trade, as on a real venue where most of what is told is quotes. A function of book, target and
 * generator: the same three give the same move.
 */

const MICRO = 1_000_000;
/** A share in micro-units, and the smallest part of one that orders are sized in. */
const SHARE = 1_000_000;
const CENT_OF_SHARE = 10_000;

const DEPTH_MAX = 40;
const DEPTH_MIN = 3;
const LEVEL_MAX = 50_000 * SHARE;

/** How often, of a hundred moves near the target. */
const JOINS = 0.42;
const CANCELS = 0.8;
const MOVES = 0.97;

export type FlowMove =
  | { kind: 'levels'; sets: readonly LevelSet[] }
  /** Sizes in micro-shares. */
  | { kind: 'trade'; aggressor: Aggressor; size: number };

/** @param target price the book gathers around, micro-units @param tick tick size, micro-units */
export function nextMove(book: LiveBook, target: number, tick: number, random: Random): FlowMove {
  if (book.isCrossed) return uncross(book);
  const bid = book.bids[0]?.price ?? 0;
  const ask = book.asks[0]?.price ?? MICRO;
  const away = (target - (bid + ask) / 2) / tick;
  if (Math.abs(away) >= 1 && random.chance(0.35)) {
    const move = follow(book, away > 0, tick, random);
    if (move !== null) return move;
  }
  const roll = random.fraction();
  const side: Side = random.chance(0.5) ? 'bid' : 'ask';
  if (roll < JOINS) return join(book, side, target, tick, random);
  if (roll < CANCELS) return cancel(book, side, random) ?? join(book, side, target, tick, random);
  if (roll < MOVES) return reprice(book, side, tick, random) ?? join(book, side, target, tick, random);
  return trade(book, side === 'ask' ? 'BUY' : 'SELL', random) ?? join(book, side, target, tick, random);
}

/** Takes back the bids that meet the asks. */
function uncross(book: LiveBook): FlowMove {
  const ask = book.asks[0]?.price ?? MICRO;
  const met = book.bids.filter(({ price }) => price >= ask);
  return { kind: 'levels', sets: met.map(({ price }) => ({ side: 'bid', price, size: 0 })) };
}

/** The target moved away: the quotes it passes are taken or withdrawn, or the other side comes nearer. */
function follow(book: LiveBook, up: boolean, tick: number, random: Random): FlowMove | null {
  const [passed, behind]: [Side, Side] = up ? ['ask', 'bid'] : ['bid', 'ask'];
  const step = up ? tick : -tick;
  const best = book.levels(passed)[0];
  const deep = book.levels(passed).length > DEPTH_MIN;
  if (best !== undefined && deep) {
    if (random.chance(0.25)) {
      const size = Math.max(CENT_OF_SHARE, parts(best.size, 0.3 + random.fraction() * 0.7));
      return { kind: 'trade', aggressor: up ? 'BUY' : 'SELL', size };
    }
    if (random.chance(0.5)) return { kind: 'levels', sets: [{ side: passed, price: best.price, size: 0 }] };
  }
  const nearest = book.levels(behind)[0];
  if (nearest === undefined) return null;
  const price = nearest.price + step;
  const meets = best !== undefined && (up ? price >= best.price : price <= best.price);
  if (meets || !onGrid(price, tick)) return null;
  return { kind: 'levels', sets: [{ side: behind, price, size: orderSize(random) }] };
}

function join(book: LiveBook, side: Side, target: number, tick: number, random: Random): FlowMove {
  const levels = book.levels(side);
  const worst = levels.at(-1);
  if (levels.length >= DEPTH_MAX && worst !== undefined) {
    return { kind: 'levels', sets: [{ side, price: worst.price, size: 0 }] };
  }
  const outwards = side === 'bid' ? -tick : tick;
  const best = levels[0]?.price ?? Math.round(target / tick) * tick + outwards;
  const opposite = (side === 'bid' ? book.asks : book.bids)[0]?.price;
  const distance = random.chance(0.15) ? -1 : Math.floor(random.fraction() * random.fraction() * 8);
  let price = best + distance * outwards;
  if (opposite !== undefined && (side === 'bid' ? price >= opposite : price <= opposite)) price = best;
  if (!onGrid(price, tick)) price = Math.min(MICRO - tick, Math.max(tick, best));
  const crosses = opposite !== undefined && (side === 'bid' ? price >= opposite : price <= opposite);
  if (crosses) return { kind: 'levels', sets: [] };
  const size = book.sizeAt(side, price) + orderSize(random);
  return { kind: 'levels', sets: [{ side, price, size: size > LEVEL_MAX ? orderSize(random) : size }] };
}

/** A level shrinks or goes; null where the side has no level to spare. */
function cancel(book: LiveBook, side: Side, random: Random): FlowMove | null {
  const level = nearTop(book.levels(side), random);
  if (level === undefined) return null;
  const whole = random.chance(0.4) && book.levels(side).length > DEPTH_MIN;
  const size = whole ? 0 : parts(level.size, 0.1 + random.fraction() * 0.85);
  return size === 0 && !whole ? null : { kind: 'levels', sets: [{ side, price: level.price, size }] };
}

/** Part of a level moves a tick further in or out: two changes of one message. */
function reprice(book: LiveBook, side: Side, tick: number, random: Random): FlowMove | null {
  const level = nearTop(book.levels(side), random);
  if (level === undefined || book.levels(side).length <= DEPTH_MIN) return null;
  const price = level.price + (random.chance(0.5) ? tick : -tick);
  const opposite = (side === 'bid' ? book.asks : book.bids)[0]?.price;
  if (!onGrid(price, tick)) return null;
  if (opposite !== undefined && (side === 'bid' ? price >= opposite : price <= opposite)) return null;
  const moved = random.chance(0.5) ? level.size : parts(level.size, random.fraction());
  if (moved === 0) return null;
  return {
    kind: 'levels',
    sets: [
      { side, price: level.price, size: level.size - moved },
      { side, price, size: book.sizeAt(side, price) + moved },
    ],
  };
}

/** Somebody takes; the last levels of a side are left alone. Null where there are no others. */
function trade(book: LiveBook, aggressor: Aggressor, random: Random): FlowMove | null {
  const levels = book.levels(aggressor === 'BUY' ? 'ask' : 'bid');
  const most = levels.slice(0, Math.max(0, levels.length - DEPTH_MIN + 1)).reduce((sum, { size }) => sum + size, 0);
  if (most === 0) return null;
  const shares = random.logUniform(2, 300);
  // Who orders for an amount gets shares to the sixth decimal.
  const size = random.chance(0.2) ? Math.floor(shares * SHARE) : Math.round(shares * 100) * CENT_OF_SHARE;
  return { kind: 'trade', aggressor, size: Math.min(size, most) };
}

function nearTop(levels: readonly Level[], random: Random): Level | undefined {
  return levels[Math.floor(random.fraction() * random.fraction() * levels.length)];
}

function orderSize(random: Random): number {
  return Math.round(random.logUniform(5, 600) * 100) * CENT_OF_SHARE;
}

/** A part of a size, in hundredths of a share, at most the size. */
function parts(size: number, part: number): number {
  return Math.min(size, Math.round((size * part) / CENT_OF_SHARE) * CENT_OF_SHARE);
}

function onGrid(price: number, tick: number): boolean {
  return price >= tick && price <= MICRO - tick;
}
