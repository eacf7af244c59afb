import { DomainError, type Order } from '@app/domain';
import { arrivalDelayMs } from '@app/exchange';
import { TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AccountDecisions } from '../account/account-decisions';
import type { Owner } from '../owner';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import { Waiting } from '../waiting';
import { endOrder, endOrders } from './order-changes';
import type { OrderRequest, OrderWithTrades } from './order-request';
import { isSameMarket } from './same-order';

const BY_OWNER = 'Cancelled by its owner.';

/** Cancels orders. A cancel travels as an order does (D4): what fills until it arrives stands. */
@Injectable()
export class CancelOrderService {
  constructor(
    private readonly decisions: AccountDecisions,
    private readonly repository: TradingRepository,
    private readonly waiting: Waiting,
    private readonly clock: Clock,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
  ) {}

  async cancel(owner: Owner, portfolioId: string, orderId: string): Promise<OrderWithTrades> {
    const { portfolio } = await this.decisions.look(portfolioId, owner.userId);
    const seen = await this.repository.findOrder(portfolioId, orderId);
    if (seen === null) throw orderNotFound(orderId);
    refuseUncancellable(seen);
    await this.waiting.for(arrivalDelayMs(portfolio.latency, `${orderId}:cancel`, this.options.exchange));
    return this.decisions.run(portfolioId, owner.userId, async (view) => {
      const order = await view.findOrder(orderId);
      if (order === null) throw orderNotFound(orderId);
      refuseUncancellable(order);
      const trades = await this.repository.tradesOfOrder(orderId);
      const change = endOrder(view.account, order, 'cancelled', BY_OWNER, this.clock.now());
      return {
        write: { account: change.account, orders: [change] },
        answer: () => ({ order: change.order, trades }),
      };
    });
  }

  async cancelAll(
    owner: Owner,
    portfolioId: string,
    { market }: { market?: OrderRequest['market'] },
  ): Promise<{ cancelled: Order[]; notCancelled: { order: Order; reason: string }[] }> {
    const { portfolio } = await this.decisions.look(portfolioId, owner.userId);
    await this.waiting.for(arrivalDelayMs(portfolio.latency, `${portfolioId}:cancel-all`, this.options.exchange));
    return this.decisions.run(portfolioId, owner.userId, async (view) => {
      const working = await view.listWorkingOrders();
      const meant = market === undefined ? working : working.filter((order) => isSameMarket(order, market));
      const held = meant.filter((order) => reasonAgainst(order) !== null);
      const ended = endOrders(
        view.account,
        meant.filter((order) => reasonAgainst(order) === null),
        'cancelled',
        BY_OWNER,
        this.clock.now(),
      );
      return {
        write: ended.orders.length === 0 ? null : ended,
        answer: () => ({
          cancelled: ended.orders.map(({ order }) => order),
          notCancelled: held.map((order) => ({ order, reason: reasonAgainst(order) ?? '' })),
        }),
      };
    });
  }
}

/** The refusal of an order there is none of. */
export function orderNotFound(orderId: string): DomainError {
  return new DomainError('ORDER.NOT_FOUND', `This portfolio has no order ${orderId}.`);
}

function refuseUncancellable(order: Order): void {
  const reason = reasonAgainst(order);
  if (reason !== null)
    throw new DomainError('ORDER.NOT_CANCELLABLE', `Order ${order.id} cannot be cancelled: ${reason}.`);
}

function reasonAgainst({ phase, status }: Order): string | null {
  if (phase === 'done') return `it is ${status.replace('_', ' ')} already`;
  if (phase === 'delayed') return 'it is marketable and held by the delay of its market, and is about to be matched';
  return null;
}
