import { BOOK_STATES, type BookState } from '@app/exchange';
import { Metrics } from '@app/platform';
import type { StreamStats } from '@app/polymarket';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { RecordingStats } from './recorder/stream-recording';

/** What came of a comparison with a REST book. */
export type ComparisonResult = 'compared' | 'unusable' | 'failed';

/** How things stand at one moment. */
export interface LiveStanding {
  books: Readonly<Record<BookState, number>>;
  restingOrders: number;
  stream: StreamStats;
  /** Null when nothing is recorded. */
  recording: RecordingStats | null;
}

/** What is counted of the stream and the books. Labels are bounded: states and kinds, never a market. */
@Injectable()
export class LiveMetrics {
  private readonly messages: Counter<'kind'>;
  private readonly prints: Counter<'kind'>;
  private readonly comparisons: Counter<'result'>;
  private readonly resubscriptions: Counter;
  private readonly lag: Histogram;
  private standing: (() => LiveStanding) | null = null;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    const gauge = <Label extends string>(
      name: string,
      help: string,
      labelNames: Label[],
      show: (standing: LiveStanding, of: Gauge<Label>) => void,
    ): void => {
      const standing = (): LiveStanding | null => this.standing?.() ?? null;
      new Gauge<Label>({
        name,
        help,
        labelNames,
        registers,
        // Asked when it is read: a doubt of half a second shows, and no figure is older than its scrape.
        collect() {
          const now = standing();
          if (now !== null) show(now, this);
        },
      });
    };
    gauge('live_books', 'Markets this process follows, by the state of their book.', ['state'], ({ books }, of) => {
      for (const state of BOOK_STATES) of.set({ state }, books[state]);
    });
    gauge('live_resting_orders', 'Resting orders that meet the books this process follows.', [], (now, of) => {
      of.set(now.restingOrders);
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
    gauge('live_stream_connections', 'Open connections to the stream.', [], ({ stream }, of) => {
      of.set(stream.connections);
    });
    gauge('live_stream_tokens', 'Tokens subscribed to.', [], ({ stream }, of) => {
      of.set(stream.tokens);
    });
    gauge('live_stream_counts', 'Counts of the stream since the start, by kind.', ['kind'], ({ stream }, of) => {
      of.set({ kind: 'frames' }, stream.frames);
      of.set({ kind: 'unknown_kinds' }, stream.unknownKinds);
      of.set({ kind: 'unreadable' }, stream.unreadable);
      of.set({ kind: 'invalid_operations' }, stream.invalidOperations);
      of.set({ kind: 'reconnects' }, stream.reconnects);
    });
    gauge(
      'live_recording_counts',
      'Counts of the recording since the start, by kind: lines and bytes on disk, and lines the disk did not take. Without a recording there are none.',
      ['kind'],
      ({ recording }, of) => {
        if (recording === null) return;
        of.set({ kind: 'lines' }, recording.lines);
        of.set({ kind: 'bytes' }, recording.bytes);
        of.set({ kind: 'lost_lines' }, recording.lostLines);
      },
    );
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

  /** Names who tells how things stand, each time the metrics are read. */
  show(standing: () => LiveStanding): void {
    this.standing = standing;
  }
}
