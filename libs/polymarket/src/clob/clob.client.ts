import { PricePoint } from '@app/domain';
import { OrderBookSnapshot } from '@app/exchange';
import { nullWhenNotFound } from '../gamma/gamma.client';
import { VenueBadAnswerError } from '../transport/venue-errors';
import { CallOptions, VenueCall, VenueTransport } from '../transport/venue-transport';
import { parseRow } from '../wire/wire-object';
import { ClobMarket, readClobMarket } from './clob-market';
import { ClobMarketInfo, readClobMarketInfo } from './clob-market-info';
import { parseVerifiedBook } from './order-book';
import { readPriceHistory } from './price-history';

export const PRICE_INTERVALS = ['1h', '6h', '1d', '1w', '1m', 'max', 'all'] as const;
/** A span that ends now; `1m` is a month. */
export type PriceInterval = (typeof PRICE_INTERVALS)[number];

export interface PriceHistoryQuery {
  /** A token id, not a condition id: the venue answers those with an empty series. */
  tokenId: string;
  /** Either an interval or a span of Unix seconds. */
  interval?: PriceInterval;
  startTs?: number;
  endTs?: number;
  /** Minutes between points; the venue has floors for long spans. */
  fidelityMinutes?: number;
}

/** Polymarket's order books and prices. Every call may throw a {@link VenueError}. */
export class ClobClient {
  constructor(private readonly transport: VenueTransport) {}

  /** The order book of a token now, best price first, its hash verified; null when the token has no book. */
  async getBook(tokenId: string, options: CallOptions): Promise<OrderBookSnapshot | null> {
    const call: VenueCall = {
      family: 'clob',
      budget: 'clob:book',
      path: '/book',
      query: new URLSearchParams({ token_id: tokenId }),
    };
    const answer = await this.transport.sendForJson(call, options).catch(nullWhenNotFound);
    if (answer === null) return null;
    const book = this.transport.understand(call, parseVerifiedBook(answer, 'book'));
    if (book.tokenId === tokenId) return book;
    throw new VenueBadAnswerError(
      [{ path: 'book.asset_id', reason: `found the book of ${book.tokenId}, expected that of ${tokenId}`, id: null }],
      { family: 'clob', path: call.path },
    );
  }

  /** The market with this condition id as the order book's side of the venue sees it, winner included; null when it has none. */
  async findMarket(conditionId: string, options: CallOptions): Promise<ClobMarket | null> {
    const wanted = conditionId.toLowerCase();
    const call: VenueCall = {
      family: 'clob',
      budget: 'clob:other',
      path: `/markets/${encodeURIComponent(wanted)}`,
    };
    const answer = await this.transport.sendForJson(call, options).catch(nullWhenNotFound);
    if (answer === null) return null;
    const market = this.transport.understand(call, parseRow(answer, 'market', readClobMarket));
    if (market.conditionId === wanted) return market;
    const found = market.conditionId ?? 'no condition id';
    throw new VenueBadAnswerError(
      [{ path: 'market.condition_id', reason: `found ${found}, expected ${wanted}`, id: null }],
      { family: 'clob', path: call.path },
    );
  }

  /** All trading parameters of a market; null when it never had an order book. */
  async findMarketInfo(conditionId: string, options: CallOptions): Promise<ClobMarketInfo | null> {
    const wanted = conditionId.toLowerCase();
    const call: VenueCall = {
      family: 'clob',
      budget: 'clob:other',
      path: `/clob-markets/${encodeURIComponent(wanted)}`,
    };
    const answer = await this.transport.sendForJson(call, options).catch(nullWhenNotFound);
    if (answer === null) return null;
    const found = this.transport.understand(call, parseRow(answer, 'market', readClobMarketInfo));
    if (found.conditionId === wanted) return found;
    throw new VenueBadAnswerError(
      [{ path: 'market.c', reason: `found ${found.conditionId}, expected ${wanted}`, id: null }],
      { family: 'clob', path: call.path },
    );
  }

  /** A token's price series, strictly increasing in time; empty when the venue keeps none for the span and fidelity. */
  async getPriceHistory(query: PriceHistoryQuery, options: CallOptions): Promise<PricePoint[]> {
    const parameters = new URLSearchParams({ market: query.tokenId });
    if (query.interval !== undefined) parameters.set('interval', query.interval);
    if (query.startTs !== undefined) parameters.set('startTs', String(query.startTs));
    if (query.endTs !== undefined) parameters.set('endTs', String(query.endTs));
    if (query.fidelityMinutes !== undefined) parameters.set('fidelity', String(query.fidelityMinutes));
    const call: VenueCall = {
      family: 'clob',
      budget: 'clob:prices-history',
      path: '/prices-history',
      query: parameters,
    };
    return this.transport.understand(
      call,
      parseRow(await this.transport.sendForJson(call, options), '', readPriceHistory),
    );
  }
}
