import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { Badge, Figure, Section, Term } from '../../ui/bits';
import { formatDateTime, formatExactMoney, formatPrice, formatShares } from '../../ui/format';
import { Empty } from '../../ui/query-view';
import { GRADES } from '../portfolio/metric-meanings';
import { proofsOf, RULES } from './evidence';

type Fill = Schemas['Fill'];

interface FillsViewProps {
  /** Oldest first. */
  fills: readonly Fill[];
  explained: readonly Schemas['ExplainedFill'][];
}

/** Every fill of an order with its receipt: by which rule it happened and on what evidence. */
export function FillsView({ fills, explained }: FillsViewProps): JSX.Element {
  return (
    <Section title={fills.length === 0 ? 'Fills' : `Fills (${fills.length})`}>
      {fills.length === 0 ? (
        <Empty>Nothing of it has filled.</Empty>
      ) : (
        <ol class="fills">
          {fills.map((fill) => (
            <li key={fill.id}>
              <Receipt
                fill={fill}
                sentence={explained.find(({ trade_id }) => trade_id === fill.id)?.sentence ?? null}
              />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function Receipt({ fill, sentence }: { fill: Fill; sentence: string | null }): JSX.Element {
  const { receipt } = fill;
  return (
    <article class="stack">
      <header class="row">
        <h3>
          {formatShares(fill.quantity)} at {formatPrice(fill.price)}
        </h3>
        <Badge>As {fill.liquidity}</Badge>
        <Badge>Rule {receipt.rule}</Badge>
        <Term meaning={GRADES[receipt.grade]}>Grade {receipt.grade}</Term>
      </header>
      <p>{RULES[receipt.rule]}</p>
      {sentence !== null && <p class="muted">{sentence}.</p>}
      <dl class="figures">
        {proofsOf(receipt).map(({ name, meaning, value }) => (
          <Figure key={name} name={name} meaning={meaning}>
            {formatShares(value)}
          </Figure>
        ))}
        <Figure name="Fee">{formatExactMoney(fill.fee)}</Figure>
        <Figure name="Midpoint met" meaning="Midpoint of the book as the order met it.">
          {formatPrice(receipt.arrival_midpoint)}
        </Figure>
        <Figure name="Slippage" meaning="What it cost above that midpoint, or brought below it.">
          {fill.slippage_bps === null ? '–' : `${fill.slippage_bps.toFixed(1)} bps`}
        </Figure>
        <Figure name="When">{formatDateTime(fill.trade_timestamp)}</Figure>
      </dl>
      <details>
        <summary>The book it met</summary>
        <dl class="figures">
          <Figure name="Source">{receipt.book_source === 'stream' ? 'Live stream' : 'Asked for'}</Figure>
          <Figure name="Sequence">{receipt.book_sequence ?? '–'}</Figure>
          <Figure name="Made by the venue">{formatDateTime(receipt.book_venue_time)}</Figure>
          <Figure name="Received">{formatDateTime(receipt.book_received_at)}</Figure>
          <Figure name="Hash">
            <code>{receipt.book_hash ?? '–'}</code>
          </Figure>
          {receipt.print_key !== null && (
            <Figure name="Key of the public trade">
              <code>{receipt.print_key}</code>
            </Figure>
          )}
          <Figure name="Fill model">
            {receipt.profile}, version {receipt.model_version}
          </Figure>
        </dl>
      </details>
    </article>
  );
}
