import { Market, PricePoint } from '@app/domain';

/**
 * How a price history is put together from calls the venue answers well, and how long each answer keeps.
 *
 * Invariants: points are strictly ascending in time; a part is replaced whole, never appended to, so the venue's extra last point (off the
 * grid, at the moment of asking) cannot pile up; an empty answer is never kept as if it were final.
 * Source: recorded series and notes on `GET /prices-history` of 2025-12 to 2026-09.
 */

export const INTERVAL_SECONDS = { '1h': 3_600, '6h': 21_600, '1d': 86_400, '1w': 604_800, '1m': 2_592_000 } as const;
export type HistoryInterval = keyof typeof INTERVAL_SECONDS | 'max';

export interface HistoryRequest {
  /** A span that ends now, or a range in Unix seconds. */
  span: { interval: HistoryInterval } | { startTs: number; endTs: number };
  fidelityMinutes: number;
}

/** One call to the venue, and the name its answer is kept under. */
export type HistoryPart = { fidelityMinutes: number } & (
  { kind: 'interval'; interval: HistoryInterval } | { kind: 'range'; startTs: number; endTs: number }
);

/** Points to keep of what the parts give: a range, both ends included, or a span before the last point. */
export type HistoryCut = { from: number; to: number } | { lastSeconds: number } | null;

export interface HistoryPlan {
  parts: HistoryPart[];
  cut: HistoryCut;
}

/** The finest grain the venue keeps of a resolved market; anything finer comes back empty. */
export const RESOLVED_FIDELITY_MINUTES = 720;
/** The longest range the venue answers. */
const MAX_RANGE_SECONDS = 15 * 86_400;
const POINTS_IN_PART = 1_440;

/** Seconds covered by one stored part of a range: 1440 points, and never more than the venue answers at once. */
export function partSeconds(fidelityMinutes: number): number {
  return Math.min(MAX_RANGE_SECONDS, fidelityMinutes * 60 * POINTS_IN_PART);
}

/** Returns the calls that make up a history of a market that still trades. */
export function planOpenHistory(request: HistoryRequest): HistoryPlan {
  const { span, fidelityMinutes } = request;
  if ('interval' in span) return { parts: [{ kind: 'interval', interval: span.interval, fidelityMinutes }], cut: null };
  const step = partSeconds(fidelityMinutes);
  const parts: HistoryPart[] = [];
  for (let startTs = Math.floor(span.startTs / step) * step; startTs <= span.endTs; startTs += step) {
    parts.push({ kind: 'range', startTs, endTs: startTs + step, fidelityMinutes });
  }
  return { parts, cut: { from: span.startTs, to: span.endTs } };
}

/** Returns the one call that works for a closed market, and what to keep of it: an interval then ends at the last price. */
export function planClosedHistory(request: HistoryRequest): HistoryPlan {
  const { span } = request;
  const fidelityMinutes = Math.max(RESOLVED_FIDELITY_MINUTES, request.fidelityMinutes);
  const parts: HistoryPart[] = [{ kind: 'interval', interval: 'max', fidelityMinutes }];
  if (!('interval' in span)) return { parts, cut: { from: span.startTs, to: span.endTs } };
  return { parts, cut: span.interval === 'max' ? null : { lastSeconds: INTERVAL_SECONDS[span.interval] } };
}

/** Returns the Unix second a history of limited depth begins at: so many days before now, before its end where a market is closed. */
export function depthStart(
  market: Pick<Market, 'closed' | 'closedTime' | 'endDate'>,
  depthDays: number,
  now: Date,
): number {
  const end = market.closed ? (market.closedTime ?? market.endDate ?? now) : now;
  return Math.ceil(Math.min(end.getTime(), now.getTime()) / 1000) - depthDays * 86_400;
}

/** Cuts what a request asks for before the start of the history; null when all of it lies there. Intervals are cut by their points. */
export function limitRequest(request: HistoryRequest, startTs: number): HistoryRequest | null {
  const { span } = request;
  if ('interval' in span || span.startTs >= startTs) return request;
  if (span.endTs < startTs) return null;
  return { ...request, span: { ...span, startTs } };
}

/** The name a part's answer is kept under, unique within its token. */
export function partBucket(part: HistoryPart): { grain: string; bucket: string } {
  const bucket = part.kind === 'interval' ? part.interval : String(part.startTs);
  return { grain: `${part.fidelityMinutes}m`, bucket };
}

/** Time after the end of a range in which the venue may still add to it. */
const SETTLING_SECONDS = 120;
const EMPTY_KEPT_SECONDS = 60;
const LONGEST_KEPT_SECONDS = 600;
const SHORTEST_KEPT_SECONDS = 15;
const CLOSED_KEPT_SECONDS = 3_600;

/** Whether an answer needs no asking again: it has points, and all of its range had passed when it was asked for. */
export function isFinalPart(part: HistoryPart, answer: { points: readonly PricePoint[]; fetchedAt: Date }): boolean {
  if (part.kind === 'interval' || answer.points.length === 0) return false;
  return answer.fetchedAt.getTime() / 1000 >= part.endTs + SETTLING_SECONDS;
}

/** Whether a kept answer may still be given: for half its grain, a minute when it is empty, for ever when it is final. */
export function isFreshPart(
  part: HistoryPart,
  answer: { points: readonly PricePoint[]; fetchedAt: Date },
  market: { closed: boolean },
  now: Date,
): boolean {
  if (isFinalPart(part, answer)) return true;
  const ageSeconds = (now.getTime() - answer.fetchedAt.getTime()) / 1000;
  const byGrain = Math.min(LONGEST_KEPT_SECONDS, Math.max(SHORTEST_KEPT_SECONDS, part.fidelityMinutes * 30));
  const keptSeconds = market.closed ? CLOSED_KEPT_SECONDS : byGrain;
  return ageSeconds < (answer.points.length === 0 ? Math.min(keptSeconds, EMPTY_KEPT_SECONDS) : keptSeconds);
}

/** Returns points in strictly ascending order of time; of several at one time the last given counts. */
export function ascendingPoints(points: readonly PricePoint[]): PricePoint[] {
  const isAscending = points.every((point, index) => index === 0 || (points[index - 1]?.t ?? 0) < point.t);
  if (isAscending) return [...points];
  const byTime = new Map(points.map((point) => [point.t, point]));
  return [...byTime.values()].sort((a, b) => a.t - b.t);
}

/** What of a part's answer belongs to it: a range's extra point at the moment of asking may lie beyond its end. */
export function pointsOfPart(part: HistoryPart, points: readonly PricePoint[]): PricePoint[] {
  const ascending = ascendingPoints(points);
  return part.kind === 'interval' ? ascending : ascending.filter(({ t }) => t >= part.startTs && t < part.endTs);
}

/** Joins the parts of a history in order and keeps what was asked for. */
export function joinParts(parts: readonly (readonly PricePoint[])[], cut: HistoryCut): PricePoint[] {
  const points = ascendingPoints(parts.flat());
  if (cut === null) return points;
  if ('from' in cut) return points.filter(({ t }) => t >= cut.from && t <= cut.to);
  const last = points.at(-1)?.t ?? 0;
  return points.filter(({ t }) => t >= last - cut.lastSeconds);
}
