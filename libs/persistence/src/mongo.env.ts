import { z } from 'zod';

/** Where the databases are; standalone makes it optional because it can bring its own store. */
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
});
