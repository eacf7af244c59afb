import { z } from 'zod';
import type { PersistenceOptions } from './persistence.module';

/** Where the databases are; standalone makes the address optional because it can bring its own store. */
export const mongoEnv = z.object({
  MONGO_URI: z
    .string()
    .regex(
      /^mongodb(\+srv)?:\/\/\S+$/,
      'must be a MongoDB connection string such as mongodb://127.0.0.1:27017/?replicaSet=rs0',
    )
    .meta({
      description: 'MongoDB connection string; one client serves all four databases.',
      secret: true,
      example: 'mongodb://mongodb:27017/?replicaSet=rs0',
    }),
  MONGO_DATABASE_PREFIX: z
    .string()
    // A name has at most 63 bytes (MongoDB manual, "Naming Restrictions"), and so few letters leave room for any of the four.
    .regex(/^[A-Za-z0-9_-]{0,32}$/, 'must be at most 32 letters, digits, _ or -, such as staging_')
    .default('')
    .meta({
      description:
        'Put before the names of the four databases, so that several installations share one server (each needs a Redis of its own). ' +
        'All processes of one installation must agree on it, and its data stay under it.',
      example: 'staging_',
    }),
});

/** Returns how the databases of an installation are opened. */
export function mongoOptions(env: z.output<typeof mongoEnv>): PersistenceOptions {
  return { uri: env.MONGO_URI, databasePrefix: env.MONGO_DATABASE_PREFIX };
}
