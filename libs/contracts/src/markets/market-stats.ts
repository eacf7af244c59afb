import { z } from 'zod';
import { countField, textField, timestampField, wireTimeOrNull } from '../scalars';

const statsNumber = (description: string, example: number): z.ZodNullable<z.ZodNumber> =>
  z.number().nullable().meta({ description, example });

const syncPassSchema = z
  .strictObject({
    state: z.enum(['idle', 'running', 'interrupted', 'completed', 'failed']).meta({
      description: '`idle` until it first runs; `interrupted` when it was stopped half-way and will go on from there.',
      example: 'completed',
    }),
    mode: z.enum(['full', 'incremental']).meta({ description: 'Every market, or the open ones.', example: 'full' }),
    fetched: countField('Markets read from Polymarket.', 100000),
    written: countField('Markets written because they had changed.', 5210),
    unchanged: countField('Markets found as they were stored.', 94790),
    failed: countField('Markets that could not be understood or stored.', 0),
    rate_per_s: statsNumber('Markets a second.', 2800),
    percent: statsNumber('Estimate, 0 to 100.', 100),
    eta_s: statsNumber('Estimated seconds to go.', 0),
    started_at: timestampField('When the pass began.').nullable(),
    finished_at: timestampField('When it ended.').nullable(),
    last_error: textField('What went wrong last.', 'Polymarket did not answer within 10 s').nullable(),
  })
  .meta({
    id: 'SyncPass',
    description: 'The latest pass of one kind over the markets of Polymarket.',
    example: {
      state: 'completed',
      mode: 'full',
      fetched: 100000,
      written: 5210,
      unchanged: 94790,
      failed: 0,
      rate_per_s: 2800,
      percent: 100,
      eta_s: 0,
      started_at: '2026-02-07T09:30:00.000Z',
      finished_at: '2026-02-07T09:30:36.000Z',
      last_error: null,
    },
  });

/** Schema of the answer of `GET /markets/stats`. */
export const marketStatsSchema = z
  .strictObject({
    total_markets: countField('Markets stored.', 100000),
    active_markets: countField('Of these, active and not closed.', 31000),
    closed_markets: countField('Of these, closed.', 68500),
    oldest_sync: timestampField(
      'No stored market was compared with Polymarket longer ago than this; null before the first full pass ends.',
    ).nullable(),
    newest_sync: timestampField('When a market was last compared with Polymarket by a pass.').nullable(),
    sync: z.strictObject({ full: syncPassSchema, incremental: syncPassSchema }),
  })
  .meta({ id: 'MarketStats', description: 'What is stored, and how fresh it is.' });

export type MarketStatsBody = z.infer<typeof marketStatsSchema>;
export type SyncPassBody = z.infer<typeof syncPassSchema>;

export interface SyncPassSource {
  state: SyncPassBody['state'];
  mode: SyncPassBody['mode'];
  fetched: number;
  written: number;
  unchanged: number;
  failed: number;
  ratePerSecond: number | null;
  percent: number | null;
  etaSeconds: number | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  lastError: string | null;
}

export interface MarketStatsSource {
  total: number;
  active: number;
  closed: number;
  oldestSync: Date | null;
  newestSync: Date | null;
  full: SyncPassSource;
  incremental: SyncPassSource;
}

export function toMarketStats(stats: MarketStatsSource): MarketStatsBody {
  return {
    total_markets: stats.total,
    active_markets: stats.active,
    closed_markets: stats.closed,
    oldest_sync: wireTimeOrNull(stats.oldestSync),
    newest_sync: wireTimeOrNull(stats.newestSync),
    sync: { full: toSyncPass(stats.full), incremental: toSyncPass(stats.incremental) },
  };
}

function toSyncPass(pass: SyncPassSource): SyncPassBody {
  return {
    state: pass.state,
    mode: pass.mode,
    fetched: pass.fetched,
    written: pass.written,
    unchanged: pass.unchanged,
    failed: pass.failed,
    rate_per_s: pass.ratePerSecond,
    percent: pass.percent,
    eta_s: pass.etaSeconds,
    started_at: wireTimeOrNull(pass.startedAt),
    finished_at: wireTimeOrNull(pass.finishedAt),
    last_error: pass.lastError,
  };
}
