import { formatHolder, thisProcess } from '@app/markets';
import { JobRun, JobRunProgress, JobRunRepository, SyncState } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable, Logger } from '@nestjs/common';
import { SyncTask } from './sync.task';

/** A job nobody reports on for this long is up for another worker, milliseconds. */
const CLAIM_MS = 60_000;
const REPORT_EVERY_MS = 1_000;

/** Runs syncs somebody asked for over HTTP. */
@Injectable()
export class RefreshJobTask {
  private readonly logger = new Logger('RefreshJob');
  private readonly worker = formatHolder(thisProcess());

  constructor(
    private readonly jobs: JobRunRepository,
    private readonly sync: SyncTask,
    private readonly clock: Clock,
  ) {}

  /** Runs the oldest job that waits. Returns whether there was one. */
  async run(context: { signal: AbortSignal }): Promise<boolean> {
    const job = await this.jobs.claimNext(this.worker, this.claimedUntil(), this.clock.now());
    if (job === null) return false;
    const report = new JobReport((progress) => this.report(job, progress));
    try {
      const result = await this.sync.run(
        { kind: job.kind, activeOnly: job.parameters.activeOnly, limit: job.parameters.limit },
        { signal: context.signal, onProgress: (state) => report.update(state) },
      );
      await report.end();
      const isStopped = result.outcome === 'interrupted' && context.signal.aborted;
      if (result.outcome === 'busy' || isStopped) {
        await this.jobs.requeue(job.id, this.worker, this.clock.now());
        return false;
      }
      const state = result.outcome === 'lost' ? null : result.state;
      await this.jobs.finish(
        job.id,
        this.worker,
        {
          state: result.outcome === 'completed' ? 'completed' : 'failed',
          progress: state === null ? report.progress : progressOf(state),
          lastError: result.outcome === 'lost' ? 'another process took the sync over' : result.state.lastError,
        },
        this.clock.now(),
      );
      this.logger.log({ msg: 'Refresh ended', job: job.id, kind: job.kind, outcome: result.outcome });
      return true;
    } catch (error) {
      await report.end();
      throw error;
    }
  }

  private async report(job: JobRun, progress: JobRunProgress): Promise<void> {
    try {
      await this.jobs.progress(job.id, this.worker, progress, this.claimedUntil(), this.clock.now());
    } catch (error) {
      // The sync itself meets the same store and decides; a missed report only leaves the job's numbers older.
      this.logger.debug({ msg: 'Progress of a refresh was not saved', err: error });
    }
  }

  private claimedUntil(): Date {
    return new Date(this.clock.now().getTime() + CLAIM_MS);
  }
}

/** Reports a job's newest progress once a second while it runs. */
class JobReport {
  progress: JobRunProgress = { fetched: 0, written: 0, unchanged: 0, failed: 0, percent: 0 };
  private reporting: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(report: (progress: JobRunProgress) => Promise<void>) {
    this.timer = setInterval(() => {
      this.reporting = this.reporting.then(() => report(this.progress));
    }, REPORT_EVERY_MS);
  }

  update(state: SyncState): void {
    this.progress = progressOf(state);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.reporting;
  }
}

function progressOf(state: SyncState): JobRunProgress {
  const { fetched, written, unchanged, failed, percent } = state;
  return { fetched, written, unchanged, failed, percent };
}
