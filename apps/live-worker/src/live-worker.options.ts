import type { LiveWorkerEnv } from './live-worker.env';

export const LIVE_WORKER_OPTIONS = Symbol('LIVE_WORKER_OPTIONS');

/** How often things are looked at; all in milliseconds. */
export interface LiveTiming {
  /** Between two renewals of lease and locks. */
  roundMs: number;
  /** How long lease and locks last without being renewed: so long nobody follows the markets of an instance that was killed. */
  leaseMs: number;
  /** Between two looks at the clock: doubts, waits of resting orders, comparisons. */
  clockMs: number;
  /** Between two looks at what clients want. */
  interestMs: number;
  /** Between two looks at open orders and positions. */
  durableMs: number;
  /** How long a market is followed after nobody wants it any more. */
  lingerMs: number;
  /** Between two looks at whether followed markets still take orders. */
  marketsMs: number;
  /** How long a market may be silent before its book is compared early. */
  silenceMs: number;
  heartbeatMs: number;
}

export const DEFAULT_LIVE_TIMING: LiveTiming = {
  roundMs: 1_000,
  leaseMs: 4_000,
  clockMs: 250,
  interestMs: 2_000,
  durableMs: 5_000,
  lingerMs: 15_000,
  marketsMs: 15_000,
  silenceMs: 10_000,
  heartbeatMs: 10_000,
};

export interface LiveWorkerOptions {
  /** Address of the venue's market channel. */
  streamUrl: string;
  /** Where the stream is recorded; null for not at all. */
  recordingFolder: string | null;
  timing: LiveTiming;
}

/** The worker's options from parsed variables. */
export function liveWorkerOptions(env: Pick<LiveWorkerEnv, 'CLOB_WS_URL' | 'LIVE_RECORD_DIR'>): LiveWorkerOptions {
  return { streamUrl: env.CLOB_WS_URL, recordingFolder: env.LIVE_RECORD_DIR ?? null, timing: DEFAULT_LIVE_TIMING };
}
