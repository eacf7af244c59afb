import { AccountsService } from '@app/accounts';
import { MessageBus } from '@app/platform';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import type { Caller } from '../auth/access-token';
import { CLOSE } from './close-codes';
import { LIVE_OPTIONS, type LiveOptions } from './live.options';
import { LiveMetrics } from './live-metrics';
import { LiveSession } from './live-session';
import type { LiveSocket } from './outbox';
import { SessionServices } from './session-services';

const TICK_MS = 1_000;
const DRAIN_LOOK_MS = 10;

/** Every connection of this process, and what has to be done for all of them now and then. */
@Injectable()
export class LiveSessions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('LiveSessions');
  private readonly sessions = new Set<LiveSession>();
  private readonly behind = new Set<LiveSession>();
  private readonly timers: NodeJS.Timeout[] = [];
  private endGapWatch: () => void = () => undefined;
  private catchUpTimer: NodeJS.Timeout | null = null;
  private isChecking = false;
  private isStopping = false;

  constructor(
    private readonly accounts: AccountsService,
    private readonly bus: MessageBus,
    private readonly services: SessionServices,
    private readonly metrics: LiveMetrics,
    @Inject(LIVE_OPTIONS) private readonly options: LiveOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.watch({ connections: () => this.sessions.size, behind: () => this.behind.size });
    this.endGapWatch = this.bus.onGap(() => this.sessions.forEach((session) => session.missedMessages()));
    this.timers.push(
      setInterval(() => this.tick(), TICK_MS).unref(),
      setInterval(() => void this.checkAccess(), this.options.accessCheckMs).unref(),
    );
  }

  /** Tells every client to go elsewhere, and gives them a moment. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.timers.forEach(clearInterval);
    this.endGapWatch();
    const deadline = performance.now() + this.options.closingMs;
    for (const session of this.sessions) session.close(CLOSE.goingAway, 'The server is stopping; connect again.');
    while (this.sessions.size > 0 && performance.now() < deadline) await wait(DRAIN_LOOK_MS);
    if (this.catchUpTimer !== null) clearInterval(this.catchUpTimer);
  }

  /** Whether new connections are turned away because the process stops. */
  get stopping(): boolean {
    return this.isStopping;
  }

  /** How many connections an account has here. */
  countOf(userId: string): number {
    let count = 0;
    for (const { caller } of this.sessions) if (caller.id === userId) count += 1;
    return count;
  }

  /** Keeps a connection until `remove`. */
  add(socket: LiveSocket, caller: Caller): LiveSession {
    const events = {
      marketsOfAccount: () => this.marketsOf(caller.id),
      onBehind: (behind: LiveSession) => this.noteBehind(behind),
      onResync: (reason: string) => this.metrics.resynced(reason),
      onCutOff: (why: 'slow' | 'rules') => this.metrics.cutOff(why),
    };
    const session = new LiveSession(socket, caller, this.services, this.options, events, Date.now());
    this.sessions.add(session);
    return session;
  }

  remove(session: LiveSession): void {
    this.sessions.delete(session);
    this.behind.delete(session);
    session.end();
    this.metrics.sent(session.takeSentCount());
  }

  private marketsOf(userId: string): number {
    let count = 0;
    for (const { caller, marketCount } of this.sessions) if (caller.id === userId) count += marketCount;
    return count;
  }

  // By the machine's clock, which dates and judges the tokens too.
  private tick(): void {
    const nowMs = Date.now();
    for (const session of this.sessions) {
      session.tick(nowMs);
      this.metrics.sent(session.takeSentCount());
    }
  }

  /** Ends the connections whose tokens count no more: another password, another role, a disabled account. */
  private async checkAccess(): Promise<void> {
    if (this.isChecking || this.sessions.size === 0) return;
    this.isChecking = true;
    try {
      const tokens = [...this.sessions].map((session) => ({
        session,
        sub: session.caller.id,
        ver: session.caller.tokenVersion,
      }));
      for (const { session } of await this.accounts.findEnded(tokens)) {
        this.metrics.cutOff('ended');
        session.close(CLOSE.policy, 'The access token no longer counts; log in again.');
      }
    } catch (err) {
      this.logger.warn({ err, msg: 'The accounts behind connections cannot be read; they are looked at again' });
    } finally {
      this.isChecking = false;
    }
  }

  private noteBehind(session: LiveSession): void {
    this.behind.add(session);
    this.catchUpTimer ??= setInterval(() => this.catchUp(), this.options.catchUpMs).unref();
  }

  private catchUp(): void {
    const nowMs = Date.now();
    for (const session of this.behind) if (session.catchUp(nowMs)) this.behind.delete(session);
    if (this.behind.size > 0 || this.catchUpTimer === null) return;
    clearInterval(this.catchUpTimer);
    this.catchUpTimer = null;
  }
}
