import { BOOK_STATES, type BookState } from '@app/exchange';
import { Metrics } from '@app/platform';
import type { StreamStats } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What came of a comparison with a REST book. */
export type ComparisonResult = 'compared' | 'unusable' | 'failed';

/** What is counted of the stream and the books. Labels are bounded: states and kinds, never a market. */
@Injectable()
export class LiveMetrics {
  private readonly books: Gauge<'state'>;
  private readonly restingOrders: Gauge;
  private readonly messages: Counter<'kind'>;
  private readonly prints: Counter<'kind'>;
  private readonly comparisons: Counter<'result'>;
  private readonly resubscriptions: Counter;
  private readonly lag: Histogram;
  private readonly connections: Gauge;
  private readonly tokens: Gauge;
  private readonly streamCounts: Gauge<'kind'>;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.books = new Gauge({
      name: 'live_books',
      help: 'Markets this process follows, by the state of their book.',
      labelNames: ['state'],
      registers,
    });
    this.restingOrders = new Gauge({
      name: 'live_resting_orders',
      help: 'Resting orders that meet the books this process follows.',
      registers,
    });
    this.messages = new Counter({
      name: 'live_messages_total',
      help: "Messages of the venue's stream, by kind.",
      labelNames: ['kind'],
      registers,
    });
    this.prints = new Counter({
      name: 'live_prints_total',
      help: 'Public trades of followed markets: new, repeated, or unusable for want of a size or a price.',
      labelNames: ['kind'],
      registers,
    });
    this.comparisons = new Counter({
      name: 'live_comparisons_total',
      help: 'Comparisons with books asked for over REST, by result.',
      labelNames: ['result'],
      registers,
    });
    this.resubscriptions = new Counter({
      name: 'live_resubscriptions_total',
      help: 'Times a whole book was asked for again.',
      registers,
    });
    this.lag = new Histogram({
      name: 'live_message_lag_seconds',
      help: 'Time from when the venue dated a message to when it was received; the clocks of both count.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.connections = new Gauge({
      name: 'live_stream_connections',
      help: 'Open connections to the stream.',
      registers,
    });
    this.tokens = new Gauge({ name: 'live_stream_tokens', help: 'Tokens subscribed to.', registers });
    this.streamCounts = new Gauge({
      name: 'live_stream_counts',
      help: 'Counts of the stream since the start, by kind.',
      labelNames: ['kind'],
      registers,
    });
  }

  heardMessage(kind: string, lagMs: number): void {
    this.messages.inc({ kind });
    this.lag.observe(Math.max(0, lagMs) / 1_000);
  }

  heardPrint(kind: 'new' | 'repeated' | 'unusable'): void {
    this.prints.inc({ kind });
  }

  compared(result: ComparisonResult): void {
    this.comparisons.inc({ result });
  }

  resubscribed(): void {
    this.resubscriptions.inc();
  }

  /** Shows how things stand now. */
  show(books: Readonly<Record<BookState, number>>, restingOrders: number, stream: StreamStats): void {
    for (const state of BOOK_STATES) this.books.set({ state }, books[state]);
    this.restingOrders.set(restingOrders);
    this.connections.set(stream.connections);
    this.tokens.set(stream.tokens);
    const { frames, unknownKinds, unreadable, invalidOperations, reconnects } = stream;
    this.streamCounts.set({ kind: 'frames' }, frames);
    this.streamCounts.set({ kind: 'unknown_kinds' }, unknownKinds);
    this.streamCounts.set({ kind: 'unreadable' }, unreadable);
    this.streamCounts.set({ kind: 'invalid_operations' }, invalidOperations);
    this.streamCounts.set({ kind: 'reconnects' }, reconnects);
  }
}
