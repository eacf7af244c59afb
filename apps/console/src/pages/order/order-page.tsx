import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { Age, Badge, Figure, PageTitle, Section } from '../../ui/bits';
import { formatDateTime, formatExactMoney, formatPercent, formatPrice, formatShares } from '../../ui/format';
import { ProblemNotice, QueryView } from '../../ui/query-view';
import { TIME_WORDS } from '../market/ticket/ticket-words';
import { isWorking } from '../portfolio/live-changes';
import { limitOf, orderedOf, OrderStatus, titleOf } from '../portfolio/order-status';
import { PROFILES } from '../portfolio/profiles';
import { useOrderExplanation } from '../portfolio/queries';
import { useCancelOrder } from '../portfolio/use-cancel-order';
import { usePortfolioChanges } from '../portfolio/use-portfolio-changes';
import { FillsView } from './fills-view';
import './order.css';
import { Timeline } from './timeline-view';

type Order = Schemas['Order'];

/** One order: why it stands as it does, everything that happened to it, and what is still ahead. */
export function OrderPage({ portfolioId, orderId }: { portfolioId: string; orderId: string }): JSX.Element {
  const explanation = useOrderExplanation(portfolioId, orderId);
  usePortfolioChanges(portfolioId);
  const order = explanation.data?.order;
  return (
    <>
      <p>
        <Link href={`/portfolios/${portfolioId}?part=orders`}>All orders of the portfolio</Link>
      </p>
      <PageTitle title={order === undefined ? 'Order' : titleOf(order)}>
        {order !== undefined && <OrderStatus order={order} />}
      </PageTitle>
      <QueryView query={explanation}>{(explained) => <Story explained={explained} />}</QueryView>
    </>
  );
}

function Story({ explained }: { explained: Schemas['OrderExplanation'] }): JSX.Element {
  const { order, data, sentence } = explained;
  const cancel = useCancelOrder(order.portfolio_id);
  return (
    <>
      <p>
        <Link href={`/markets/${encodeURIComponent(order.market_id)}`}>{order.market_question}</Link>{' '}
        <Badge>{order.outcome}</Badge>
      </p>
      <div class="columns">
        <div class="stack">
          <Section title={isWorking(order) ? 'What it waits for' : 'What became of it'}>
            <p role="status">{sentence}</p>
            <Filled order={order} />
            {cancel.error !== null && <ProblemNotice error={cancel.error} />}
            {isWorking(order) && (
              <div class="row">
                <button type="button" disabled={cancel.isPending} onClick={() => cancel.mutate(order.id)}>
                  Cancel the order
                </button>
                <span class="muted">What fills until the cancel arrives stands.</span>
              </div>
            )}
          </Section>
          {isWorking(order) && data.waiting_for !== null && <Ahead data={data} />}
          <FillsView fills={order.fills} explained={data.fills} />
        </div>
        <div class="stack">
          <Timeline explained={explained} />
          <Terms order={order} />
        </div>
      </div>
    </>
  );
}

function Filled({ order }: { order: Order }): JSX.Element {
  const { filled_quantity, filled_value, quantity, amount } = order;
  const fraction = quantity === null ? filled_value / (amount ?? filled_value) : filled_quantity / quantity;
  return (
    <div>
      <progress class="filled" max={1} value={Number.isFinite(fraction) ? fraction : 0} aria-label="Filled" />
      <p>
        {formatShares(filled_quantity)} shares filled ({formatPercent(Number.isFinite(fraction) ? fraction : 0)})
        {order.average_fill_price !== null && <> at {formatPrice(order.average_fill_price)} on average</>}
        {order.fees > 0 && <>, fees {formatExactMoney(order.fees)}</>}
      </p>
    </div>
  );
}

type Data = Schemas['OrderExplanation']['data'];

const WAITS: Readonly<Record<NonNullable<Data['waiting_for']>, string>> = {
  arrival: 'its arrival at the venue',
  taker_delay: 'the end of the delay for orders that take',
  market: 'the market to take orders again',
  book: 'an order book that can be believed',
  price: 'the market to come to its price',
  queue: 'those before it in the queue',
  quote: 'a quote that crosses it to stay',
};

/** What stands between a working order and its next fill. */
function Ahead({ data }: { data: Data }): JSX.Element {
  return (
    <Section
      title="Still ahead"
      aside={
        data.book_state !== null && (
          <Badge tone={data.book_state === 'live' ? 'good' : 'warn'}>Book {data.book_state}</Badge>
        )
      }
    >
      {data.waiting_for !== null && <p>It waits for {WAITS[data.waiting_for]}.</p>}
      <dl class="figures">
        <Figure name="Queue ahead" meaning="Shares at its price that came before it and are still there.">
          {formatShares(data.queue_ahead)}
        </Figure>
        <Figure name="Ahead when it came" meaning="Shares in the queue before it when it came to rest.">
          {formatShares(data.queue_ahead_at_entry)}
        </Figure>
        <Figure name="Displayed at its limit">{formatShares(data.displayed_at_limit)}</Figure>
        <Figure name="Best bid">{formatPrice(data.best_bid)}</Figure>
        <Figure name="Best ask">{formatPrice(data.best_ask)}</Figure>
        <Figure name="Book received">
          <Age of={data.book_received_at} />
        </Figure>
      </dl>
      {data.book_reason !== null && <p class="warn">{data.book_reason}</p>}
    </Section>
  );
}

/** The order as it was sent. */
function Terms({ order }: { order: Order }): JSX.Element {
  return (
    <Section title="The order">
      <dl class="figures">
        <Figure name="Type">
          {order.type === 'limit' ? 'Limit' : 'Market'}
          {order.post_only && ', post-only'}
        </Figure>
        <Figure name="How long it works">{TIME_WORDS[order.time_in_force]}</Figure>
        <Figure name={order.quantity === null ? 'Amount' : 'Shares'}>{orderedOf(order)}</Figure>
        <Figure name={order.type === 'market' ? 'Worst price' : 'Limit'}>{limitOf(order)}</Figure>
        <Figure name="How strict fills are" meaning={PROFILES[order.profile].meaning}>
          {PROFILES[order.profile].name}
        </Figure>
        <Figure name="Cash held for it">{formatExactMoney(order.reserved_cash)}</Figure>
        <Figure name="Shares held for it">{formatShares(order.reserved_quantity)}</Figure>
        {order.expires_at !== null && <Figure name="Good until">{formatDateTime(order.expires_at)}</Figure>}
        {order.client_order_id !== null && <Figure name="Own id">{order.client_order_id}</Figure>}
        {order.notes !== null && <Figure name="Notes">{order.notes}</Figure>}
      </dl>
      <p class="muted">
        Order <code>{order.id}</code>
      </p>
    </Section>
  );
}
