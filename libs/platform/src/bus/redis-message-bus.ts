import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Counter, type Registry } from 'prom-client';
import { DegradedNotice } from '../redis/degraded-notice';
import { batches } from '../redis/pipelines';
import { BusListeners } from './bus-listeners';
import { MessageBus, type Unsubscribe } from './message-bus';

/** What of this process's messages may wait for Redis, counted and in characters; beyond it they are dropped. */
const LONGEST_QUEUE = 50_000;
const LARGEST_QUEUE_CHARACTERS = 64 * 2 ** 20;

/** How often both connections are asked for a sign of life, and how many times one may leave it out before it is opened anew. */
const PING_EVERY_MS = 2_000;
const MISSED_PINGS = 2;

/** How long a stop waits for the last messages. */
const LAST_WORDS_MS = 1_000;

interface Outgoing {
  channel: string;
  message: string;
}

/**
 * Messages between every process on one Redis, by its publish and subscribe, on two connections of its own: one that listens may do little else, and one that sends
 * must not time commands. What is published in one turn of the event loop travels together. A connection that is lost, or does not answer, is opened anew by itself;
 * then all channels are subscribed again and the gap is told.
 */
export class RedisMessageBus extends MessageBus implements OnApplicationShutdown {
  private readonly listeners = new BusListeners();
  private readonly subscriptions = new Map<string, Promise<unknown>>();
  private readonly leaving = new Set<string>();
  private readonly missedPings = new Map<Redis, number>();
  private readonly timer: NodeJS.Timeout;
  private readonly published: Counter;
  private readonly dropped: Counter<'reason'>;
  private readonly gaps: Counter;

  private queue: Outgoing[] = [];
  private isFlushPlanned = false;
  /** Messages queued or sent and not yet answered. */
  private waitingCount = 0;
  private waitingCharacters = 0;
  /** Whether own messages were dropped since listeners were last told. */
  private hasDropped = false;
  /** Whether the last messages could not be sent, and the connection has not come back since. */
  private isMute = false;
  private wasDeaf = false;
  private isClosed = false;
  private whenIdle: (() => void) | null = null;

  /** Opens both connections beside one to the same Redis. Rejects when it cannot be reached. */
  static async open(redis: Redis, registry: Registry, pingEveryMs = PING_EVERY_MS): Promise<RedisMessageBus> {
    const logger = new Logger('Redis');
    const connections = ['publish', 'subscribe'].map((use) => {
      const options = { lazyConnect: true, autoResubscribe: false, connectionName: `bus-${use}` };
      const connection = redis.duplicate({ ...options, commandTimeout: undefined });
      connection.on('error', (err: Error) => logger.debug({ err, use, msg: 'Redis connection error' }));
      return connection;
    });
    const [publisher, subscriber] = connections;
    if (publisher === undefined || subscriber === undefined) throw new Error('two connections were made');
    try {
      await Promise.all(connections.map((connection) => connection.connect()));
    } catch (err) {
      for (const connection of connections) connection.disconnect();
      throw err;
    }
    return new RedisMessageBus(publisher, subscriber, registry, pingEveryMs);
  }

  private constructor(
    private readonly publisher: Redis,
    private readonly subscriber: Redis,
    registry: Registry,
    pingEveryMs: number,
    private readonly notice = new DegradedNotice('Messages between processes'),
  ) {
    super();
    const registers = [registry];
    this.published = new Counter({
      name: 'bus_messages_published_total',
      help: 'Messages this process gave to Redis.',
      registers,
    });
    this.dropped = new Counter({
      name: 'bus_messages_dropped_total',
      help: 'Messages this process could not send: Redis was away, or too much waited for it.',
      labelNames: ['reason'],
      registers,
    });
    this.gaps = new Counter({
      name: 'bus_gaps_total',
      help: 'How often messages to or from this process may have been missed.',
      registers,
    });
    publisher.on('ready', () => {
      this.isMute = false;
      this.settle();
    });
    subscriber.on('close', () => (this.wasDeaf = true));
    subscriber.on('ready', () => void this.listenAgain());
    subscriber.on('message', (channel: string, message: string) => this.hear(channel, message));
    this.timer = setInterval(() => this.feelPulse(), pingEveryMs).unref();
  }

  override publish(channel: string, message: string): void {
    if (this.isClosed) return;
    if (this.publisher.status !== 'ready') return this.drop('disconnected', 1);
    const isFull = this.waitingCount >= LONGEST_QUEUE || this.waitingCharacters >= LARGEST_QUEUE_CHARACTERS;
    if (isFull) return this.drop('overflow', 1);
    this.waitingCount += 1;
    this.waitingCharacters += message.length;
    this.queue.push({ channel, message });
    if (this.isFlushPlanned) return;
    this.isFlushPlanned = true;
    setImmediate(() => void this.flush());
  }

  override async subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    const end = this.listeners.add(channel, listener);
    const known = this.subscriptions.get(channel);
    const subscription = known ?? this.subscriber.subscribe(channel);
    if (known === undefined) this.subscriptions.set(channel, subscription);
    try {
      await subscription;
    } catch (err) {
      if (end() && this.subscriptions.get(channel) === subscription) this.subscriptions.delete(channel);
      throw err;
    }
    return async () => {
      if (!end()) return;
      this.subscriptions.delete(channel);
      await this.leave(channel);
    };
  }

  override onGap(listener: () => void): () => void {
    return this.listeners.addOfGaps(listener);
  }

  /** Sends what still waits, for a second at most, and ends both connections. */
  async onApplicationShutdown(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.timer);
    await this.idle();
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  private async flush(): Promise<void> {
    const sent = this.queue;
    this.queue = [];
    this.isFlushPlanned = false;
    const pipeline = this.publisher.pipeline();
    for (const { channel, message } of sent) pipeline.publish(channel, message);
    let lost = sent.length;
    try {
      const results = (await pipeline.exec()) ?? [];
      const errors = results.flatMap(([err]) => (err === null ? [] : [err]));
      lost = errors.length;
      if (errors[0] === undefined) this.notice.recovered();
      else this.notice.lost(errors[0]);
    } catch (err) {
      this.notice.lost(err);
    }
    this.waitingCount -= sent.length;
    for (const { message } of sent) this.waitingCharacters -= message.length;
    this.published.inc(sent.length - lost);
    this.isMute = lost > 0;
    if (lost > 0) this.drop('disconnected', lost);
    this.settle();
  }

  private drop(reason: 'overflow' | 'disconnected', count: number): void {
    this.dropped.inc({ reason }, count);
    this.hasDropped = true;
  }

  /** Once nothing waits and Redis listens again, tells of what was dropped: who publishes says anew how things stand. */
  private settle(): void {
    if (this.waitingCount > 0) return;
    this.whenIdle?.();
    if (!this.hasDropped || this.isMute || this.publisher.status !== 'ready') return;
    this.hasDropped = false;
    this.tellGap();
  }

  private async listenAgain(): Promise<void> {
    if (!this.wasDeaf) return;
    this.wasDeaf = false;
    try {
      for (const channels of batches([...this.subscriptions.keys()])) await this.subscriber.subscribe(...channels);
      this.tellGap();
    } catch {
      // It was lost again, which brings this here again; unless only the answer was an error.
      this.subscriber.disconnect(true);
    }
  }

  private tellGap(): void {
    this.gaps.inc();
    this.listeners.tellGap();
  }

  private hear(channel: string, message: string): void {
    const isHeard = this.listeners.deliver(channel, message);
    if (!isHeard && !this.subscriptions.has(channel)) void this.leave(channel);
  }

  private async leave(channel: string): Promise<void> {
    if (this.leaving.has(channel)) return;
    this.leaving.add(channel);
    try {
      await this.subscriber.unsubscribe(channel);
    } catch {
      // A connection that is lost listens to nothing.
    } finally {
      this.leaving.delete(channel);
    }
  }

  /** A connection whose other end went away without a word is silent, and looks like one to which nobody writes. */
  private feelPulse(): void {
    for (const connection of [this.publisher, this.subscriber]) {
      const missed = this.missedPings.get(connection) ?? 0;
      if (connection.status !== 'ready') this.missedPings.delete(connection);
      else if (missed >= MISSED_PINGS) {
        this.missedPings.delete(connection);
        connection.disconnect(true);
      } else {
        this.missedPings.set(connection, missed + 1);
        const isAlive = (): void => void this.missedPings.delete(connection);
        connection.ping().then(isAlive, isAlive);
      }
    }
  }

  private idle(): Promise<void> {
    if (this.waitingCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LAST_WORDS_MS);
      this.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
