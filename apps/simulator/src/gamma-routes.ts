import { type Answer, type Call, json, rawJson, Refusal, text } from './http/answer';
import type { EventOrder, GammaCatalogue, MarketOrder } from './gamma-catalogue';
import {
  afterCursor,
  pageLimit,
  pageOffset,
  readCursor,
  refuse,
  selectEvents,
  type Selection,
  SelectionCache,
  selectMarkets,
  validationError,
  writeCursor,
} from './gamma-query';

interface RowKind<O extends string> {
  /** Key of the rows in a keyset answer. */
  name: 'markets' | 'events';
  idOrder: O;
  total: () => number;
  value: (position: number, order: O) => number;
  render: (position: number, query: URLSearchParams) => readonly string[];
  select: (query: URLSearchParams, keyset: boolean) => Selection<O>;
}

/** Polymarket's Gamma API over a catalogue. Source of the rules: its OpenAPI of May 2026 and reports of clients up to October 2026. */
export class GammaRoutes {
  private readonly selections: SelectionCache;
  private readonly markets: RowKind<MarketOrder>;
  private readonly events: RowKind<EventOrder>;

  constructor(private readonly catalogue: GammaCatalogue) {
    this.selections = new SelectionCache(catalogue);
    this.markets = {
      name: 'markets',
      idOrder: 'id',
      total: () => catalogue.marketCount,
      value: (position, order) => catalogue.marketNumber(position, order),
      render: (position, query) => catalogue.marketParts(position, query.get('include_tag') === 'true'),
      select: (query, keyset) => selectMarkets(catalogue, query, keyset),
    };
    this.events = {
      name: 'events',
      idOrder: 'id',
      total: () => catalogue.eventCount,
      value: (position, order) => catalogue.eventNumber(position, order),
      render: (position) => [catalogue.eventJson(position)],
      select: (query, keyset) => selectEvents(catalogue, query, keyset),
    };
  }

  answer(call: Call): Answer {
    if (call.method !== 'GET') return json({ type: 'method not allowed', error: 'method not allowed' }, 405);
    try {
      return this.route(call);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  private route({ path, query }: Call): Answer {
    const [, family, first, second] = path.split('/').map(decode);
    const rest = path.split('/').length;
    if (path === '/status') return text('OK');
    if (path === '/tags') return this.tags(query);
    if (path === '/public-search') return this.search(query);
    const kind = family === 'markets' ? this.markets : family === 'events' ? this.events : null;
    if (kind === null || rest > 4) return notFound();
    if (rest === 2) return kind === this.markets ? this.list(this.markets, query) : this.list(this.events, query);
    if (rest === 3 && first === 'keyset') {
      return kind === this.markets ? this.keyset(this.markets, query) : this.keyset(this.events, query);
    }
    if (rest === 3) return this.one(kind.name, this.byId(kind.name, first ?? ''), query);
    if (first === 'slug') return this.one(kind.name, this.bySlug(kind.name, second ?? ''), query);
    return notFound();
  }

  private byId(kind: 'markets' | 'events', id: string): number | null {
    if (!/^\d{1,15}$/.test(id)) throw new Refusal(validationError('id is invalid'));
    return kind === 'markets' ? this.catalogue.findMarketById(Number(id)) : this.catalogue.findEventById(Number(id));
  }

  private bySlug(kind: 'markets' | 'events', slug: string): number | null {
    return kind === 'markets' ? this.catalogue.findMarketBySlug(slug) : this.catalogue.findEventBySlug(slug);
  }

  private one(kind: 'markets' | 'events', position: number | null, query: URLSearchParams): Answer {
    if (position === null) return notFound();
    return rawJson(kind === 'markets' ? this.markets.render(position, query) : this.events.render(position, query));
  }

  private rows<O extends string>(kind: RowKind<O>, selection: Selection<O>): number[] {
    return this.selections.rows(selection, kind.total(), kind.value);
  }

  private list<O extends string>(kind: RowKind<O>, query: URLSearchParams): Answer {
    const limit = pageLimit(query);
    const offset = pageOffset(query);
    const rows = this.rows(kind, kind.select(query, false)).slice(offset, offset + limit);
    return rawJson(['[', ...spread(rows, kind, query), ']']);
  }

  private keyset<O extends string>(kind: RowKind<O>, query: URLSearchParams): Answer {
    if (query.has('offset')) throw refuse('offset is not allowed on keyset endpoints');
    const limit = pageLimit(query);
    const selection = kind.select(query, true);
    const after = query.get('after_cursor') ?? '';
    const rows = this.rows(kind, selection);
    const start = after === '' ? 0 : afterCursor(rows, readCursor(selection.key, after), selection.sorting, kind.value);
    const page = rows.slice(start, start + limit);
    const last = page.at(-1);
    const next =
      last === undefined || start + limit >= rows.length
        ? null
        : writeCursor(selection.key, kind.value(last, selection.sorting.order), last);
    const tail = next === null ? '' : `,"next_cursor":${JSON.stringify(next)}`;
    const id = (position: number | undefined): string | null =>
      position === undefined ? null : kind.value(position, kind.idOrder).toString();
    return {
      ...rawJson([`{"${kind.name}":[`, ...spread(page, kind, query), `]${tail}}`]),
      page: { rows: page.length, firstId: id(page[0]), lastId: id(last), nextCursor: next },
    };
  }

  private tags(query: URLSearchParams): Answer {
    const offset = pageOffset(query);
    return rawJson(
      `[${this.catalogue
        .tagsJson()
        .slice(offset, offset + pageLimit(query))
        .join(',')}]`,
    );
  }

  /** Events whose title holds every word asked for. */
  private search(query: URLSearchParams): Answer {
    const words = (query.get('q') ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) throw refuse('q is required');
    const limit = Math.min(50, Math.max(1, Number(query.get('limit_per_type') ?? '5') || 5));
    const page = Math.max(1, Number(query.get('page') ?? '1') || 1);
    const closedToo = query.get('keep_closed_markets') === '1';
    const found: number[] = [];
    for (let position = 0; position < this.catalogue.eventCount; position += 1) {
      const title = this.catalogue.eventTitle(position).toLowerCase();
      if (!words.every((word) => title.includes(word))) continue;
      if (closedToo || !this.catalogue.eventFlags(position).closed) found.push(position);
    }
    const shown = found.slice((page - 1) * limit, page * limit);
    const pagination = JSON.stringify({ hasMore: found.length > page * limit, totalResults: found.length });
    return rawJson(
      `{"events":[${shown.map((position) => this.catalogue.eventJson(position)).join(',')}],"pagination":${pagination}}`,
    );
  }
}

/** The rows' parts with commas between the rows. */
function spread<O extends string>(rows: readonly number[], kind: RowKind<O>, query: URLSearchParams): string[] {
  return rows.flatMap((position, place) => [place === 0 ? '' : ',', ...kind.render(position, query)]);
}

function notFound(): Answer {
  return json({ type: 'not found error', error: 'not found' }, 404);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
