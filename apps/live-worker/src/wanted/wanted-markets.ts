import { InterestRegistry } from '@app/live-data';
import { TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { LIVE_WORKER_OPTIONS, type LiveWorkerOptions } from '../live-worker.options';

const READ_AT_ONCE = 1_000;

/**
 * Which markets are to be followed: those clients want, those with open orders and those somebody holds shares of. What cannot be read is as it was when it could be, and
 * a market is wanted a little longer than anybody says so, so that coming and going costs no new snapshot.
 */
@Injectable()
export class WantedMarkets {
  private readonly logger = new Logger('WantedMarkets');
  private interests: ReadonlySet<string> = new Set();
  private ordered: ReadonlySet<string> = new Set();
  private held: ReadonlySet<string> = new Set();
  /** When each market was wanted last. */
  private readonly wantedAtMs = new Map<string, number>();
  private interestsReadAtMs = 0;
  private durableReadAtMs = 0;
  private readonly unread = new Set<string>();

  constructor(
    private readonly interest: InterestRegistry,
    private readonly trading: TradingRepository,
    private readonly clock: Clock,
    @Inject(LIVE_WORKER_OPTIONS) private readonly options: LiveWorkerOptions,
  ) {}

  /** Clients' interest is read again at the next look. */
  interestChanged(): void {
    this.interestsReadAtMs = 0;
  }

  /** Reads what is due to be read. Never rejects. @returns condition ids */
  async look(): Promise<ReadonlySet<string>> {
    const { interestMs, durableMs, lingerMs } = this.options.timing;
    const nowMs = this.clock.now().getTime();
    if (nowMs - this.interestsReadAtMs >= interestMs) {
      this.interestsReadAtMs = nowMs;
      await this.reading('interests', async () => {
        this.interests = new Set(await this.interest.listMarkets());
      });
    }
    if (nowMs - this.durableReadAtMs >= durableMs) {
      this.durableReadAtMs = nowMs;
      await this.reading('orders and positions', async () => {
        this.ordered = await this.listAll('workingOrdersByCondition');
        this.held = await this.listAll('openPositionsByCondition');
      });
    }
    for (const wanted of [this.interests, this.ordered, this.held]) {
      for (const conditionId of wanted) this.wantedAtMs.set(conditionId, nowMs);
    }
    for (const [conditionId, atMs] of this.wantedAtMs) {
      if (nowMs - atMs > lingerMs) this.wantedAtMs.delete(conditionId);
    }
    return new Set(this.wantedAtMs.keys());
  }

  /** Whether orders work in a market, by the last look. */
  hasOrders(conditionId: string): boolean {
    return this.ordered.has(conditionId);
  }

  private async listAll(list: 'openPositionsByCondition' | 'workingOrdersByCondition'): Promise<Set<string>> {
    const found = new Set<string>();
    let last: string | undefined;
    let count: number;
    do {
      const some = await this.trading[list](READ_AT_ONCE, last);
      for (const { conditionId } of some) found.add(conditionId);
      count = some.length;
      last = some.at(-1)?.conditionId;
    } while (count === READ_AT_ONCE);
    return found;
  }

  /** What cannot be read is told once, and so is that it can be again. */
  private async reading(what: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
      if (this.unread.delete(what)) this.logger.log({ msg: 'What is wanted can be read again', what });
    } catch (err) {
      if (!this.unread.has(what)) this.logger.warn({ msg: 'What is wanted cannot be read', what, err });
      this.unread.add(what);
    }
  }
}
