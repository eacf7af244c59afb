import { MarketFeeds } from '@app/live-data';
import { Metrics } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';

/** What of the connections is measured. */
@Injectable()
export class LiveMetrics {
  private readonly sentTotal: Counter;
  private readonly resyncsTotal: Counter;
  private readonly cutOffsTotal: Counter;
  private readonly refusedTotal: Counter;

  constructor(
    private readonly metrics: Metrics,
    private readonly feeds: MarketFeeds,
  ) {
    const registers = [metrics.registry];
    this.sentTotal = new Counter({
      name: 'live_messages_sent_total',
      help: 'Messages sent to clients of /ws/live.',
      registers,
    });
    this.resyncsTotal = new Counter({
      name: 'live_resyncs_total',
      help: 'Books told anew to clients of /ws/live, by why.',
      labelNames: ['reason'],
      registers,
    });
    this.cutOffsTotal = new Counter({
      name: 'live_cut_offs_total',
      help: 'Connections of /ws/live the server ended, by why.',
      labelNames: ['reason'],
      registers,
    });
    this.refusedTotal = new Counter({
      name: 'live_refused_total',
      help: 'Connections of /ws/live that were not let in, by close code.',
      labelNames: ['code'],
      registers,
    });
  }

  /** Measures what there is at the moment somebody looks. */
  watch(now: { connections: () => number; behind: () => number }): void {
    const { feeds } = this;
    const registers = [this.metrics.registry];
    new Gauge({
      name: 'live_connections',
      help: 'Open connections of /ws/live.',
      registers,
      collect() {
        this.set(now.connections());
      },
    });
    new Gauge({
      name: 'live_connections_behind',
      help: 'Connections of /ws/live whose clients read too slowly at the moment.',
      registers,
      collect() {
        this.set(now.behind());
      },
    });
    new Gauge({
      name: 'live_markets_watched',
      help: 'Markets clients of this process watch.',
      registers,
      collect() {
        this.set(feeds.size);
      },
    });
  }

  sent(count: number): void {
    this.sentTotal.inc(count);
  }

  resynced(reason: string): void {
    this.resyncsTotal.inc({ reason });
  }

  cutOff(reason: 'slow' | 'rules' | 'ended'): void {
    this.cutOffsTotal.inc({ reason });
  }

  refused(code: number): void {
    this.refusedTotal.inc({ code: String(code) });
  }
}
