import { DomainError } from '@app/domain';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import type { PeriodicTask } from './tasks/periodic-task';
import { TRADING_TASKS } from './tasks/trading-tasks';

/** Runs each task again and again until it is stopped, beside the syncs, so that a long one delays nothing. A task never overlaps itself. */
@Injectable()
export class TradingRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('TradingRunner');
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];
  private isStoreAway = false;

  constructor(
    private readonly clock: Clock,
    @Inject(TRADING_TASKS) private readonly tasks: readonly PeriodicTask[],
  ) {}

  onApplicationBootstrap(): void {
    this.loops = this.tasks.map((task) => this.repeat(task));
  }

  /** Stops when what runs now has ended. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the worker is stopping'));
    await Promise.all(this.loops);
  }

  private async repeat(task: PeriodicTask): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const waitMs = (await this.run(task)) ? task.everyMs : Math.max(task.everyMs, AFTER_ERROR_MS);
      await wait(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async run(task: PeriodicTask): Promise<boolean> {
    const { signal } = this.stopping;
    try {
      await task.run({ now: this.clock.now(), signal });
      if (this.isStoreAway) this.logger.log({ msg: 'The store answers again' });
      this.isStoreAway = false;
      return true;
    } catch (err) {
      if (!signal.aborted) this.reportFailure(task, err);
      return false;
    }
  }

  /** Every failure is met again by the next run; one of the store is told once. */
  private reportFailure(task: PeriodicTask, err: unknown): void {
    if (err instanceof DomainError && err.code === 'STORE.UNAVAILABLE') {
      if (!this.isStoreAway) this.logger.warn({ msg: 'The store does not answer', task: task.name, err });
      this.isStoreAway = true;
      return;
    }
    this.logger.error({ msg: 'A task ended in an unexpected error', task: task.name, err });
  }
}

const AFTER_ERROR_MS = 5_000;
