import { useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { Badge, Section, Term } from '../../ui/bits';
import { ConfirmDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { useFilters } from '../../ui/filters';
import { choiceOf } from '../../ui/form';
import { formatCount, formatDateTime, formatPrice, formatShares } from '../../ui/format';
import { ProblemNotice, QueryView } from '../../ui/query-view';
import { type Column, Pager, Table } from '../../ui/table';
import { TIME_WORDS } from '../market/ticket/ticket-words';
import { isWorking } from './live-changes';
import { limitOf, ORDER_STATUSES, OrderStatus, statusWord, titleOf, whatOf } from './order-status';
import { portfolioKey, useOrders, useWorkingOrders } from './queries';
import { useCancelOrder } from './use-cancel-order';

type Order = Schemas['Order'];

const AHEAD = 'Shares at its price that were there first and are still ahead of it in the queue.';

/** Orders that work, with what is ahead of them; and all there were. */
export function OrdersPart({ portfolioId }: { portfolioId: string }): JSX.Element {
  const filters = useFilters<'part' | 'show'>();
  const show = filters.of('show');
  const isAll = show !== undefined;
  const status = choiceOf(ORDER_STATUSES, show);
  const working = useWorkingOrders(portfolioId, !isAll);
  const listed = useOrders(portfolioId, { status, page: filters.page }, isAll);
  const cancel = useCancelOrder(portfolioId);
  const [isCancellingAll, setCancellingAll] = useState(false);
  const [notCancelled, setNotCancelled] = useState<readonly string[]>([]);
  const columns = [
    ...COLUMNS,
    {
      title: 'Cancel',
      cell: (order: Order) =>
        isWorking(order) ? (
          <button
            type="button"
            disabled={cancel.isPending && cancel.variables === order.id}
            aria-label={`Cancel ${nameOf(order)}`}
            onClick={() => cancel.mutate(order.id)}
          >
            Cancel
          </button>
        ) : (
          '–'
        ),
    },
  ];
  const table = (orders: readonly Order[], caption: string): JSX.Element => (
    <Table caption={caption} columns={columns} rows={orders} keyOf={({ id }) => id} />
  );
  return (
    <Section
      title="Orders"
      aside={
        <div class="row row-end">
          <Field label="Show">
            {(control) => (
              <select
                {...control}
                value={show ?? ''}
                onChange={({ currentTarget }) => filters.set({ show: currentTarget.value })}
              >
                <option value="">Working orders</option>
                <option value="all">All orders of this run</option>
                {ORDER_STATUSES.map((each) => (
                  <option key={each} value={each}>
                    {statusWord(each)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <button
            type="button"
            disabled={!isAll && (working.data?.total ?? 0) === 0}
            onClick={() => setCancellingAll(true)}
          >
            Cancel all
          </button>
        </div>
      }
    >
      {cancel.error !== null && <ProblemNotice error={cancel.error} />}
      {notCancelled.length > 0 && (
        <div class="notice" role="status">
          <p>Some orders were not cancelled:</p>
          <ul>
            {notCancelled.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      {isAll ? (
        <QueryView query={listed} empty={({ total }) => (total === 0 ? 'No such order in this run.' : null)}>
          {(list) => (
            <>
              {table(list.orders, 'Orders, newest first')}
              <Pager page={list.page} totalPages={list.total_pages} total={list.total} go={filters.go} />
            </>
          )}
        </QueryView>
      ) : (
        <QueryView
          query={working}
          empty={({ orders }) =>
            orders.length === 0 ? 'No order works now. Orders are placed on the page of a market.' : null
          }
        >
          {({ orders, total }) => (
            <>
              {table(orders, 'Working orders, newest first')}
              {total > orders.length && (
                <p class="muted">
                  The newest {formatCount(orders.length)} of {formatCount(total)} working orders.
                </p>
              )}
            </>
          )}
        </QueryView>
      )}
      {isCancellingAll && (
        <CancelAll
          portfolioId={portfolioId}
          onClose={() => setCancellingAll(false)}
          told={(reasons) => setNotCancelled(reasons)}
        />
      )}
    </Section>
  );
}

interface CancelAllProps {
  portfolioId: string;
  onClose: () => void;
  /** Hears why orders were not cancelled. */
  told: (reasons: readonly string[]) => void;
}

function CancelAll({ portfolioId, onClose, told }: CancelAllProps): JSX.Element {
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title="Cancel all orders?"
      confirm="Cancel all orders"
      isDangerous
      onClose={onClose}
      action={async () => {
        const answer = await ask(api.DELETE('/portfolios/{id}/orders', { params: { path: { id: portfolioId } } }));
        told([...new Set(Object.values(answer.not_cancelled))]);
        void queries.invalidateQueries({ queryKey: portfolioKey(portfolioId) });
      }}
    >
      <p>Every working order of this portfolio is cancelled, in every market. What fills until then stands.</p>
    </ConfirmDialog>
  );
}

function nameOf(order: Order): string {
  return `${titleOf(order)}: ${order.market_question}`;
}

const COLUMNS: readonly Column<Order>[] = [
  {
    title: 'Order',
    lead: true,
    cell: (order) => (
      <span class="market-cell">
        <Link href={`/portfolios/${order.portfolio_id}/orders/${order.id}`}>{whatOf(order)}</Link>{' '}
        <span class="muted">{order.market_question}</span>
      </span>
    ),
  },
  {
    title: 'Limit',
    numeric: true,
    cell: (order) => (
      <div>
        {limitOf(order)}{' '}
        <span title={TIME_WORDS[order.time_in_force]}>
          <Badge>{order.time_in_force.toUpperCase()}</Badge>
        </span>
      </div>
    ),
  },
  {
    title: 'Filled',
    numeric: true,
    cell: ({ filled_quantity, average_fill_price }) => (
      <div>
        {formatShares(filled_quantity)}
        {average_fill_price !== null && <div class="muted">at {formatPrice(average_fill_price)}</div>}
      </div>
    ),
  },
  {
    title: 'Queue ahead',
    numeric: true,
    cell: ({ queue_ahead }) => (queue_ahead === null ? '–' : <Term meaning={AHEAD}>{formatShares(queue_ahead)}</Term>),
  },
  {
    title: 'Status',
    cell: (order) => (
      <div>
        <OrderStatus order={order} />
        {order.reject_reason !== null && <div class="muted reason">{order.reject_reason}</div>}
      </div>
    ),
  },
  { title: 'Placed', cell: ({ created_at }) => formatDateTime(created_at) },
];
