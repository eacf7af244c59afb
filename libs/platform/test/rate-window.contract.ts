import type { RateWindow } from '../src';

/** A window under test and the way its time passes: a set clock, or really waiting. */
export interface RateWindowHarness {
  window: RateWindow;
  /** Lets at least this many milliseconds pass. */
  pass(ms: number): Promise<void>;
}

/**
 * What every `RateWindow` promises.
 * @param windowMs where time really passes, long enough that what passes between two calls does not matter
 */
export function itKeepsTheRateWindowContract(
  windowMs: number,
  create: () => Promise<RateWindowHarness> | RateWindowHarness,
): void {
  let harness: RateWindowHarness;
  let key = 0;

  beforeEach(async () => {
    harness = await create();
    key += 1;
  });

  const take = (limit: number, name = 'a'): Promise<number> =>
    harness.window.take(`contract:${key}:${name}`, limit, windowMs);

  it('lets exactly `limit` takes through at once, then says how long to wait', async () => {
    const waits = await Promise.all(Array.from({ length: 7 }, () => take(5)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    for (const wait of waits.filter((one) => one > 0)) expect(wait).toBeLessThanOrEqual(windowMs);
  });

  it('takes nothing when it answers a wait', async () => {
    expect(await take(1)).toBe(0);
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await take(1)).toBeGreaterThan(0);
    await harness.pass(windowMs);
    expect(await take(1)).toBe(0);
  });

  it('lets the next one through after exactly the wait it answered', async () => {
    await take(2);
    await harness.pass(windowMs / 4);
    await take(2);
    const wait = await take(2);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(windowMs * 0.75);
    await harness.pass(wait);
    expect(await take(2)).toBe(0);
    expect(await take(2)).toBeGreaterThan(0);
  });

  it('keeps keys apart', async () => {
    expect(await take(1, 'a')).toBe(0);
    expect(await take(1, 'b')).toBe(0);
    expect(await take(1, 'a')).toBeGreaterThan(0);
  });

  it('judges callers with other limits against the same places', async () => {
    for (let place = 0; place < 3; place += 1) expect(await take(5)).toBe(0);
    expect(await take(2)).toBeGreaterThan(0);
    expect(await take(5)).toBe(0);
    expect(await take(5)).toBe(0);
    expect(await take(5)).toBeGreaterThan(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %p', async (limit) => {
    await expect(take(limit)).rejects.toThrow(RangeError);
  });
}
