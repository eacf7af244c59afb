import { mongoEnv } from '@app/persistence';
import { type EnvRule, httpEnv, jwtEnv, processEnv, redisEnv, redisRequired } from '@app/platform';
import { venueEnv } from '@app/polymarket';
import { z } from 'zod';

/** Every variable the api reads. */
export const apiEnv = z.object({
  ...processEnv.shape,
  ...httpEnv.shape,
  ...mongoEnv.shape,
  ...redisEnv.shape,
  ...jwtEnv.shape,
  ...venueEnv.shape,
});

export const apiEnvRules: readonly EnvRule[] = [redisRequired];

export type ApiEnv = z.output<typeof apiEnv>;
