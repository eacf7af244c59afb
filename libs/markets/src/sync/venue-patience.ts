import { VenueError } from '@app/polymarket';
import { setTimeout as wait } from 'node:timers/promises';

/** The venue stayed away for longer than a run waits: the run stops and is taken up again later. */
export class VenueOutageError extends Error {
  constructor(cause: VenueError) {
    super(cause.message, { cause });
    this.name = 'VenueOutageError';
  }
}

/** The venue gave an answer that asking again does not cure. */
export class VenueListError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VenueListError';
  }
}

/** How patiently a run meets the venue's troubles, on top of the venue client's own retries of single calls. */
export interface Patience {
  /** Asks of one page before the run is interrupted. */
  attempts: number;
  /** Asks of one page whose answers are not understood before its partition is given up. */
  badAnswers: number;
  firstWaitMs: number;
  longestWaitMs: number;
}

export const PATIENCE: Patience = { attempts: 6, badAnswers: 3, firstWaitMs: 1_000, longestWaitMs: 60_000 };

/**
 * Asks the venue until it answers.
 * @param onTrouble is told each error that is waited out
 * @throws VenueOutageError when it stays away, VenueListError when its answer is no use; the signal's reason when aborted
 */
export async function askPatiently<T>(
  ask: () => Promise<T>,
  context: { patience: Patience; signal: AbortSignal; onTrouble: (error: VenueError) => Promise<void> },
): Promise<T> {
  const { patience, signal } = context;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof VenueError)) throw error;
      const cured =
        error.kind === 'refused' ? 0 : error.kind === 'bad_answer' ? patience.badAnswers : patience.attempts;
      if (attempt >= cured) {
        if (error.kind === 'refused' || error.kind === 'bad_answer') {
          throw new VenueListError(error.message, { cause: error });
        }
        throw new VenueOutageError(error);
      }
      await context.onTrouble(error);
      await pause(waitBefore(attempt, error, patience), signal);
    }
  }
}

function waitBefore(attempt: number, error: VenueError, patience: Patience): number {
  const asked = 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
  return Math.min(patience.longestWaitMs, Math.max(asked, patience.firstWaitMs * 2 ** (attempt - 1)));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
