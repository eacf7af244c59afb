import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/**
 * Waits until a condition holds and returns what it gave; a condition that throws counts as not holding yet.
 * @throws Error naming the last failure when the deadline (ms, 30 s unless told: a busy machine may take its time) passes first.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  { deadlineMs = 30_000, what = 'the condition' }: { deadlineMs?: number; what?: string } = {},
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + deadlineMs;
  let failure: unknown;
  do {
    try {
      const value = await condition();
      if (value !== false && value != null) return value;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await delay(POLL_MS);
  } while (performance.now() < deadline);
  throw new Error(`${what} did not hold within ${deadlineMs} ms`, { cause: failure });
}
