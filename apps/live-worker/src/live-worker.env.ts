import { mongoEnv } from '@app/persistence';
import { type EnvRule, processEnv, redisEnv, redisRequired } from '@app/platform';
import { streamEnv, venueEnv } from '@app/polymarket';
import { tradingEnv } from '@app/trading';
import { z } from 'zod';
import { metricsServerEnv } from './metrics-server.env';
import { recorderEnv } from './recorder/recorder-env';

/** Every variable the live-worker reads. */
export const liveWorkerEnv = z.object({
  ...processEnv.shape,
  ...mongoEnv.shape,
  ...redisEnv.shape,
  ...venueEnv.shape,
  ...streamEnv.shape,
  ...tradingEnv.shape,
  ...recorderEnv.shape,
  ...metricsServerEnv.shape,
});

export const liveWorkerEnvRules: readonly EnvRule[] = [redisRequired];

export type LiveWorkerEnv = z.output<typeof liveWorkerEnv>;
