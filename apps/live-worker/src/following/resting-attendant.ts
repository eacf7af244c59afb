import { decodeOrderNotice, type OrderNotice, ordersChannel } from '@app/contracts';
import { Clock, MessageBus, type Unsubscribe } from '@app/platform';
import { RestingOrders } from '@app/trading';
import { Injectable, Logger } from '@nestjs/common';
import { WantedMarkets } from '../wanted/wanted-markets';
import type { MarketFollower } from './market-follower';

/** How long a market's resting orders are kept in memory after the last of them ended, ms. */
const KEPT_EMPTY_MS = 30_000;

/** What the attendant knows of one market. */
interface Attended {
  readonly follower: MarketFollower;
  unsubscribe: Unsubscribe | null;
  isSubscribing: boolean;
  /** Whether somebody said that orders changed, or it is time to look. */
  isDue: boolean;
  work: Promise<void> | null;
  /** Notices that came while the orders were being read. */
  readonly notices: OrderNotice[];
  emptySinceMs: number | null;
}

/**
 * Sees to it that the resting orders of each followed market are in memory while there are any, and are what is stored. Notices tell of changes at once; a look at the
 * stored orders every few seconds finds what notices missed.
 */
@Injectable()
export class RestingAttendant {
  private readonly logger = new Logger('RestingAttendant');
  private readonly attended = new Map<MarketFollower, Attended>();
  private isStoreAway = false;

  constructor(
    private readonly resting: RestingOrders,
    private readonly bus: MessageBus,
    private readonly wanted: WantedMarkets,
    private readonly clock: Clock,
  ) {}

  /** Begins to see to a market. Resolves when its orders are in memory, or could not be read for now; never rejects. */
  async attend(follower: MarketFollower): Promise<void> {
    const attended: Attended = {
      follower,
      unsubscribe: null,
      isSubscribing: false,
      isDue: true,
      work: null,
      notices: [],
      emptySinceMs: null,
    };
    this.attended.set(follower, attended);
    await this.subscribe(attended);
    this.see(attended);
    await attended.work;
  }

  /** Looks at every market's stored orders again. */
  look(): void {
    for (const attended of this.attended.values()) {
      attended.isDue = true;
      void this.subscribe(attended);
      this.see(attended);
    }
  }

  /** Sees to markets no more. Resolves when what their orders did is stored, or has failed; never rejects. */
  async leave(followers: readonly MarketFollower[]): Promise<void> {
    await Promise.all(followers.map((follower) => this.leaveOne(follower)));
  }

  private async leaveOne(follower: MarketFollower): Promise<void> {
    const attended = this.attended.get(follower);
    if (attended === undefined) return;
    this.attended.delete(follower);
    await attended.unsubscribe?.();
    await attended.work;
    await this.stop(follower);
  }

  /** Listens for notices, if it does not yet. Never rejects; the next look tries again. */
  private async subscribe(attended: Attended): Promise<void> {
    if (attended.isSubscribing || attended.unsubscribe !== null) return;
    attended.isSubscribing = true;
    const { follower } = attended;
    try {
      const channel = ordersChannel(follower.market.conditionId);
      const unsubscribe = await this.bus.subscribe(channel, (text) => this.hear(attended, text));
      if (this.attended.get(follower) === attended) attended.unsubscribe = unsubscribe;
      else await unsubscribe();
    } catch (err) {
      this.logger.debug({ msg: 'Notices of orders are not heard', err });
    } finally {
      attended.isSubscribing = false;
    }
  }

  private hear(attended: Attended, text: string): void {
    const notice = decodeOrderNotice(text);
    if (notice === null) return;
    attended.follower.expectOrders(true, this.clock.now().getTime());
    if (attended.follower.resting !== null) {
      attended.follower.resting.notice(notice);
      return;
    }
    attended.notices.push(notice);
    attended.isDue = true;
    this.see(attended);
  }

  /** Does what is due for a market, one thing after the other. */
  private see(attended: Attended): void {
    attended.work ??= this.seeTo(attended)
      .then(() => this.storeAnswers())
      .catch((err: unknown) => this.fail(attended, err))
      .finally(() => {
        attended.work = null;
      });
  }

  private async seeTo(attended: Attended): Promise<void> {
    const { follower } = attended;
    while (attended.isDue && !follower.isEnded && this.attended.has(follower)) {
      attended.isDue = false;
      const hasOrders = this.wanted.hasOrders(follower.market.conditionId);
      if (follower.resting !== null) await follower.resting.refresh();
      else if (hasOrders || this.mayHaveOrders(attended)) await this.open(attended);
      await this.tidy(attended, hasOrders);
    }
  }

  /** Whether nobody has looked yet, or a notice came since. */
  private mayHaveOrders({ follower, emptySinceMs }: Attended): boolean {
    return emptySinceMs === null || follower.hasOpenOrders;
  }

  private async open({ follower, notices }: Attended): Promise<void> {
    const resting = await this.resting.open(follower.market);
    if (follower.isEnded || !this.attended.has(follower)) {
      await resting.stop();
      return;
    }
    follower.attach(resting, this.clock.now().getTime());
    for (const notice of notices.splice(0)) resting.notice(notice);
  }

  /** Lets go of a market that has had no orders for a while. */
  private async tidy(attended: Attended, hasOrders: boolean): Promise<void> {
    const { follower } = attended;
    const nowMs = this.clock.now().getTime();
    const isEmpty = !hasOrders && (follower.resting?.orderCount ?? 0) === 0;
    if (!isEmpty) {
      attended.emptySinceMs = null;
      follower.expectOrders(true, nowMs);
      return;
    }
    attended.emptySinceMs ??= nowMs;
    if (nowMs - attended.emptySinceMs < KEPT_EMPTY_MS) return;
    follower.expectOrders(false, nowMs);
    await this.stop(follower);
  }

  private async stop(follower: MarketFollower): Promise<void> {
    try {
      await follower.detach()?.stop();
    } catch (err) {
      this.logger.error({ msg: 'Resting orders could not be let go of', market: follower.market.marketId, err });
    }
  }

  private storeAnswers(): void {
    if (this.isStoreAway) this.logger.log({ msg: 'Resting orders can be read again' });
    this.isStoreAway = false;
  }

  /** Told once; the next look tries again. */
  private fail({ follower }: Attended, err: unknown): void {
    if (!this.isStoreAway) {
      this.logger.warn({ msg: 'Resting orders cannot be read', market: follower.market.marketId, err });
    }
    this.isStoreAway = true;
  }
}
