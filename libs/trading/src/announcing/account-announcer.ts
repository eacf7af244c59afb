import {
  accountChannel,
  encodeAccountMessage,
  encodeOrderNotice,
  ordersChannel,
  toAccountMessages,
} from '@app/contracts';
import { isWorking, type LedgerEntry, type Portfolio, type Position } from '@app/domain';
import { InterestRegistry, portfolioHolder, type WatchedToken } from '@app/live-data';
import { Clock, MessageBus } from '@app/platform';
import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { OrderChange } from '../orders/order-changes';
import { orderNotices } from './order-notices';

/** A decision as it was stored. */
export interface StoredDecision {
  /** As it is after it. */
  portfolio: Portfolio;
  orders: readonly OrderChange[];
  positions: readonly Position[];
  ledger: readonly LedgerEntry[];
  /** Whether whoever keeps the market's resting orders made it, and needs no notice of it. */
  isOfRestingMarket: boolean;
}

/** How long the market of an order that was just placed is wanted followed: until its follower has found the order itself, milliseconds. */
export const PLACED_INTEREST_MS = 60_000;
/** An interest is not registered again for so long, milliseconds. */
const REGISTERED_FOR_MS = 20_000;
const REGISTRATIONS_KEPT = 10_000;

/**
 * Tells others of decisions after they are stored: the portfolio's watchers what changed, the keepers of resting orders which to look at again, and the followers of books
 * which markets are wanted. Nobody waits for it, and nothing depends on it: what is lost is found in the store.
 */
@Injectable()
export class AccountAnnouncer {
  private readonly logger = new Logger('AccountAnnouncer');
  private readonly registered: LRUCache<string, true>;

  constructor(
    private readonly bus: MessageBus,
    private readonly interests: InterestRegistry,
    clock: Clock,
  ) {
    this.registered = new LRUCache({
      max: REGISTRATIONS_KEPT,
      ttl: REGISTERED_FOR_MS,
      perf: { now: (): number => clock.now().getTime() },
      ttlResolution: 0,
    });
  }

  /** Never throws. */
  announce(decision: StoredDecision): void {
    this.attempt('notices', () => this.notify(decision));
    this.attempt('interests', () => this.want(decision));
    this.attempt('messages', () => this.tell(decision));
  }

  private notify({ portfolio, orders, isOfRestingMarket }: StoredDecision): void {
    if (isOfRestingMarket || orders.length === 0) return;
    for (const notice of orderNotices(portfolio, orders)) {
      this.bus.publish(ordersChannel(notice.conditionId), encodeOrderNotice(notice));
    }
  }

  private tell({ portfolio, orders, positions, ledger }: StoredDecision): void {
    const messages = toAccountMessages({
      portfolio,
      orders: orders.map(({ order }) => order),
      trades: orders.flatMap(({ trades }) => trades),
      positions,
      ledger,
    });
    for (const message of messages) this.bus.publish(accountChannel(portfolio.id), encodeAccountMessage(message));
  }

  private want({ portfolio, orders }: StoredDecision): void {
    const tokens = new Map<string, WatchedToken>();
    for (const { before, order } of orders) {
      const isNew = before === null || before.phase !== order.phase;
      if (!isNew || !isWorking(order)) continue;
      const { conditionId, tokenId } = order;
      const key = `${portfolio.id} ${tokenId}`;
      if (this.registered.has(key)) continue;
      this.registered.set(key, true);
      tokens.set(key, { conditionId, tokenId });
    }
    if (tokens.size === 0) return;
    this.interests
      .add(portfolioHolder(portfolio.id), [...tokens.values()], PLACED_INTEREST_MS)
      .catch((err: unknown) => {
        for (const key of tokens.keys()) this.registered.delete(key);
        this.logger.debug({ msg: 'The markets of orders could not be registered', portfolio: portfolio.id, err });
      });
  }

  /** What goes wrong here must not reach a decision that is stored. */
  private attempt(what: string, announce: () => void): void {
    try {
      announce();
    } catch (err) {
      this.logger.error({ msg: 'A stored decision could not be announced', what, err });
    }
  }
}
