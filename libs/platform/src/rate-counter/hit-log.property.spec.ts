import fc from 'fast-check';
import { HitLog, HitLogs } from './hit-log';

interface Attempt {
  at: number;
  limit: number;
}

const attempts = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 40 }), limit: fc.integer({ min: 1, max: 6 }) }), { maxLength: 200 })
  .map((steps) => {
    let at = 1_000_000;
    return steps.map(({ gap, limit }): Attempt => ({ at: (at += gap), limit }));
  });
const windows = fc.integer({ min: 1, max: 100 });

describe('HitLog, for any arrivals and limits', () => {
  it('allows a hit exactly when fewer than its limit were allowed in the window before it, and counts those', () => {
    fc.assert(
      fc.property(attempts, windows, (all, windowMs) => {
        const log = new HitLog();
        const counted: number[] = [];
        for (const { at, limit } of all) {
          const before = counted.filter((one) => one > at - windowMs).length;
          const hit = log.hit(at, limit, windowMs);
          expect(hit).toMatchObject({ allowed: before < limit, limit, count: hit.allowed ? before + 1 : before });
          if (hit.allowed) counted.push(at);
        }
      }),
    );
  });

  it('never has more than the limit in any stretch of the window, wherever it begins', () => {
    fc.assert(
      fc.property(attempts, windows, fc.integer({ min: 1, max: 6 }), (all, windowMs, limit) => {
        const log = new HitLog();
        const counted = all.flatMap(({ at }) => (log.hit(at, limit, windowMs).allowed ? [at] : []));
        for (const start of counted) {
          expect(counted.filter((at) => at >= start && at < start + windowMs).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('answers a reset at which a refused caller is let in, and before which it is not', () => {
    fc.assert(
      fc.property(attempts, windows, fc.integer({ min: 1, max: 6 }), (all, windowMs, limit) => {
        const replay = (): HitLog => {
          const log = new HitLog();
          all.forEach((one) => log.hit(one.at, limit, windowMs));
          return log;
        };
        const now = all.at(-1)?.at ?? 0;
        const { allowed, resetMs } = replay().hit(now, limit, windowMs);
        expect(resetMs).toBeGreaterThanOrEqual(1);
        expect(resetMs).toBeLessThanOrEqual(windowMs);
        if (allowed) return;
        expect(replay().hit(now + resetMs - 1, limit, windowMs).allowed).toBe(false);
        expect(replay().hit(now + resetMs, limit, windowMs).allowed).toBe(true);
      }),
    );
  });

  it('keeps nobody waiting longer than a window after a clock set back, and lets nobody in for it', () => {
    fc.assert(
      fc.property(
        windows,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 100_000 }),
        (windowMs, limit, back) => {
          const log = new HitLog();
          const start = 1_000_000;
          for (let hit = 0; hit < limit; hit += 1) log.hit(start, limit, windowMs);
          expect(log.hit(start - back, limit, windowMs)).toMatchObject({ allowed: false, resetMs: windowMs });
          expect(log.hit(start - back + windowMs, limit, windowMs).allowed).toBe(true);
        },
      ),
    );
  });
});

describe('HitLogs', () => {
  it('remembers every key that still counts, and forgets the others', () => {
    const logs = new HitLogs();
    const windowMs = 60_000;
    logs.logOf('guessing', 0).hit(0, 1, windowMs);
    for (let key = 0; key < 5_000; key += 1) logs.logOf(`other ${key}`, 1).hit(1, 1, windowMs);
    expect(logs.size).toBe(5_001);
    expect(logs.logOf('guessing', 2).hit(2, 1, windowMs).allowed).toBe(false);
    for (let key = 0; key < 20_000; key += 1) logs.logOf(`later ${key}`, windowMs + 1).hit(windowMs + 1, 1, windowMs);
    expect(logs.size).toBeLessThan(21_000);
    expect(logs.logOf('guessing', windowMs + 1).hit(windowMs + 1, 1, windowMs).allowed).toBe(true);
  });
});
