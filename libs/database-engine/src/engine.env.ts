import { z } from 'zod';

/** Which database engine a process that brings its own may use. */
export const engineEnv = z.object({
  STORE_ENGINE: z
    .enum(['auto', 'embedded', 'mongod'], { error: 'must be auto, embedded or mongod' })
    .default('auto')
    .meta({
      description:
        'Which engine keeps the data when MONGO_URI is unset: embedded, mongod, or auto: a mongod on PATH or in the cache of ' +
        'mongodb-memory-server, else embedded. A data folder stays with the engine that filled it.',
    }),
  STORE_DOWNLOAD: z
    .stringbool({ error: 'must be true or false' })
    .default(false)
    .meta({ description: 'Whether a mongod may be downloaded (about 100 MB) when this machine has none.' }),
});

export type EngineWish = z.output<typeof engineEnv>['STORE_ENGINE'];
