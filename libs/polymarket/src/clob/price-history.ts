import { PricePoint } from '@app/domain';
import { WireObject } from '../wire/wire-object';

/** Unix seconds of the year 5138; a larger time is in another unit. */
const LAST_SECOND = 100_000_000_000;

/**
 * Reads a price series: `{"history":[{"t":1771901422,"p":0.405}]}`, in order of time; of several points at one second the last stays.
 * An empty series is normal and does not mean that there was no trading: a resolved market asked at fine fidelity, a condition id in place
 * of a token id, and expired retention all answer one. Source: GET /prices-history, recorded 2026.
 */
export function readPriceHistory(answer: WireObject): PricePoint[] {
  return orderPoints(answer.requiredList('history', readPoint));
}

/** Reads the series of several tokens: `{"history":{"<token>":[...]}}`. Source: POST /batch-prices-history. */
export function readBatchPriceHistory(answer: WireObject): Map<string, PricePoint[]> {
  const history = answer.object('history');
  return new Map(history.keys().map((tokenId) => [tokenId, orderPoints(history.requiredList(tokenId, readPoint))]));
}

function readPoint(point: WireObject): PricePoint {
  const t = point.integer('t');
  if (t === null || t >= LAST_SECOND) return point.refuse('t', 'a Unix time in seconds');
  return { t, p: point.price('p') ?? point.refuse('p', 'a price from 0 to 1') };
}

function orderPoints(points: PricePoint[]): PricePoint[] {
  const increasing = points.every((point, index) => index === 0 || point.t > (points[index - 1]?.t ?? Infinity));
  if (increasing) return points;
  const bySecond = new Map(points.map((point) => [point.t, point]));
  return [...bySecond.values()].sort((a, b) => a.t - b.t);
}
