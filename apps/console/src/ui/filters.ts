import { useSearchParams } from 'wouter-preact';

export interface Filters<Key extends string> {
  of: (key: Key) => string | undefined;
  /** From 1. */
  page: number;
  /** Sets filters, and goes back to the first page; an empty one is left out. */
  set: (values: Partial<Record<Key, string>>) => void;
  go: (page: number) => void;
}

const PAGE = 'page';

/** The filters and the page of a list, kept in the address: a link and the back button bring them back. */
export function useFilters<Key extends string>(): Filters<Key> {
  const [address, setAddress] = useSearchParams();
  const page = Number(address.get(PAGE) ?? 1);
  return {
    of: (key) => address.get(key) ?? undefined,
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    set: (values) =>
      setAddress((before) => {
        const after = new URLSearchParams(before);
        after.delete(PAGE);
        for (const [key, value] of Object.entries<string | undefined>(values)) {
          if (value === undefined || value === '') after.delete(key);
          else after.set(key, value);
        }
        return after;
      }),
    go: (next) =>
      setAddress((before) => {
        const after = new URLSearchParams(before);
        after.set(PAGE, String(next));
        return after;
      }),
  };
}
