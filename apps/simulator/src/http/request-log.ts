/** One page of a cursor list that was asked for. */
export interface KeysetPage {
  seq: number;
  path: string;
  /** Filters and order, without cursor and limit. */
  filters: string;
  after_cursor: string | null;
  next_cursor: string | null;
  status: number;
  rows: number;
  first_id: string | null;
  last_id: string | null;
  /** Whether the answer was handed to the client's socket completely. */
  completed: boolean;
}

export interface RequestTally {
  method: string;
  path: string;
  count: number;
}

/** Distinct query strings told apart; beyond that they are counted by path only. */
const QUERIES_KEPT = 20_000;

/** What was asked since the last reset, control requests left out. */
export class RequestLog {
  private total = 0;
  private readonly paths = new Map<string, RequestTally>();
  private readonly queries = new Map<string, RequestTally & { query: string }>();
  private readonly statuses = new Map<number, number>();
  private pages: KeysetPage[] = [];
  private sequence = 0;

  record(method: string, path: string, query: string): void {
    this.total += 1;
    tally(this.paths, `${method} ${path}`, () => ({ method, path, count: 0 }));
    const key = `${method} ${path}?${query}`;
    if (this.queries.size < QUERIES_KEPT || this.queries.has(key)) {
      tally(this.queries, key, () => ({ method, path, query, count: 0 }));
    }
  }

  answered(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  page(page: Omit<KeysetPage, 'seq' | 'completed'>): KeysetPage {
    this.sequence += 1;
    const entry = { seq: this.sequence, ...page, completed: false };
    this.pages.push(entry);
    return entry;
  }

  reset(): void {
    this.total = 0;
    this.paths.clear();
    this.queries.clear();
    this.statuses.clear();
    this.pages = [];
    this.sequence = 0;
  }

  report(): RequestReport {
    return {
      total: this.total,
      paths: [...this.paths.values()],
      queries: [...this.queries.values()],
      statuses: Object.fromEntries(this.statuses),
      keyset_pages: this.pages,
    };
  }
}

export interface RequestReport {
  total: number;
  paths: RequestTally[];
  queries: (RequestTally & { query: string })[];
  statuses: Record<string, number>;
  keyset_pages: KeysetPage[];
}

function tally<T extends { count: number }>(counts: Map<string, T>, key: string, fresh: () => T): void {
  const entry = counts.get(key) ?? fresh();
  entry.count += 1;
  counts.set(key, entry);
}
