import { z } from 'zod';

/** Where a live-worker of its own shows how it is. */
export const metricsServerEnv = z.object({
  LIVE_METRICS_PORT: z.coerce
    .number({ error: 'must be a port number from 0 to 65535' })
    .int('must be a port number from 0 to 65535')
    .min(0, 'must be at least 0')
    .max(65_535, 'must be at most 65535')
    .optional()
    .meta({
      description:
        'TCP port on which a live-worker of its own answers /metrics and /health; 0 takes any free one. Unset: it listens nowhere.',
      example: '9464',
    }),
  LIVE_METRICS_HOST: z.string().default('127.0.0.1').meta({
    description: 'Address it listens on for them: 127.0.0.1 for this machine only, 0.0.0.0 in containers.',
  }),
});
