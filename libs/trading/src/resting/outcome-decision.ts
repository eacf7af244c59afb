import { type AccountChange, type AccountState, combineChanges, noChange, type Order, type Trade } from '@app/domain';
import { addCrossed, type ConsumedLevel, type ConsumedLiquidity, type MakerFill, type OrderEnded } from '@app/exchange';
import type { AccountDecision, AccountView } from '../account/account-decisions';
import { bookMaking, endOrder, type OrderChange } from '../orders/order-changes';
import { expireOrder } from '../orders/order-expiry';
import type { TradingOptions } from '../trading.options';
import type { RestedOrder } from './rested-order';

/** A fill or an end that is to be stored. */
export interface PendingOutcome {
  rested: RestedOrder;
  outcome: MakerFill | OrderEnded;
}

/**
 * What became of an outcome. `written`: it is stored. `there`: it was stored before, here or by another process. `over`: the order has ended, and nothing fills it any more.
 * `doubtful`: the order is stored as something else than the book took it for, and the outcome does not count.
 */
export type OutcomeVerdict = 'written' | 'there' | 'over' | 'doubtful';

/** What deciding about outcomes stands on. */
export interface OutcomeContext {
  conditionId: string;
  options: TradingOptions;
  now: Date;
  newTradeId: () => string;
  tradesOf: (orderId: string) => Promise<readonly Trade[]>;
}

/**
 * Decides about outcomes of one portfolio in one market, in their order. A fill is written only if what is stored of the order is what the book took it for, and no fill of the
 * same print is: so that two books fed the same market fill an order once.
 */
export async function decideOutcomes(
  view: AccountView,
  pending: readonly PendingOutcome[],
  context: OutcomeContext,
): Promise<AccountDecision<OutcomeVerdict[]>> {
  const work = new OutcomeWork(view, context);
  const verdicts: OutcomeVerdict[] = [];
  for (const one of pending) verdicts.push(await work.decide(one));
  const orders = work.changes();
  return {
    write: orders.length === 0 ? null : { account: work.account(), orders, isOfRestingMarket: true },
    answer: () => verdicts,
  };
}

class OutcomeWork {
  readonly #view: AccountView;
  readonly #context: OutcomeContext;
  readonly #accounts: AccountChange[];
  /** By order: from what it is stored as to what it becomes. */
  readonly #orders = new Map<string, OrderChange>();
  readonly #doubted = new Set<RestedOrder>();
  #consumed: ConsumedLiquidity | null = null;

  constructor(view: AccountView, context: OutcomeContext) {
    this.#view = view;
    this.#context = context;
    this.#accounts = [noChange(view.account)];
  }

  account(): AccountChange {
    return combineChanges(this.#accounts);
  }

  /** One change for each order that became another one; what was taken of the book goes with the first. */
  changes(): OrderChange[] {
    return [...this.#orders.values()].map((change, index) =>
      index === 0 ? { ...change, consumed: this.#consumed } : change,
    );
  }

  async decide({ rested, outcome }: PendingOutcome): Promise<OutcomeVerdict> {
    const order = this.#orders.get(outcome.orderId)?.order ?? (await this.#view.findOrder(outcome.orderId));
    if (order?.phase !== 'resting') return 'over';
    if (rested.isDoubted || this.#doubted.has(rested)) return 'doubtful';
    return outcome.kind === 'ended' ? this.#end(order, outcome) : this.#fill(rested, order, outcome);
  }

  #end(order: Order, { status, reason, atMs }: OrderEnded): OutcomeVerdict {
    const { now, options } = this.#context;
    const at = atMs > now.getTime() ? new Date(atMs) : now;
    const change =
      status === 'expired'
        ? expireOrder(this.#state(), order, options, at)
        : endOrder(this.#state(), order, status, reason, now);
    if (change === null) return 'doubtful';
    this.#take(change);
    return 'written';
  }

  async #fill(rested: RestedOrder, order: Order, fill: MakerFill): Promise<OutcomeVerdict> {
    const believed = (order.quantity ?? 0n) - fill.remaining - fill.quantity;
    if (order.filledQuantity !== believed && (await this.#isThere(order, fill))) return 'there';
    const isKnownPrint = fill.printKey !== null && rested.printsBefore.has(fill.printKey);
    if (order.filledQuantity !== believed || isKnownPrint) {
      this.#doubted.add(rested);
      return 'doubtful';
    }
    const { now, newTradeId } = this.#context;
    this.#take(bookMaking(this.#state(), order, fill, newTradeId(), now));
    await this.#use(fill);
    return 'written';
  }

  /** F7: what filled the order is not there for the portfolio to take. */
  async #use({ crossed }: MakerFill): Promise<void> {
    if (crossed.length === 0) return;
    const { conditionId, now, options } = this.#context;
    const before: readonly ConsumedLevel[] = (this.#consumed ?? (await this.#view.getConsumed(conditionId))).levels;
    const levels = addCrossed(before, crossed, now, options.exchange.overlayHalfLifeMs);
    this.#consumed = { conditionId, levels };
  }

  async #isThere(order: Order, fill: MakerFill): Promise<boolean> {
    const trades = await this.#context.tradesOf(order.id);
    return trades.some(
      ({ liquidity, quantity, tradedAt, receipt }) =>
        liquidity === 'maker' &&
        quantity === fill.quantity &&
        receipt.printKey === fill.printKey &&
        (fill.printKey !== null || tradedAt.getTime() === fill.tradedAtMs),
    );
  }

  #take(change: OrderChange): void {
    this.#accounts.push(change.account);
    const earlier = this.#orders.get(change.order.id);
    this.#orders.set(change.order.id, {
      ...change,
      before: earlier?.before ?? change.before,
      trades: [...(earlier?.trades ?? []), ...change.trades],
    });
  }

  #state(): AccountState {
    return this.#accounts.at(-1)?.state ?? this.#view.account;
  }
}
