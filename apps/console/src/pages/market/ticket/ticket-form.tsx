import type { JSX, TargetedSubmitEvent } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../../api/client';
import { Clicks } from '../../../api/intent';
import { Problem } from '../../../api/problem';
import { bookSignal, useLiveBooks } from '../../../live/live';
import { Choice } from '../../../ui/choice';
import { Field } from '../../../ui/field';
import { formatMoney, formatShares } from '../../../ui/format';
import { ProblemNotice } from '../../../ui/query-view';
import { usePortfolio } from '../../portfolio/queries';
import { choosePortfolio } from './chosen-portfolio';
import { EMPTY_DRAFT, type OrderDraft, orderOf } from './order-draft';
import type { OrderTicketProps } from './order-ticket';
import { PreviewPanel } from './preview-panel';
import { SizeAndPrice, TimeFields } from './ticket-fields';
import { outcomeSentence, SIDE_WORDS } from './ticket-words';
import { isUncertain, usePlaceOrder } from './use-place-order';
import { type PreviewQuery, usePreview } from './use-preview';

interface TicketFormProps extends OrderTicketProps {
  portfolio: Schemas['Portfolio'];
  portfolios: readonly Schemas['Portfolio'][];
}

/** What the form shows what is wrong with beside it. */
const FIELDS = ['quantity', 'amount', 'price', 'time_in_force', 'expires_at', 'post_only'];

export function TicketForm({
  market,
  outcomeIndex,
  onOutcome,
  price,
  portfolio,
  portfolios,
}: TicketFormProps): JSX.Element {
  const [draft, setDraft] = useState<OrderDraft>(EMPTY_DRAFT);
  const [placed, setPlaced] = useState(0);
  const [clicks] = useState(() => new Clicks());
  const place = usePlaceOrder();
  useLiveBooks(market.slug);
  const book = bookSignal(market.clob_token_ids[outcomeIndex] ?? '').value;
  const order = useMemo(() => orderOf(draft, market.slug, outcomeIndex), [draft, market.slug, outcomeIndex]);
  const preview = usePreview(portfolio.id, order, book, placed);
  const outcome = market.outcomes[outcomeIndex] ?? '';

  const change = (changed: Partial<OrderDraft>): void => {
    setDraft((before) => ({ ...before, ...changed }));
    if (place.isError) place.reset();
  };
  // A price of one outcome says nothing about the other.
  useEffect(() => change({ limit: '', worst: '' }), [outcomeIndex]);
  useEffect(() => {
    if (price !== undefined) change({ type: 'limit', limit: String(price.value) });
  }, [price?.picked]);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!clicks.isNew(Date.now()) || place.isPending || order === null) return;
    place.mutate({ portfolioId: portfolio.id, order }, { onSuccess: () => setPlaced((before) => before + 1) });
  };

  const faultOf = order === null || preview.isOutdated ? noFault : faultsOf(preview.query);
  const tick = book?.tickSize ?? market.tick_size;
  return (
    <>
      <form class="ticket" onSubmit={submit}>
        <Field label="Portfolio">
          {(control) => (
            <select
              {...control}
              value={portfolio.id}
              onChange={({ currentTarget }) => choosePortfolio(currentTarget.value)}
            >
              {portfolios.map(({ id, name, is_active }) => (
                <option key={id} value={id}>
                  {name}
                  {is_active ? '' : ' (switched off)'}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Holding portfolioId={portfolio.id} tokenId={market.clob_token_ids[outcomeIndex] ?? ''} outcome={outcome} />
        <Choice
          label="Outcome"
          options={market.outcomes.map((title, index) => ({ key: String(index), title }))}
          value={String(outcomeIndex)}
          onChoose={(index) => onOutcome(Number(index))}
        />
        <Choice
          label="Side"
          options={[
            { key: 'buy', title: SIDE_WORDS.buy },
            { key: 'sell', title: SIDE_WORDS.sell },
          ]}
          value={draft.side}
          onChoose={(side) => change({ side })}
        />
        <Choice
          label="Type"
          options={[
            { key: 'limit', title: 'Limit' },
            { key: 'market', title: 'Market' },
          ]}
          value={draft.type}
          onChoose={(type) => change({ type })}
        />
        <SizeAndPrice
          draft={draft}
          change={change}
          faultOf={faultOf}
          tickSize={tick}
          minOrderSize={book?.minOrderSize ?? market.min_order_size}
        />
        <TimeFields draft={draft} change={change} faultOf={faultOf} />
        <button type="submit" class="primary" disabled={place.isPending}>
          {place.isPending ? 'Placing …' : `${SIDE_WORDS[draft.side]} ${outcome}`}
        </button>
      </form>
      {place.error !== null && (
        <>
          <ProblemNotice error={place.error} />
          {isUncertain(place.error) && (
            <p class="hint">It is not known whether the order arrived. Sent again as it is, it is not placed twice.</p>
          )}
        </>
      )}
      {place.data !== undefined && <Placed order={place.data} />}
      {order !== null && (
        <PreviewPanel
          preview={preview}
          outcomes={market.outcomes}
          isFaultShown={FIELDS.some((field) => faultOf(field) !== undefined)}
        />
      )}
    </>
  );
}

/** What there is to trade with. */
function Holding({
  portfolioId,
  tokenId,
  outcome,
}: {
  portfolioId: string;
  tokenId: string;
  outcome: string;
}): JSX.Element | null {
  const { data } = usePortfolio(portfolioId);
  if (data === undefined) return null;
  const position = data.positions.find(({ token_id }) => token_id === tokenId);
  const held = position?.quantity ?? 0;
  const free = held - (position?.reserved_quantity ?? 0);
  return (
    <p class="hint">
      {formatMoney(data.cash_balance)} free · {formatShares(held)} {outcome} held
      {free < held && `, ${formatShares(free)} of them free`}
    </p>
  );
}

function Placed({ order }: { order: Schemas['Order'] }): JSX.Element {
  const isWell = order.filled_quantity > 0 || order.phase !== 'done';
  return (
    <div class={isWell ? 'notice notice-good' : 'notice notice-bad'} role="status">
      <p>{outcomeSentence(order)}</p>
      <Link href={`/portfolios/${order.portfolio_id}/orders/${order.id}`}>See the order</Link>
    </div>
  );
}

function noFault(): undefined {
  return undefined;
}

/** What the preview finds wrong with a field; why the order would be refused is told in full beside the preview. */
function faultsOf({ data, error }: PreviewQuery['query']): (field: string) => string | undefined {
  if (error instanceof Problem) return (field) => error.of(field);
  const refused = new Set(data?.preview.refusal?.errors.map(({ field }) => field));
  return (field) => (refused.has(field) ? 'Would be refused: see below' : undefined);
}
