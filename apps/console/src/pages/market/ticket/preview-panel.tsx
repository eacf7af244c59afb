import type { JSX } from 'preact';
import type { Schemas } from '../../../api/client';
import { Badge, Figure } from '../../../ui/bits';
import {
  formatExactMoney,
  formatMoney,
  formatPercent,
  formatPrice,
  formatSeconds,
  formatShares,
} from '../../../ui/format';
import { Loading, ProblemNotice } from '../../../ui/query-view';
import { type Column, Table } from '../../../ui/table';
import type { Side } from './order-draft';
import { previewSentence } from './ticket-words';
import type { PreviewQuery } from './use-preview';

type Preview = Schemas['OrderPreview'];
type Level = Preview['fills'][number];

const MOST_LEVELS = 5;
const BPS = 10_000;

interface PreviewPanelProps {
  preview: PreviewQuery;
  /** Names of the market's outcomes. */
  outcomes: readonly string[];
  /** Whether the form says itself why nothing could be looked up. */
  isFaultShown: boolean;
}

/** What the order in the form would do if it met the book now. */
export function PreviewPanel({
  preview: { query, isOutdated },
  outcomes,
  isFaultShown,
}: PreviewPanelProps): JSX.Element {
  const { data, error, isPending } = query;
  return (
    <section class="ticket-preview" aria-label="What it would do" aria-busy={isOutdated || isPending}>
      <h3>If it met the book now</h3>
      {isPending && <Loading what="Looking" />}
      {error !== null && !isFaultShown && <ProblemNotice error={error} retry={() => void query.refetch()} />}
      {isFaultShown && data === undefined && <p class="muted">Something in the form is not right yet.</p>}
      {data !== undefined && (
        <div class={isOutdated ? 'stack outdated' : 'stack'}>
          {data.preview.refusal === null ? (
            <Outcome
              preview={data.preview}
              side={data.order.side}
              outcome={outcomes[data.order.outcome_index ?? 0] ?? ''}
            />
          ) : (
            <div class="notice notice-bad">
              <p>
                <strong>Would be refused</strong>
              </p>
              <p>{data.preview.refusal.detail}</p>
            </div>
          )}
          <BookLine preview={data.preview} />
        </div>
      )}
    </section>
  );
}

function Outcome({ preview, side, outcome }: { preview: Preview; side: Side; outcome: string }): JSX.Element {
  const { fills, after } = preview;
  return (
    <>
      <p>{previewSentence(preview, side, outcome)}</p>
      {fills.length > 0 && <Costs preview={preview} side={side} />}
      {fills.length > 0 && (
        <Table
          caption="Levels it would take"
          columns={LEVEL_COLUMNS}
          rows={fills.slice(0, MOST_LEVELS)}
          keyOf={({ price }) => String(price)}
        />
      )}
      {fills.length > MOST_LEVELS && <p class="hint">and {fills.length - MOST_LEVELS} deeper levels</p>}
      {after !== null && (
        <dl class="figures">
          <Figure name={`${outcome} after it`}>
            {formatShares(after.position_quantity)}
            {after.position_average_price !== null && ` at ${formatPrice(after.position_average_price)}`}
          </Figure>
          <Figure name="Free cash after it">{formatMoney(after.cash_balance)}</Figure>
          {preview.resting_quantity > 0 && (
            <Figure
              name="Held for the rest"
              meaning="What cannot be used otherwise while the rest of the order works: USDC of a purchase, shares of a sale."
            >
              {preview.reserved_cash > 0
                ? formatMoney(preview.reserved_cash)
                : `${formatShares(preview.reserved_quantity)} ${outcome}`}
            </Figure>
          )}
        </dl>
      )}
    </>
  );
}

function Costs({ preview, side }: { preview: Preview; side: Side }): JSX.Element {
  return (
    <dl class="figures">
      <Figure
        name={side === 'buy' ? 'Cost' : 'Proceeds'}
        meaning={side === 'buy' ? 'What its fills cost, fees included.' : 'What its fills bring, fees off.'}
      >
        {formatMoney(Math.abs(preview.cash_change))}
      </Figure>
      <Figure name="Fees in it">{formatExactMoney(preview.fees)}</Figure>
      <Figure
        name="Slippage"
        meaning="How much worse than the midpoint its fills would be, on average over its shares; half the spread is part of it."
      >
        {percentOf(preview.slippage_bps)}
      </Figure>
      <Figure
        name="From the best price"
        meaning="How much worse than the best price displayed: what going deeper into the book costs."
      >
        {percentOf(preview.slippage_from_best_bps)}
      </Figure>
    </dl>
  );
}

const LEVEL_COLUMNS: readonly Column<Level>[] = [
  { title: 'Price', numeric: true, cell: ({ price }) => formatPrice(price) },
  {
    title: 'Shares',
    numeric: true,
    cell: ({ quantity, displayed_size }) => `${formatShares(quantity)} of ${formatShares(displayed_size)}`,
  },
  { title: 'Value', numeric: true, cell: ({ total_value }) => formatMoney(total_value) },
];

/** Which book it was looked up in, and what it leaves out. */
function BookLine({ preview: { book } }: { preview: Preview }): JSX.Element | null {
  if (book === null) return null;
  const { state, reason, source, age_ms, midpoint } = book;
  return (
    <p class="hint">
      {state !== 'live' && (
        <>
          <Badge tone="warn">book {state}</Badge> {reason}{' '}
        </>
      )}
      {source === 'stream' ? 'The live book' : 'The book'}, {source === 'stream' ? 'last changed' : 'received'}{' '}
      {formatSeconds(age_ms / 1_000)} ago, midpoint {formatPrice(midpoint)}. Before latency: while the order travels the
      book may move.
    </p>
  );
}

function percentOf(bps: number | null): string {
  return formatPercent(bps === null ? null : bps / BPS);
}
