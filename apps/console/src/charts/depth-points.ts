import type { Level } from '../live/live-book';

/** How many shares stand between a price and the best one; no value where nothing stands. */
export interface DepthPoint {
  /** The price, USDC a share; charts call it time. */
  time: number;
  value?: number;
}

const PRECISION = 1e6;
const USUAL_TICK = 0.01;
const MOST_STEPS = 400;

/**
 * The depth of both sides at every tick from the lowest price to the highest, so that prices are as far apart in the chart as they are;
 * a book of very many ticks is sampled.
 * @param bids highest price first   @param asks lowest price first   @param tick smallest price step; null where it is not known
 */
export function depthPoints(
  bids: readonly Level[],
  asks: readonly Level[],
  tick: number | null,
): { bids: DepthPoint[]; asks: DepthPoint[] } {
  const lowest = microOf(bids.at(-1)?.price ?? asks[0]?.price);
  const highest = microOf(asks.at(-1)?.price ?? bids[0]?.price);
  if (lowest === null || highest === null) return { bids: [], asks: [] };
  const step = microOf(tick ?? USUAL_TICK) ?? 1;
  const wide = step * Math.max(1, Math.ceil((highest - lowest) / step / MOST_STEPS));
  const prices: number[] = [];
  for (let at = lowest; at < highest; at += wide) prices.push(at);
  prices.push(highest);
  const [bestBid, bestAsk] = [microOf(bids[0]?.price) ?? -Infinity, microOf(asks[0]?.price) ?? Infinity];
  return {
    bids: prices
      .filter((price) => price <= bestBid || price < bestAsk)
      .map((price) => pointAt(price, bids, price <= bestBid, (level) => level >= price)),
    asks: prices
      .filter((price) => price >= bestAsk)
      .map((price) => pointAt(price, asks, true, (level) => level <= price)),
  };
}

function pointAt(
  price: number,
  levels: readonly Level[],
  isWithin: boolean,
  isBetter: (level: number) => boolean,
): DepthPoint {
  const time = price / PRECISION;
  if (!isWithin) return { time };
  let value = 0;
  for (const level of levels) {
    if (!isBetter(Math.round(level.price * PRECISION))) break;
    value += level.size;
  }
  return { time, value };
}

function microOf(price: number | undefined): number | null {
  return price === undefined ? null : Math.round(price * PRECISION);
}
