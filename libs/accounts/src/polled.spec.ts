import { waitFor } from '@app/testing';
import { Polled } from './polled';

describe('Polled', () => {
  it('reads again and again, keeps the last value through failures, and tells of the first of a row', async () => {
    let next: number | Error = 1;
    const failures: unknown[] = [];
    const polled = new Polled(
      () => (next instanceof Error ? Promise.reject(next) : Promise.resolve(next)),
      1,
      (err) => failures.push(err),
    );
    await polled.start();
    expect(polled.value).toBe(1);
    next = 2;
    await waitFor(() => polled.value === 2);
    next = new Error('away');
    await waitFor(() => failures.length === 1);
    expect(polled.value).toBe(2);
    next = 3;
    await waitFor(() => polled.value === 3);
    expect(failures).toHaveLength(1);
    await polled.stop();
  });

  it('answers a refresh with what was written before it, however slow a read under way is', async () => {
    let written = 'old';
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    let reads = 0;
    const polled = new Polled(
      async () => {
        const seen = written;
        reads += 1;
        if (reads === 2) await slow;
        return seen;
      },
      60_000,
      () => undefined,
    );
    await polled.start();
    const underway = polled.refresh();
    await waitFor(() => reads === 2);
    written = 'new';
    const refreshed = polled.refresh();
    letGo();
    expect([await underway, await refreshed]).toEqual(['old', 'new']);
    expect(polled.value).toBe('new');
    await polled.stop();
  });

  it('fails to start when the first read fails', async () => {
    const polled = new Polled(
      () => Promise.reject(new Error('away')),
      1,
      () => undefined,
    );
    await expect(polled.start()).rejects.toThrow('away');
    expect(() => polled.value).toThrow();
  });
});
