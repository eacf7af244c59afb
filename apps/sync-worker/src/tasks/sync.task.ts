import { observedState, SyncEngine, SyncRequest, SyncResult } from '@app/markets';
import { SyncKind, SyncState, SyncStateRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SYNC_WORKER_OPTIONS, type SyncWorkerOptions } from '../sync-worker.options';

const PERCENT_BETWEEN_LOGS = 10;

/** One full or incremental sync with its log lines. Running it twice is harmless: a second one finds nothing to do or goes on. */
@Injectable()
export class SyncTask {
  private readonly logger = new Logger('Sync');

  constructor(
    private readonly engine: SyncEngine,
    private readonly states: SyncStateRepository,
    private readonly clock: Clock,
    @Inject(SYNC_WORKER_OPTIONS) private readonly options: SyncWorkerOptions,
  ) {}

  async run(
    request: SyncRequest,
    context: { signal: AbortSignal; onProgress?: (state: SyncState) => void },
  ): Promise<SyncResult> {
    const startedAt = performance.now();
    let loggedPercent = 0;
    const result = await this.engine.run(request, {
      batchSize: this.options.batchSize,
      signal: context.signal,
      onProgress: (state) => {
        context.onProgress?.(state);
        this.options.progress?.show(state);
        if (state.percent < loggedPercent + PERCENT_BETWEEN_LOGS || this.options.progress !== undefined) return;
        loggedPercent = state.percent;
        this.logger.log({ msg: 'Sync progress', ...summary(state) });
      },
    });
    this.options.progress?.clear();
    this.report(request, result, Math.round(performance.now() - startedAt));
    return result;
  }

  /** Returns what is known of the last run of a kind, as it really is. */
  async observe(kind: SyncKind): Promise<SyncState | null> {
    const [state, lease] = await Promise.all([this.states.find(kind), this.states.findLease()]);
    return state === null ? null : observedState(state, lease, this.clock.now());
  }

  private report(request: SyncRequest, result: SyncResult, durationMs: number): void {
    switch (result.outcome) {
      case 'busy':
        this.logger.debug({ msg: 'Another sync is running', kind: request.kind, holder: result.lease?.holder });
        return;
      case 'lost':
        this.logger.warn({ msg: 'Another process took the sync over', kind: request.kind, durationMs });
        return;
      case 'completed':
        this.logger.log({ msg: 'Sync complete', durationMs, ...summary(result.state) });
        return;
      case 'interrupted':
        this.logger.warn({ msg: 'Sync interrupted', durationMs, ...summary(result.state) });
        return;
      case 'failed':
        this.logger.error({
          msg: 'Sync failed',
          durationMs,
          ...summary(result.state),
          refusals: result.state.failures.slice(-3),
        });
    }
  }
}

function summary(state: SyncState): Record<string, unknown> {
  return {
    kind: state.kind,
    fetched: state.fetched,
    written: state.written,
    unchanged: state.unchanged,
    failed: state.failed,
    percent: state.percent,
    ratePerSecond: state.ratePerSecond,
    etaSeconds: state.etaSeconds,
    ...(state.lastError === null ? {} : { lastError: state.lastError }),
  };
}
