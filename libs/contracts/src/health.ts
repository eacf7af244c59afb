import { z } from 'zod';
import { flagField, textField, timestampField } from './scalars';

const componentStatus = z.enum(['up', 'degraded', 'down']).meta({ description: 'How it is.', example: 'up' });

const checkedComponentSchema = z
  .strictObject({
    status: componentStatus,
    latency_ms: z.number().nullable().meta({ description: 'How long it took to answer.', example: 0.8 }),
    detail: z.string().nullable().meta({ description: 'What is wrong, or which kind it is.', example: null }),
  })
  .meta({ id: 'ComponentHealth', description: 'One thing the process depends on.' });

const workerHealthSchema = z
  .strictObject({
    process: textField('Which process.', 'sync-worker'),
    last_heartbeat: timestampField('When it last said it was alive.'),
    age_s: z.number().meta({ description: 'Seconds since then.', example: 2.4 }),
    alive: flagField('Whether that is recent enough.', true),
    detail: z.record(z.string(), z.unknown()).meta({
      description:
        'What it said of itself then. A live-worker: its books by state, and of those that are not live, some with the reason.',
      example: { books: { live: 12, recovering: 1, stale: 0, halted: 0 } },
    }),
  })
  .meta({ id: 'WorkerHealth', description: 'A background process.' });

const upstreamHealthSchema = z
  .strictObject({
    status: z.enum(['up', 'down', 'unknown']).meta({ description: 'As of the last call.', example: 'up' }),
    last_success_at: timestampField('When it last answered.').nullable(),
    last_failure_at: timestampField('When it last failed.').nullable(),
    last_error: z.string().nullable().meta({ description: 'How it last failed.', example: null }),
  })
  .meta({ id: 'UpstreamHealth', description: "One family of Polymarket's APIs." });

/** Schema of the answer of `GET /health`. */
export const healthSchema = z
  .strictObject({
    status: z.enum(['healthy', 'degraded', 'unhealthy']).meta({
      description:
        '`unhealthy` when a database cannot be reached, `degraded` when anything else is amiss: stored markets are still served.',
      example: 'healthy',
    }),
    version: textField('Version of the server.', '0.1.0'),
    uptime_s: z.number().meta({ description: 'Seconds since the process started.', example: 3812.4 }),
    checked_at: timestampField('When this was found out.'),
    databases: z.record(z.string(), checkedComponentSchema).meta({ description: 'By name.' }),
    redis: checkedComponentSchema.meta({ description: 'Its `detail` says so where none is configured.' }),
    components: z
      .record(z.string(), checkedComponentSchema)
      .meta({ description: 'Anything else the process stands on, by name.' }),
    workers: z.array(workerHealthSchema).meta({ description: 'Background processes heard of.' }),
    upstream: z
      .strictObject({
        venue: z.enum(['polymarket', 'simulated']).nullable().meta({
          description: 'Where market data comes from; null until it first answered.',
          example: 'polymarket',
        }),
        gamma: upstreamHealthSchema,
        clob: upstreamHealthSchema,
        data: upstreamHealthSchema,
      })
      .meta({ description: 'Whether Polymarket can be reached.' }),
  })
  .meta({
    id: 'Health',
    description: 'How the server and what it depends on are.',
    example: {
      status: 'healthy',
      version: '0.1.0',
      uptime_s: 3812.4,
      checked_at: '2026-02-07T09:30:00.000Z',
      databases: { markets_db: { status: 'up', latency_ms: 0.8, detail: null } },
      redis: { status: 'up', latency_ms: 0, detail: 'not configured; kept inside this process' },
      components: {},
      workers: [
        {
          process: 'sync-worker',
          last_heartbeat: '2026-02-07T09:29:58.000Z',
          age_s: 2,
          alive: true,
          detail: { doing: 'full sync' },
        },
      ],
      upstream: {
        venue: 'polymarket',
        gamma: { status: 'up', last_success_at: '2026-02-07T09:29:59.000Z', last_failure_at: null, last_error: null },
        clob: { status: 'unknown', last_success_at: null, last_failure_at: null, last_error: null },
        data: { status: 'unknown', last_success_at: null, last_failure_at: null, last_error: null },
      },
    },
  });

export type HealthBody = z.infer<typeof healthSchema>;
export type ComponentHealthBody = z.infer<typeof checkedComponentSchema>;
export type UpstreamHealthBody = z.infer<typeof upstreamHealthSchema>;

/** Schema of the answer of `GET /health/ready` while traffic may come. */
export const readinessSchema = z
  .strictObject({ status: z.literal('ready').meta({ description: 'Traffic may come here.', example: 'ready' }) })
  .meta({ id: 'Readiness', description: 'Traffic may come here.', example: { status: 'ready' } });

/** Schema of the answer of `GET /health/live`. */
export const livenessSchema = z
  .strictObject({ status: z.literal('alive').meta({ description: 'The process answers.', example: 'alive' }) })
  .meta({ id: 'Liveness', description: 'The process answers.', example: { status: 'alive' } });
