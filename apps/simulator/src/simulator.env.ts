import { z } from 'zod';

/** Settings of the simulator process. */
export const simulatorEnv = z.object({
  SIMULATOR_HOST: z.string().min(1).default('127.0.0.1').meta({ description: 'Address the simulator listens on.' }),
  SIMULATOR_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta({ description: 'Port the simulator listens on; 0 takes any free one and prints it.' }),
  SIMULATOR_MARKETS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .meta({ description: 'How many markets the simulated world has.' }),
  SIMULATOR_SEED: z.coerce
    .number()
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(1)
    .meta({ description: 'Seed of the simulated world: same seed, size and epoch give the same world.' }),
  SIMULATOR_EPOCH: z.iso.datetime().optional().meta({
    description: 'Moment the world is generated around; left out, the first day of the current month at noon UTC.',
  }),
  SIMULATOR_CLOCK: z.enum(['running', 'frozen']).default('running').meta({
    description:
      'Whether simulated time passes with real time, or stands at the epoch until moved by the control port.',
  }),
  SIMULATOR_LATENCY_MS: z.coerce
    .number()
    .min(0)
    .max(60_000)
    .default(0)
    .meta({ description: 'Milliseconds added to every answer.' }),
  SIMULATOR_RATE_LIMIT: z
    .stringbool()
    .default(true)
    .meta({ description: 'Whether the venue’s rate limits apply (on, off).' }),
  SIMULATOR_FLOW_PER_SECOND: z.coerce.number().min(0).max(100_000).default(3).meta({
    description:
      'Changes a second in each order book somebody is subscribed to; about one in thirty is a trade. 0 leaves them to the control port.',
  }),
  SIMULATOR_RECORDINGS_DIR: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Folder of recorded payloads to serve instead of a generated world.' }),
  SIMULATOR_RECORDINGS: z.string().min(1).optional().meta({
    description: 'Gamma files of that folder to serve, comma-separated, * allowed; all of them when left out.',
  }),
});
export type SimulatorEnv = z.infer<typeof simulatorEnv>;
