import { DomainError, type Order } from '@app/domain';
import { isImmediate } from '@app/exchange';
import { TradingRepository } from '@app/persistence';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AccountDecisions } from '../account/account-decisions';
import { decidedAt } from '../account/decided-at';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import { OrderExecution } from './order-execution';
import { expireOrder } from './order-expiry';

/** An order this long past its moment is not being worked on any more, milliseconds. */
export const REAP_AFTER_MS = 5_000;
/** How late an order that does not rest may still meet the book, milliseconds. */
export const LATEST_MATCH_MS = 30_000;
const MOST_AT_ONCE = 200;

const TOO_LATE = 'The order could not meet the book in time.';

/**
 * What has to be done for orders when nobody asks; driven by workers. Each call may run in several processes at once and be repeated: every order is
 * decided once.
 */
@Injectable()
export class OrderUpkeep {
  private readonly logger = new Logger('OrderUpkeep');

  constructor(
    private readonly repository: TradingRepository,
    private readonly execution: OrderExecution,
    private readonly decisions: AccountDecisions,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
  ) {}

  /**
   * Decides orders whose moment has passed without a decision, because their process ended: late by the book as it is now, or, too late for an
   * immediate one, by ending it. While the book cannot be read, what may rest waits.
   * @returns how many it decided
   */
  async reapDue(now: Date): Promise<number> {
    const due = await this.repository.listDueOrders(new Date(now.getTime() - REAP_AFTER_MS), MOST_AT_ONCE);
    return this.forEach(due, async (order) => {
      const lateMs = now.getTime() - order.matchesAt.getTime();
      if (lateMs > LATEST_MATCH_MS && isImmediate(order)) await this.execution.giveUp(order, TOO_LATE);
      else await this.execution.finishLate(order);
    });
  }

  /** Ends resting gtd orders whose time has run out. @returns how many it ended */
  async expireDue(now: Date): Promise<number> {
    const { gtdStopsBeforeMs } = this.options.exchange;
    const ending = await this.repository.listExpiring(new Date(now.getTime() + gtdStopsBeforeMs), MOST_AT_ONCE);
    const resting = ending.filter(({ phase }) => phase === 'resting');
    return this.forEach(resting, ({ id, portfolioId }) =>
      this.decisions.run(portfolioId, null, async (view) => {
        const order = await view.findOrder(id);
        const at = decidedAt(view.account, now);
        const change = order === null ? null : expireOrder(view.account, order, this.options, at);
        if (change === null) return { write: null, answer: () => undefined };
        return { write: { account: change.account, orders: [change] }, answer: () => undefined };
      }),
    );
  }

  /** One order that cannot be decided must not keep the others waiting. */
  private async forEach(orders: readonly Order[], decide: (order: Order) => Promise<void>): Promise<number> {
    let decided = 0;
    for (const order of orders) {
      try {
        await decide(order);
        decided += 1;
      } catch (err) {
        if (!(err instanceof DomainError)) {
          this.logger.error({ msg: 'An order could not be decided', order: order.id, err });
          continue;
        }
        if (err.code === 'STORE.UNAVAILABLE') throw err;
        this.logger.debug({ msg: 'An order waits for the venue', order: order.id, err });
      }
    }
    return decided;
  }
}
