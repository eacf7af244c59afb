import { Clock, HeartbeatStore } from '@app/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { hostname } from 'node:os';
import { LiveBooks } from './following/live-books';
import { LiveMetrics } from './live-metrics';
import { LiveRunner } from './live-runner';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from './live-worker.options';
import { Repetition } from './repetition';

/** Name of this process in the heartbeats. */
export const HEARTBEAT_NAME = `live-worker:${hostname()}:${process.pid}`;

const MOST_NAMED = 20;

/** Says how the followed books are: in the metrics, and with each sign of life. */
@Injectable()
export class LiveReport implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly beating: Repetition;

  constructor(
    private readonly books: LiveBooks,
    private readonly runner: LiveRunner,
    metrics: LiveMetrics,
    private readonly heartbeats: HeartbeatStore,
    private readonly clock: Clock,
    @Inject(LIVE_WORKER_OPTIONS) { timing }: LiveWorkerOptions,
  ) {
    const everyMs = timing.heartbeatMs;
    this.beating = new Repetition(
      { everyMs, leastMs: everyMs },
      () => this.beat(),
      () => undefined,
    );
    metrics.show(() => ({
      books: books.countStates(),
      restingOrders: books.restingOrders,
      stream: books.streamStats(),
      recording: books.recordingStats(),
    }));
  }

  onApplicationBootstrap(): void {
    this.beating.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.beating.stop();
    await this.heartbeats.end(HEARTBEAT_NAME);
  }

  private async beat(): Promise<void> {
    const { connections, reconnects } = this.books.streamStats();
    await this.heartbeats.beat(HEARTBEAT_NAME, this.clock.now(), {
      instance: this.runner.instance,
      in_contact: this.runner.isInContact,
      books: this.books.countStates(),
      not_live: this.books.listNotLive(MOST_NAMED),
      resting_orders: this.books.restingOrders,
      stream: { connections, reconnects },
    });
  }
}
