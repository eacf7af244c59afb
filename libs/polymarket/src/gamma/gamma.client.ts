import { VenueMarket } from '@app/domain';
import { CallOptions, VenueCall, VenueTransport } from '../transport/venue-transport';
import { VenueBadAnswerError, VenueRefusedError } from '../transport/venue-errors';
import { Parsed } from '../wire/refusal';
import { parseRow, parseRows } from '../wire/wire-object';
import { eachOnce, MarketPage, parseMarketPage } from './markets-page';
import { readVenueMarket } from './venue-market.mapper';

/** Most rows the venue gives a page; it clamps a larger wish silently. */
export const MAX_PAGE_SIZE = 100;

const MARKETS = { family: 'gamma', budget: 'gamma:markets' } as const;

/** Polymarket's catalogue: markets with their event and tags. Every call may throw a {@link VenueError}. */
export class GammaClient {
  /** Whether the keyset list takes `order=id`; it lists by ascending id without it too. */
  private orderAccepted = true;

  constructor(private readonly transport: VenueTransport) {}

  /**
   * One page of all markets that are closed, or of all that are not, by ascending id. Follow `nextCursor` until it is null: a page may be shorter
   * than `limit` anywhere in the list.
   * @param query `limit` 1..100
   */
  async fetchMarketsPage(
    query: { closed: boolean; afterCursor: string | null; limit: number },
    options: CallOptions,
  ): Promise<MarketPage> {
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > MAX_PAGE_SIZE) {
      throw new RangeError(`limit must be from 1 to ${MAX_PAGE_SIZE}, found ${query.limit}`);
    }
    const page = this.parseMarketsPage(await this.sendForPage(query, options));
    if (page.nextCursor !== null && page.nextCursor === query.afterCursor) {
      const reason = 'found the cursor that was sent, expected one that advances';
      throw new VenueBadAnswerError([{ path: 'next_cursor', reason, id: null }], { family: 'gamma', path: KEYSET });
    }
    return page;
  }

  /** A page from a body received earlier. @throws VenueBadAnswerError when it is no page of markets. */
  parseMarketsPage(body: Buffer): MarketPage {
    return this.transport.understand({ family: 'gamma', path: KEYSET }, parseMarketPage(body));
  }

  /** The market with this slug, open or closed; null when the venue has none. */
  async findMarketBySlug(slug: string, options: CallOptions): Promise<VenueMarket | null> {
    const call: VenueCall = {
      ...MARKETS,
      path: `/markets/slug/${encodeURIComponent(slug)}`,
      query: new URLSearchParams({ include_tag: 'true' }),
    };
    const answer = await this.transport.sendForJson(call, options).catch(nullWhenNotFound);
    if (answer === null) return null;
    const market = this.transport.understand(call, parseRow(answer, 'market', readVenueMarket));
    if (market.slug === slug.toLowerCase()) return market;
    throw new VenueBadAnswerError(
      [{ path: 'market.slug', reason: `found ${market.slug}, expected ${slug}`, id: market.gammaId }],
      { family: 'gamma', path: call.path },
    );
  }

  /** The market with this condition id, open or closed; null when the venue has none. */
  async findMarketByConditionId(conditionId: string, options: CallOptions): Promise<VenueMarket | null> {
    const wanted = conditionId.toLowerCase();
    return this.findListed({ condition_ids: wanted }, (market) => market.conditionId === wanted, options);
  }

  /** The market one of whose outcomes has this token id, open or closed; null when the venue has none. */
  async findMarketByTokenId(tokenId: string, options: CallOptions): Promise<VenueMarket | null> {
    return this.findListed({ clob_token_ids: tokenId }, (market) => market.clobTokenIds.includes(tokenId), options);
  }

  /** The markets with these Gamma ids, open and closed alike; unknown ids are left out. @param ids at most 100 */
  async listMarketsByGammaIds(ids: readonly string[], options: CallOptions): Promise<Parsed<VenueMarket>[]> {
    if (ids.length > MAX_PAGE_SIZE) throw new RangeError(`at most ${MAX_PAGE_SIZE} ids, found ${ids.length}`);
    if (ids.length === 0) return [];
    const lists = [false, true].map((closed) => {
      const query = new URLSearchParams(ids.map((id): [string, string] => ['id', id]));
      query.append('limit', String(MAX_PAGE_SIZE));
      return this.listMarkets(query, closed, options);
    });
    const wanted = new Set(ids);
    const rows = (await Promise.all(lists)).flat().filter((row) => !row.ok || wanted.has(row.value.gammaId));
    // A market that closes between the two answers is in neither or in both; the closed list is the later word.
    return eachOnce(rows);
  }

  /** The highest market id at the venue, to estimate how much a full sync has to read; null when it lists no market. */
  async findNewestMarketId(options: CallOptions): Promise<bigint | null> {
    const query = { order: 'id', ascending: 'false', limit: '1' };
    const lists = [false, true].map((closed) => this.listMarkets(new URLSearchParams(query), closed, options));
    const ids = (await Promise.all(lists)).flat().flatMap((row) => (row.ok ? BigInt(row.value.gammaId) : []));
    return ids.reduce<bigint | null>((newest, id) => (newest === null || id > newest ? id : newest), null);
  }

  private async findListed(
    filter: Readonly<Record<string, string>>,
    isWanted: (market: VenueMarket) => boolean,
    options: CallOptions,
  ): Promise<VenueMarket | null> {
    for (const closed of [false, true]) {
      const query = new URLSearchParams({ ...filter, limit: String(MAX_PAGE_SIZE) });
      const rows = await this.listMarkets(query, closed, options);
      const found = rows.find((row) => row.ok && isWanted(row.value));
      if (found?.ok === true) return found.value;
      const refusals = rows.flatMap((row) => (row.ok ? [] : [row.refusal]));
      if (refusals.length > 0) throw new VenueBadAnswerError(refusals, { family: 'gamma', path: '/markets' });
    }
    return null;
  }

  private async sendForPage(
    { closed, afterCursor, limit }: { closed: boolean; afterCursor: string | null; limit: number },
    options: CallOptions,
  ): Promise<Buffer> {
    const query = new URLSearchParams({
      closed: String(closed),
      include_tag: 'true',
      limit: String(limit),
      ascending: 'true',
    });
    if (afterCursor !== null) query.set('after_cursor', afterCursor);
    if (this.orderAccepted) query.set('order', 'id');
    try {
      return await this.transport.send({ ...MARKETS, path: KEYSET, query }, options);
    } catch (error) {
      const orderRefused =
        error instanceof VenueRefusedError && error.status === 422 && error.message.includes('order');
      if (!orderRefused || !this.orderAccepted) throw error;
      this.orderAccepted = false;
      return this.sendForPage({ closed, afterCursor, limit }, options);
    }
  }

  private async listMarkets(
    query: URLSearchParams,
    closed: boolean,
    options: CallOptions,
  ): Promise<Parsed<VenueMarket>[]> {
    query.set('closed', String(closed));
    query.set('include_tag', 'true');
    const call: VenueCall = { ...MARKETS, path: '/markets', query };
    const answer = await this.transport.sendForJson(call, options);
    if (Array.isArray(answer)) return parseRows(answer, 'markets', readVenueMarket);
    const reason = 'found no array, expected an array of markets';
    throw new VenueBadAnswerError([{ path: 'markets', reason, id: null }], { family: 'gamma', path: call.path });
  }
}

const KEYSET = '/markets/keyset';

/** Turns the venue's "no such thing" into null and passes every other error on. */
export function nullWhenNotFound(error: unknown): null {
  if (error instanceof VenueRefusedError && error.status === 404) return null;
  throw error;
}
