import { syncEnv } from '@app/markets';
import { mongoEnv } from '@app/persistence';
import { type EnvRule, processEnv, redisEnv, redisRequired } from '@app/platform';
import { venueEnv } from '@app/polymarket';
import { tradingEnv } from '@app/trading';
import { z } from 'zod';

/** Every variable the sync worker reads. */
export const syncWorkerEnv = z.object({
  ...processEnv.shape,
  ...mongoEnv.shape,
  ...redisEnv.shape,
  ...venueEnv.shape,
  ...syncEnv.shape,
  ...tradingEnv.shape,
});

export const syncWorkerEnvRules: readonly EnvRule[] = [redisRequired];

export type SyncWorkerEnv = z.output<typeof syncWorkerEnv>;
