import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { session } from '../../api/session';
import { DepthChart } from '../../charts/depth-chart';
import { refusalOf } from '../../live/live';
import { Age, Badge, Figure, Section, type Tone } from '../../ui/bits';
import { formatPrice, formatShares, priceFormatOf } from '../../ui/format';
import { Empty, Loading, ProblemNotice } from '../../ui/query-view';
import { bookRows, type Row, type ShownBook, topOf } from './book-view';
import { useBook } from './use-book';

const FEW_LEVELS = 8;

const STATES: Record<ShownBook['state'], { tone: Tone; word: string; meaning: string }> = {
  live: { tone: 'good', word: 'Live', meaning: 'Every change is told as it happens.' },
  recovering: { tone: 'warn', word: 'Recovering', meaning: 'The whole book is being fetched anew.' },
  stale: { tone: 'bad', word: 'Stale', meaning: 'Shown as it was last known.' },
  halted: { tone: 'bad', word: 'Halted', meaning: 'Nobody trades it now.' },
  polled: { tone: 'plain', word: 'Every 10 s', meaning: 'Asked for every ten seconds.' },
};

interface BookPanelProps {
  market: Schemas['MarketDetail'];
  outcomeIndex: number;
  /** A price was chosen. */
  pick: (price: number) => void;
}

/** The order book of one outcome, and how far it can be believed. */
export function BookPanel({ market, outcomeIndex, pick }: BookPanelProps): JSX.Element {
  const { book, error, retry } = useBook(market, outcomeIndex);
  const title = `Order book: ${market.outcomes[outcomeIndex] ?? ''}`;
  if (market.closed || market.clob_token_ids[outcomeIndex] === undefined) {
    return (
      <Section title={title}>
        <Empty>{market.closed ? 'Trading has ended, and the book with it.' : 'This market has no order book.'}</Empty>
      </Section>
    );
  }
  return (
    <Section title={title} aside={book !== null && <Standing book={book} />}>
      <WhyNotLive slug={market.slug} />
      {book?.reason != null && <p class="notice notice-bad">Not live: {book.reason}.</p>}
      {book === null && error === null && <Loading what="Loading the book" />}
      {error !== null && <ProblemNotice error={error} retry={retry} />}
      {book !== null && <Book book={book} market={market} pick={pick} />}
    </Section>
  );
}

function Standing({ book }: { book: ShownBook }): JSX.Element {
  const { tone, word, meaning } = STATES[book.state];
  return (
    <span class="row muted">
      <span>
        Last change <Age of={book.venueTimeMs} />
      </span>
      <span role="status" title={meaning}>
        <Badge tone={tone}>{word}</Badge>
      </span>
    </span>
  );
}

function WhyNotLive({ slug }: { slug: string }): JSX.Element | null {
  const refusal = refusalOf(slug);
  if (refusal !== undefined) return <p class="notice">Not told live: {refusal}</p>;
  if (session.value !== null) return null;
  return (
    <p class="notice">
      <span>
        <Link href="/sign-in">Sign in</Link> to see every change of the book and every trade as it happens. Until then
        the book is asked for every ten seconds.
      </span>
    </p>
  );
}

function Book({
  book,
  market,
  pick,
}: {
  book: ShownBook;
  market: BookPanelProps['market'];
  pick: BookPanelProps['pick'];
}): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const { bids, asks } = bookRows(book, isWhole ? Infinity : FEW_LEVELS);
  const { spread, midpoint } = topOf(book);
  const most = Math.max(book.bids.length, book.asks.length);
  const tick = book.tickSize ?? market.tick_size;
  const format = priceFormatOf(tick);
  return (
    <>
      <dl class="figures">
        <Figure name="Midpoint" meaning="Half-way between the best bid and the best ask.">
          {formatPrice(midpoint)}
        </Figure>
        <Figure name="Spread" meaning="The best ask less the best bid.">
          {formatPrice(spread)}
        </Figure>
        <Figure name="Tick" meaning="The smallest step of a price.">
          {formatTick(tick)}
        </Figure>
        <Figure name="Smallest order" meaning="In shares.">
          {formatShares(book.minOrderSize ?? market.min_order_size)}
        </Figure>
      </dl>
      <div class="book">
        <Side name="Bids" side="bid" rows={bids} format={format} pick={pick} />
        <Side name="Asks" side="ask" rows={asks} format={format} pick={pick} />
      </div>
      {most > FEW_LEVELS && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'The best levels only' : `All ${most} levels`}
        </button>
      )}
      {(book.bids.length > 0 || book.asks.length > 0) && (
        <>
          <h3>Depth</h3>
          <p class="hint">
            Shares that could be sold down to each price, on the left, and bought up to it, on the right.
          </p>
          <DepthChart bids={book.bids} asks={book.asks} tick={tick} />
        </>
      )}
    </>
  );
}

interface SideProps {
  name: string;
  side: 'bid' | 'ask';
  rows: readonly Row[];
  format: (price: number) => string;
  pick: (price: number) => void;
}

function Side({ name, side, rows, format, pick }: SideProps): JSX.Element {
  return (
    <table class={`dense book-side book-${side}`}>
      <caption>{name}</caption>
      <thead>
        <tr>
          <th scope="col">Price</th>
          <th scope="col" class="numeric">
            Shares
          </th>
          <th scope="col" class="numeric">
            Sum
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ price, size, total, fill }) => (
          <tr key={price} style={{ '--fill': `${(fill * 100).toFixed(1)}%` }}>
            <td>
              <button
                type="button"
                class={`link level-price ${side === 'bid' ? 'good' : 'bad'}`}
                onClick={() => pick(price)}
              >
                <span class="visually-hidden">Take the {side} of </span>
                {format(price)}
              </button>
            </td>
            <td class="numeric">{formatShares(size)}</td>
            <td class="numeric">{formatShares(total)}</td>
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td colSpan={3} class="muted">
              Nobody {side === 'bid' ? 'bids' : 'offers'}.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function formatTick(tick: number | null): string {
  return tick === null ? '–' : String(tick);
}
