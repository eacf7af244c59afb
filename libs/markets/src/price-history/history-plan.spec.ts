import { microPrice, PricePoint } from '@app/domain';
import {
  depthStart,
  HistoryPart,
  HistoryRequest,
  isFinalPart,
  isFreshPart,
  joinParts,
  limitRequest,
  partBucket,
  planClosedHistory,
  planOpenHistory,
  pointsOfPart,
} from './history-plan';

const DAY = 86_400;
const NOON = 1_770_000_000 - (1_770_000_000 % DAY);

const at = (t: number, p = 500_000n): PricePoint => ({ t, p: microPrice(p) });
const when = (seconds: number): Date => new Date(seconds * 1000);

describe('planning an open market', () => {
  it('asks an interval as it is', () => {
    expect(planOpenHistory({ span: { interval: '1w' }, fidelityMinutes: 30 })).toEqual({
      parts: [{ kind: 'interval', interval: '1w', fidelityMinutes: 30 }],
      cut: null,
    });
  });

  it('splits a long range into calls of at most 15 days, whatever its ends', () => {
    const span = { startTs: NOON + 5, endTs: NOON + 40 * DAY + 7 };
    const { parts, cut } = planOpenHistory({ span, fidelityMinutes: 60 });
    expect(cut).toEqual({ from: span.startTs, to: span.endTs });
    const ranges = parts.filter((part) => part.kind === 'range');
    expect(ranges).toHaveLength(parts.length);
    expect(ranges[0]?.startTs).toBeLessThanOrEqual(span.startTs);
    expect(ranges.at(-1)?.endTs).toBeGreaterThan(span.endTs);
    ranges.forEach((part, index) => {
      expect(part.endTs - part.startTs).toBe(15 * DAY);
      expect(part.startTs % (15 * DAY)).toBe(0);
      if (index > 0) expect(part.startTs).toBe(ranges[index - 1]?.endTs);
    });
  });

  it('keeps a part of fine grain short', () => {
    const { parts } = planOpenHistory({ span: { startTs: NOON, endTs: NOON + 3_600 }, fidelityMinutes: 1 });
    expect(parts).toEqual([{ kind: 'range', startTs: NOON, endTs: NOON + DAY, fidelityMinutes: 1 }]);
  });
});

describe('planning a closed market', () => {
  it('asks for the whole life at 12 hours, which is all the venue keeps', () => {
    expect(planClosedHistory({ span: { interval: '1d' }, fidelityMinutes: 5 })).toEqual({
      parts: [{ kind: 'interval', interval: 'max', fidelityMinutes: 720 }],
      cut: { lastSeconds: DAY },
    });
    expect(planClosedHistory({ span: { interval: 'max' }, fidelityMinutes: 1_440 })).toEqual({
      parts: [{ kind: 'interval', interval: 'max', fidelityMinutes: 1_440 }],
      cut: null,
    });
  });

  it('ends an interval at the last price', () => {
    const points = [at(NOON), at(NOON + DAY), at(NOON + 2 * DAY)];
    expect(joinParts([points], { lastSeconds: DAY })).toEqual(points.slice(1));
  });
});

describe('joining parts', () => {
  const part: HistoryPart = { kind: 'range', startTs: NOON, endTs: NOON + DAY, fidelityMinutes: 60 };

  it('drops the extra last point a range carries beyond its end', () => {
    expect(pointsOfPart(part, [at(NOON), at(NOON + 3_600), at(NOON + DAY + 77)])).toEqual([at(NOON), at(NOON + 3_600)]);
  });

  it('keeps time strictly ascending, the later word counting', () => {
    const joined = joinParts(
      [
        [at(NOON + 60), at(NOON)],
        [at(NOON + 60, 1n), at(NOON + 120)],
      ],
      null,
    );
    expect(joined).toEqual([at(NOON), at(NOON + 60, 1n), at(NOON + 120)]);
  });

  it('keeps both ends of a range', () => {
    const points = [at(NOON), at(NOON + 60), at(NOON + 120)];
    expect(joinParts([points], { from: NOON, to: NOON + 60 })).toEqual(points.slice(0, 2));
  });

  it('names parts apart by grain and place', () => {
    expect(partBucket(part)).toEqual({ grain: '60m', bucket: String(NOON) });
    expect(partBucket({ kind: 'interval', interval: 'max', fidelityMinutes: 720 })).toEqual({
      grain: '720m',
      bucket: 'max',
    });
  });
});

describe('how long an answer keeps', () => {
  const range: HistoryPart = { kind: 'range', startTs: NOON, endTs: NOON + DAY, fidelityMinutes: 60 };
  const interval: HistoryPart = { kind: 'interval', interval: '1d', fidelityMinutes: 5 };
  const points = [at(NOON)];
  const open = { closed: false };

  it('is for ever once its range has passed', () => {
    const answer = { points, fetchedAt: when(NOON + DAY + 120) };
    expect(isFinalPart(range, answer)).toBe(true);
    expect(isFreshPart(range, answer, open, when(NOON + 400 * DAY))).toBe(true);
    expect(isFinalPart(range, { points, fetchedAt: when(NOON + DAY + 119) })).toBe(false);
  });

  it('is never for ever when it is empty', () => {
    const answer = { points: [], fetchedAt: when(NOON + 2 * DAY) };
    expect(isFinalPart(range, answer)).toBe(false);
    expect(isFreshPart(range, answer, open, when(NOON + 2 * DAY + 59))).toBe(true);
    expect(isFreshPart(range, answer, open, when(NOON + 2 * DAY + 60))).toBe(false);
    expect(isFreshPart(range, answer, { closed: true }, when(NOON + 2 * DAY + 60))).toBe(false);
  });

  it('is half its grain, at least 15 s and at most 10 minutes', () => {
    const fetchedAt = when(NOON);
    const freshFor = (part: HistoryPart, seconds: number): boolean =>
      isFreshPart(part, { points, fetchedAt }, open, when(NOON + seconds));
    expect(freshFor(interval, 149)).toBe(true);
    expect(freshFor(interval, 150)).toBe(false);
    expect(freshFor({ ...interval, fidelityMinutes: 1 }, 29)).toBe(true);
    expect(freshFor({ ...interval, fidelityMinutes: 1_440 }, 599)).toBe(true);
    expect(freshFor({ ...interval, fidelityMinutes: 1_440 }, 600)).toBe(false);
  });
});

describe('a history of limited depth', () => {
  const market = { closed: false, closedTime: null, endDate: when(NOON - 30 * DAY) };

  it('goes back from now while the market is open', () => {
    expect(depthStart(market, 90, when(NOON))).toBe(NOON - 90 * DAY);
  });

  it('goes back from when a closed market closed, or was to end, and never from later than now', () => {
    const closed = { ...market, closed: true };
    expect(depthStart({ ...closed, closedTime: when(NOON - 400 * DAY) }, 90, when(NOON))).toBe(NOON - 490 * DAY);
    expect(depthStart(closed, 90, when(NOON))).toBe(NOON - 120 * DAY);
    expect(depthStart({ ...closed, endDate: when(NOON + DAY) }, 90, when(NOON))).toBe(NOON - 90 * DAY);
    expect(depthStart({ ...closed, endDate: null }, 90, when(NOON))).toBe(NOON - 90 * DAY);
  });

  it('cuts a range, asks for nothing before its start, and leaves intervals to their points', () => {
    const ranged = (startTs: number, endTs: number): HistoryRequest => ({
      span: { startTs, endTs },
      fidelityMinutes: 60,
    });
    expect(limitRequest(ranged(NOON - DAY, NOON + DAY), NOON)).toEqual(ranged(NOON, NOON + DAY));
    expect(limitRequest(ranged(NOON - DAY, NOON), NOON)).toEqual(ranged(NOON, NOON));
    expect(limitRequest(ranged(NOON - DAY, NOON - 1), NOON)).toBeNull();
    const within = ranged(NOON, NOON + DAY);
    expect(limitRequest(within, NOON)).toBe(within);
    const whole: HistoryRequest = { span: { interval: 'max' }, fidelityMinutes: 720 };
    expect(limitRequest(whole, NOON)).toBe(whole);
  });
});
