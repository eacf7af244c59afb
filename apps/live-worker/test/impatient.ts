import { DEFAULT_EXCHANGE_SETTINGS } from '@app/exchange';
import { DEFAULT_LIVE_TIMING, type LiveTiming } from '../src/live-worker.options';

/** Things happen soon in tests. */
export const IMPATIENT_TIMING: LiveTiming = {
  ...DEFAULT_LIVE_TIMING,
  roundMs: 200,
  clockMs: 50,
  interestMs: 200,
  durableMs: 500,
  lingerMs: 500,
  marketsMs: 500,
  silenceMs: 700,
};

/** Doubts are soon found out in tests. */
export const IMPATIENT_EXCHANGE = {
  ...DEFAULT_EXCHANGE_SETTINGS,
  pingIntervalMs: 1_000,
  mismatchLastsMs: 500,
  crossedWaitMs: 300,
};
