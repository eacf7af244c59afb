import { accountsEnv } from '@app/accounts';
import { mongoEnv } from '@app/persistence';
import { type EnvRule, httpEnv, jwtEnv, processEnv, redisEnv, redisRequired } from '@app/platform';
import { venueEnv } from '@app/polymarket';
import { tradingEnv } from '@app/trading';
import { z } from 'zod';

/** Every variable the api reads. */
export const apiEnv = z.object({
  ...processEnv.shape,
  ...httpEnv.shape,
  ...mongoEnv.shape,
  MONGO_URI: mongoEnv.shape.MONGO_URI.meta({
    ...mongoEnv.shape.MONGO_URI.meta(),
    description:
      'Set it to a MongoDB connection string, or run `npm run demo` (`npm start`), which brings a database of its own.',
  }),
  ...redisEnv.shape,
  ...jwtEnv.shape,
  ...accountsEnv.shape,
  ...venueEnv.shape,
  ...tradingEnv.shape,
});

export const apiEnvRules: readonly EnvRule[] = [redisRequired];

export type ApiEnv = z.output<typeof apiEnv>;
