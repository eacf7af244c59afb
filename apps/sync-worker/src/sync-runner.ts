import { DomainError } from '@app/domain';
import { Clock, HeartbeatStore } from '@app/platform';
import { Inject, Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { hostname } from 'node:os';
import { dueSync } from './schedule';
import { SYNC_WORKER_OPTIONS, type SyncWorkerOptions } from './sync-worker.options';
import { RefreshJobTask } from './tasks/refresh-job.task';
import { SyncTask } from './tasks/sync.task';

/** Name of this process in the heartbeats. */
export const HEARTBEAT_NAME = `sync-worker:${hostname()}:${process.pid}`;

/** Decides once a second whether there is something to do, and does one thing at a time until it is stopped. */
@Injectable()
export class SyncRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('SyncRunner');
  private readonly stopping = new AbortController();
  private current: Promise<void> | null = null;
  private doing = 'waiting';
  private isFirstLook = true;
  private nextScheduleLook = 0;
  private isStoreAway = false;

  constructor(
    private readonly sync: SyncTask,
    private readonly jobs: RefreshJobTask,
    private readonly heartbeats: HeartbeatStore,
    private readonly clock: Clock,
    @Inject(SYNC_WORKER_OPTIONS) private readonly options: SyncWorkerOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.beat();
    this.tick();
  }

  /** Stops after the batch being written and gives the lease back. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the worker is stopping'));
    await this.current;
    await this.heartbeats.end(HEARTBEAT_NAME);
  }

  @Cron('* * * * * *', { name: 'work' })
  tick(): void {
    if (this.current !== null || this.stopping.signal.aborted) return;
    this.current = this.work()
      .catch((error: unknown) => this.reportFailure(error))
      .finally(() => {
        this.current = null;
        this.doing = 'waiting';
      });
  }

  @Cron('*/10 * * * * *', { name: 'heartbeat' })
  async beat(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await this.heartbeats.beat(HEARTBEAT_NAME, this.clock.now(), { doing: this.doing });
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    const now = this.clock.now();
    if (now.getTime() >= this.nextScheduleLook) {
      this.nextScheduleLook = now.getTime() + SCHEDULE_LOOK_EVERY_MS;
      const [full, incremental] = await Promise.all([this.sync.observe('full'), this.sync.observe('incremental')]);
      const kind = dueSync(full, incremental, this.options.schedule, now, this.isFirstLook);
      this.isFirstLook = false;
      this.storeIsBack();
      if (kind !== null && !(full?.state === 'running' || incremental?.state === 'running')) {
        this.doing = `${kind} sync`;
        await this.sync.run({ kind }, { signal });
        this.nextScheduleLook = 0;
        return;
      }
    }
    this.doing = 'refresh job';
    if (await this.jobs.run({ signal })) this.nextScheduleLook = 0;
    this.storeIsBack();
  }

  private storeIsBack(): void {
    if (this.isStoreAway) this.logger.log({ msg: 'The store answers again' });
    this.isStoreAway = false;
  }

  /** Every failure is met again by the next look; one of the store is told once. */
  private reportFailure(error: unknown): void {
    if (error instanceof DomainError && error.code === 'STORE.UNAVAILABLE') {
      if (!this.isStoreAway) this.logger.warn({ msg: 'The store does not answer', err: error });
      this.isStoreAway = true;
      return;
    }
    this.logger.error({ msg: 'A sync ended in an unexpected error', err: error });
    this.nextScheduleLook = this.clock.now().getTime() + AFTER_ERROR_MS;
  }
}

const SCHEDULE_LOOK_EVERY_MS = 5_000;
const AFTER_ERROR_MS = 30_000;
