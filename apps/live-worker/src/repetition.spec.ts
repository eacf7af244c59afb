import { waitFor } from '@app/testing';
import { Repetition } from './repetition';

const AN_HOUR = 3_600_000;
let repetition: Repetition;

afterEach(() => repetition.stop());

function repeating(
  everyMs: number,
  work: () => Promise<void>,
  { failures = [], leastMs = 1 }: { failures?: unknown[]; leastMs?: number } = {},
): Repetition {
  repetition = new Repetition({ everyMs, leastMs }, work, (err) => failures.push(err));
  repetition.start();
  return repetition;
}

describe('Repetition', () => {
  it('goes on after failures, and tells of each', async () => {
    let runs = 0;
    const failures: unknown[] = [];
    repeating(1, () => Promise.reject(new Error(`failure ${(runs += 1)}`)), { failures });
    await waitFor(() => runs >= 3);
    expect(failures.slice(0, 2)).toEqual([new Error('failure 1'), new Error('failure 2')]);
  });

  it('is woken from its pause, and by a wake in the middle of the work once more after it', async () => {
    let runs = 0;
    let under = 0;
    let release = (): void => undefined;
    const one = repeating(AN_HOUR, async () => {
      runs += 1;
      under += 1;
      expect(under).toBe(1);
      if (runs === 2) await new Promise<void>((resolve) => (release = resolve));
      under -= 1;
    });
    await waitFor(() => runs === 1);
    await waitFor(() => {
      one.wake();
      return runs === 2;
    });
    one.wake();
    release();
    await waitFor(() => runs === 3);
  });

  it('stops after what it is doing', async () => {
    const said: string[] = [];
    const one = repeating(AN_HOUR, async () => {
      said.push('began');
      await new Promise((resolve) => setImmediate(resolve));
      said.push('ended');
    });
    await one.stop();
    expect(said).toEqual(['began', 'ended']);
  });

  it('stops in the middle of a rest that no wake may shorten', async () => {
    let runs = 0;
    const count = (): Promise<void> => Promise.resolve(void (runs += 1));
    const one = repeating(AN_HOUR, count, { leastMs: AN_HOUR });
    await waitFor(() => runs === 1);
    one.wake();
    await new Promise((resolve) => setImmediate(resolve));
    await one.stop();
    expect(runs).toBe(1);
  });
});
