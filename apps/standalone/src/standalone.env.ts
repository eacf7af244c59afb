import { accountsEnv } from '@app/accounts';
import { engineEnv } from '@app/database-engine';
import { syncEnv } from '@app/markets';
import { mongoEnv } from '@app/persistence';
import { httpEnv, jwtEnv, processEnv, redisEnv } from '@app/platform';
import { streamEnv, venueEnv } from '@app/polymarket';
import { tradingEnv } from '@app/trading';
import { z } from 'zod';
import { recorderEnv } from '../../live-worker/src/recorder/recorder-env';
import { simulatorEnv } from '../../simulator/src/simulator.env';

const { CORS_ORIGINS } = httpEnv.shape;
const { JWT_SECRET_KEY, JWT_ACCESS_TOKEN_EXPIRE_MINUTES, JWT_SESSION_MAX_HOURS } = jwtEnv.shape;
const { SIMULATOR_MARKETS, SIMULATOR_SEED } = simulatorEnv.shape;

/** Pages served on this machine, such as a front end under development. */
const OWN_MACHINE = ['http://localhost:*', 'http://127.0.0.1:*'];

/** Variables of standalone alone. */
export const dataEnv = z.object({
  DATA_DIR: z.string().default('./data').meta({
    description: "Standalone's data: ./data/demo for the simulated venue, ./data/polymarket for the real one.",
  }),
});

/** Every variable standalone reads. What the apps require, such as a database, it can bring itself. */
export const standaloneEnv = z.object({
  ...processEnv.shape,
  ...httpEnv.shape,
  CORS_ORIGINS: CORS_ORIGINS.default(OWN_MACHINE).meta(CORS_ORIGINS.meta() ?? {}),
  ...dataEnv.shape,
  ...mongoEnv.shape,
  MONGO_URI: mongoEnv.shape.MONGO_URI.optional().meta({
    ...mongoEnv.shape.MONGO_URI.meta(),
    description: 'A MongoDB to use instead of an engine of its own.',
  }),
  ...engineEnv.shape,
  ...redisEnv.shape,
  JWT_SECRET_KEY: JWT_SECRET_KEY.optional().meta({
    ...JWT_SECRET_KEY.meta(),
    description: 'Secret that signs access tokens. Unset, one is made at the first start and kept in the data folder.',
    requiredInProduction: true,
  }),
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES,
  JWT_SESSION_MAX_HOURS,
  ...accountsEnv.shape,
  ...venueEnv.shape,
  ...streamEnv.shape,
  ...tradingEnv.shape,
  ...recorderEnv.shape,
  ...syncEnv.shape,
  SIMULATOR_MARKETS,
  SIMULATOR_SEED,
});

export type StandaloneEnv = z.output<typeof standaloneEnv>;
