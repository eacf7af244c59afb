import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { session } from '../../api/session';
import { type LiveTrade, useLiveTrades } from '../../live/live';
import { Section } from '../../ui/bits';
import { formatShares, formatTime, priceFormatOf } from '../../ui/format';
import { Empty } from '../../ui/query-view';
import { EMPTY_TAPE, type TapeEntry, withGap, withTrade } from './tape';

/** What others trade, since the page was opened. */
export function TapePanel({
  market,
  outcomeIndex,
}: {
  market: Schemas['MarketDetail'];
  outcomeIndex: number;
}): JSX.Element {
  const [tape, setTape] = useState(EMPTY_TAPE);
  const hear = useCallback((trade: LiveTrade) => setTape((before) => withTrade(before, trade)), []);
  const missed = useCallback((count: number | null) => setTape((before) => withGap(before, count)), []);
  useLiveTrades(market.slug, hear, missed);
  const format = priceFormatOf(market.tick_size);
  const entries = tape.entries.filter((entry) => entry.kind === 'gap' || entry.trade.outcome_index === outcomeIndex);
  return (
    <Section title={`Trades: ${market.outcomes[outcomeIndex] ?? ''}`}>
      {entries.length === 0 ? (
        <Empty>
          {session.value === null ? (
            <>
              <Link href="/sign-in">Sign in</Link> to see trades as they happen.
            </>
          ) : (
            'None since this page was opened. They appear as they happen.'
          )}
        </Empty>
      ) : (
        <div class="tape" tabIndex={0} role="region" aria-label="Latest trades">
          <table class="dense">
            <caption class="visually-hidden">Latest trades, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Taker</th>
                <th scope="col" class="numeric">
                  Price
                </th>
                <th scope="col" class="numeric">
                  Shares
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <TapeRow key={entry.id} entry={entry} format={format} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function TapeRow({ entry, format }: { entry: TapeEntry; format: (price: number) => string }): JSX.Element {
  if (entry.kind === 'gap') {
    return (
      <tr>
        <td colSpan={4} class="muted">
          {entry.count === null ? 'Trades may be missing here.' : `${entry.count} trades are missing here.`}
        </td>
      </tr>
    );
  }
  const { timestamp, side, price, size } = entry.trade;
  return (
    <tr>
      <td>{formatTime(timestamp)}</td>
      <td class={side === 'buy' ? 'good' : 'bad'}>{side === 'buy' ? 'Bought' : 'Sold'}</td>
      <td class="numeric">{format(price)}</td>
      <td class="numeric">{formatShares(size)}</td>
    </tr>
  );
}
