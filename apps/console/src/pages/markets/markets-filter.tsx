import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSettled } from '../../ui/bits';
import { Field } from '../../ui/field';
import { formatCompact } from '../../ui/format';
import {
  LIQUIDITIES,
  type MarketsSearch,
  SORTS,
  type SortWord,
  type Status,
  STATUSES,
  usualSort,
} from './markets-search';

const SETTLED_MS = 300;
const MOST_CHARACTERS = 200;

interface MarketsFilterProps {
  wanted: MarketsSearch;
  go: (next: Partial<MarketsSearch>, replace?: boolean) => void;
}

/** What of the markets is listed, and in which order. */
export function MarketsFilter({ wanted, go }: MarketsFilterProps): JSX.Element {
  const sorts = entriesOf(SORTS).filter(([word]) => word !== 'relevance' || wanted.search !== '');
  return (
    <form class="card markets-filter" role="search" aria-label="Markets" onSubmit={(event) => event.preventDefault()}>
      <SearchField search={wanted.search} go={go} />
      <Field label="Trading">
        {(control) => (
          <select
            {...control}
            value={wanted.status}
            onChange={({ currentTarget }) => go({ status: currentTarget.value as Status })}
          >
            {entriesOf(STATUSES).map(([word, title]) => (
              <option key={word} value={word}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Liquidity">
        {(control) => (
          <select
            {...control}
            value={String(wanted.liquidity)}
            onChange={({ currentTarget }) => go({ liquidity: Number(currentTarget.value) })}
          >
            {LIQUIDITIES.map((least) => (
              <option key={least} value={String(least)}>
                {least === 0 ? 'Any' : `$${formatCompact(least)} or more`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Order">
        {(control) => (
          <select
            {...control}
            value={wanted.sort ?? usualSort(wanted)}
            onChange={({ currentTarget }) => go({ sort: currentTarget.value as SortWord })}
          >
            {sorts.map(([word, title]) => (
              <option key={word} value={word}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      {(wanted.tag !== '' || wanted.event !== '') && (
        <p class="row markets-narrowed">
          {wanted.tag !== '' && (
            <button type="button" onClick={() => go({ tag: '' })}>
              Tag {wanted.tag} <span aria-hidden="true">×</span>
              <span class="visually-hidden">: leave it out</span>
            </button>
          )}
          {wanted.event !== '' && (
            <button type="button" onClick={() => go({ event: '' })}>
              Event {wanted.event} <span aria-hidden="true">×</span>
              <span class="visually-hidden">: leave it out</span>
            </button>
          )}
        </p>
      )}
    </form>
  );
}

/** Searches as one types; the address follows, and what is typed follows the address when one goes back. */
function SearchField({ search, go }: { search: string; go: MarketsFilterProps['go'] }): JSX.Element {
  const [text, setText] = useState(search);
  const settled = useSettled(text.trim(), SETTLED_MS);
  const written = useRef(search);
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    go({ search: settled, sort: null }, true);
  }, [settled]);
  useEffect(() => {
    if (search === written.current) return;
    written.current = search;
    setText(search);
  }, [search]);
  return (
    <Field label="Search">
      {(control) => (
        <input
          {...control}
          type="search"
          value={text}
          maxLength={MOST_CHARACTERS}
          placeholder="Words, a slug or a Polymarket link"
          autocomplete="off"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
    </Field>
  );
}

function entriesOf<Key extends string, Value>(record: Record<Key, Value>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}
