import { z } from 'zod';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { booleanParameter, choiceParameter, integerParameter, querySchema } from '../parameters';
import { countField, textField, timestampField, wireTimeOrNull } from '../scalars';

export const REFRESH_MODES = ['full', 'incremental'] as const;
export type RefreshMode = (typeof REFRESH_MODES)[number];
export const REFRESH_STATES = ['queued', 'running', 'completed', 'failed'] as const;
export type RefreshState = (typeof REFRESH_STATES)[number];

/** Query of `POST /markets/admin/refresh`. */
export const marketRefreshQuerySchema = querySchema({
  mode: choiceParameter(REFRESH_MODES, {
    description: '`incremental` reads the open markets, `full` every market there is.',
    example: 'incremental',
  }).default('incremental'),
  active_only: booleanParameter({
    description: 'Leave closed markets out of a full refresh; an incremental one never reads them.',
    example: false,
  }).default(false),
  limit: integerParameter(
    { min: 1, max: 10_000_000 },
    { description: 'Stop after this many markets; all of them when left out.', example: 1000 },
  ).optional(),
});

export type MarketRefreshQuery = z.output<typeof marketRefreshQuerySchema>;

/** Query of `GET /markets/admin/refresh`. */
export const marketRefreshListQuerySchema = querySchema(pageParameters);

export type MarketRefreshListQuery = z.output<typeof marketRefreshListQuerySchema>;

/** The `{job_id}` of a path. */
export const jobIdPathSchema = z.uuid({ error: 'must be a job id as POST /markets/admin/refresh answered it' }).meta({
  description: 'What POST /markets/admin/refresh answered.',
  example: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
  pattern: undefined,
});

/** Schema of the answer to a refresh that was accepted. */
export const marketRefreshAcceptedSchema = z
  .strictObject({
    job_id: textField('Id of the job.', '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10'),
    status_url: textField('Where its state is told.', '/markets/admin/refresh/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10'),
  })
  .meta({
    id: 'MarketRefreshAccepted',
    description: 'A refresh that will run.',
    example: {
      job_id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
      status_url: '/markets/admin/refresh/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
    },
  });

export type MarketRefreshAcceptedBody = z.infer<typeof marketRefreshAcceptedSchema>;

const JOB_EXAMPLE = {
  job_id: '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10',
  mode: 'incremental',
  active_only: false,
  limit: null,
  state: 'running',
  requested_by: 'admin',
  requested_at: '2026-02-07T09:30:00.000Z',
  started_at: '2026-02-07T09:30:01.000Z',
  finished_at: null,
  progress: { fetched: 4200, written: 310, unchanged: 3890, failed: 0, percent: 42 },
  last_error: null,
} as const;

/** Schema of a refresh's state. */
export const marketRefreshJobSchema = z
  .strictObject({
    job_id: textField('Id of the job.', '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10'),
    mode: z.enum(REFRESH_MODES).meta({ description: 'What it reads.', example: 'incremental' }),
    active_only: z.boolean().meta({ description: 'Whether closed markets are left out.', example: false }),
    limit: countField('Stops after this many markets.', 1000).nullable(),
    state: z.enum(REFRESH_STATES).meta({
      description: 'Queued until a sync worker takes it.',
      example: 'running',
    }),
    requested_by: textField('Who asked for it.', 'admin'),
    requested_at: timestampField('When it was asked for.'),
    started_at: timestampField('When a worker took it.').nullable(),
    finished_at: timestampField('When it ended.').nullable(),
    progress: z
      .strictObject({
        fetched: countField('Markets read from Polymarket.', 4200),
        written: countField('Markets written because they had changed.', 310),
        unchanged: countField('Markets found as they were stored.', 3890),
        failed: countField('Markets that could not be understood or stored.', 0),
        percent: z.number().meta({ description: 'Estimate, 0 to 100.', example: 42 }),
      })
      .meta({ description: 'How far it is.' }),
    last_error: textField('What went wrong last.', 'Polymarket did not answer within 10 s').nullable(),
  })
  .meta({
    id: 'MarketRefreshJob',
    description: 'State and progress of a refresh.',
    example: JOB_EXAMPLE,
  });

export type MarketRefreshJobBody = z.infer<typeof marketRefreshJobSchema>;

export interface MarketRefreshJobSource {
  id: string;
  mode: RefreshMode;
  activeOnly: boolean;
  limit: number | null;
  state: RefreshState;
  requestedBy: string;
  requestedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  progress: {
    fetched: number;
    written: number;
    unchanged: number;
    failed: number;
    percent: number;
  };
  lastError: string | null;
}

/** Where the state of a refresh is told. */
export const marketRefreshPath = (jobId: string): string => `/markets/admin/refresh/${jobId}`;

export function toMarketRefreshJob(job: MarketRefreshJobSource): MarketRefreshJobBody {
  return {
    job_id: job.id,
    mode: job.mode,
    active_only: job.activeOnly,
    limit: job.limit,
    state: job.state,
    requested_by: job.requestedBy,
    requested_at: job.requestedAt.toISOString(),
    started_at: wireTimeOrNull(job.startedAt),
    finished_at: wireTimeOrNull(job.finishedAt),
    progress: {
      fetched: job.progress.fetched,
      written: job.progress.written,
      unchanged: job.progress.unchanged,
      failed: job.progress.failed,
      percent: job.progress.percent,
    },
    last_error: job.lastError,
  };
}

/** Schema of one page of refreshes. */
export const marketRefreshListSchema = z
  .strictObject({ jobs: z.array(marketRefreshJobSchema).meta({ description: 'The page.' }), ...pageFields })
  .meta({
    id: 'MarketRefreshList',
    description: 'One page of refreshes, the latest asked for first.',
    example: {
      jobs: [JOB_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    },
  });

export interface MarketRefreshListBody extends PageBody {
  jobs: MarketRefreshJobBody[];
}

export function toMarketRefreshList(
  jobs: readonly MarketRefreshJobSource[],
  total: number,
  page: number,
  pageSize: number,
): MarketRefreshListBody {
  return { jobs: jobs.map(toMarketRefreshJob), ...toPageBody(total, page, pageSize) };
}
