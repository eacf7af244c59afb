import type { RateCounter, RateHit } from '../src';

/** A counter under test and the way its time passes: a set clock, or really waiting. */
export interface RateCounterHarness {
  counter: RateCounter;
  /** Lets at least this many milliseconds pass. */
  pass(ms: number): Promise<void>;
}

/**
 * What every `RateCounter` promises.
 * @param windowMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheRateCounterContract(
  windowMs: number,
  create: () => Promise<RateCounterHarness> | RateCounterHarness,
): void {
  let harness: RateCounterHarness;
  let key = 0;

  beforeEach(async () => {
    harness = await create();
    key += 1;
  });

  const hit = (limit: number, name = 'a'): Promise<RateHit> =>
    harness.counter.hit(`contract:${key}:${name}`, limit, windowMs);

  it('allows exactly `limit` hits at once, whichever they are, and counts them', async () => {
    const hits = await Promise.all(Array.from({ length: 7 }, () => hit(5)));
    const allowed = hits.filter((one) => one.allowed);
    expect(allowed.map(({ count }) => count).sort()).toEqual([1, 2, 3, 4, 5]);
    const refused = hits.filter((one) => !one.allowed);
    expect(refused).toHaveLength(2);
    for (const one of refused) expect(one.count).toBe(5);
    for (const one of hits) {
      expect(one.limit).toBe(5);
      expect(one.resetMs).toBeGreaterThan(0);
      expect(one.resetMs).toBeLessThanOrEqual(windowMs);
    }
  });

  it('does not count what it refuses', async () => {
    await hit(1);
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await hit(1)).toMatchObject({ allowed: false, count: 1 });
    await harness.pass(windowMs);
    expect(await hit(1)).toMatchObject({ allowed: true, count: 1 });
  });

  it('has room again at the reset it answered, for as many as have left', async () => {
    await hit(2);
    await harness.pass(windowMs / 4);
    await hit(2);
    const { allowed, resetMs } = await hit(2);
    expect(allowed).toBe(false);
    expect(resetMs).toBeLessThanOrEqual(windowMs * 0.75);
    await harness.pass(resetMs);
    expect(await hit(2)).toMatchObject({ allowed: true, count: 2 });
    expect(await hit(2)).toMatchObject({ allowed: false, count: 2 });
  });

  it('does not let twice the limit through around the end of a window', async () => {
    await hit(3);
    await harness.pass(windowMs / 2);
    await hit(3);
    await hit(3);
    await harness.pass(windowMs / 2);
    expect(await hit(3)).toMatchObject({ allowed: true });
    expect(await hit(3)).toMatchObject({ allowed: false });
  });

  it('keeps keys apart', async () => {
    expect((await hit(1, 'a')).allowed).toBe(true);
    expect((await hit(1, 'b')).allowed).toBe(true);
    expect((await hit(1, 'a')).allowed).toBe(false);
  });

  it('judges by a changed limit at once, and says when a lowered one has room', async () => {
    for (let count = 1; count <= 3; count += 1) expect(await hit(3)).toMatchObject({ allowed: true, count });
    expect(await hit(3)).toMatchObject({ allowed: false });
    expect(await hit(4)).toMatchObject({ allowed: true, count: 4, limit: 4 });
    const lowered = await hit(2);
    expect(lowered).toMatchObject({ allowed: false, count: 4, limit: 2 });
    await harness.pass(lowered.resetMs);
    expect((await hit(2)).allowed).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %p', async (limit) => {
    await expect(hit(limit)).rejects.toThrow(RangeError);
  });
}
