import { DomainError, type Market } from '@app/domain';
import type { MarketTerms } from '@app/exchange';
import { MarketCatalogue, type MarketKey, SingleFlight } from '@app/markets';
import { Clock } from '@app/platform';
import { PolymarketClient, VenueError } from '@app/polymarket';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { TRADING_OPTIONS, type TradingOptions } from '../trading.options';
import { marketTerms, type TradingInfo } from './market-terms';

/** How long a market's stored state is taken for its present one, milliseconds. */
export const MARKET_KEPT_MS = 2_000;
/** How long the CLOB's parameters of a market that takes orders are, milliseconds. */
export const INFO_KEPT_MS = 300_000;
/** How long they are when the market takes no orders, or the CLOB did not answer, milliseconds. */
export const UNCERTAIN_INFO_KEPT_MS = 10_000;
const KEPT = 5_000;

/**
 * What markets demand of orders now. A market nobody has stored is asked of the venue. While the CLOB is away, what is stored counts; its delay of
 * takers is then that of the catalogue alone.
 */
@Injectable()
export class TermsReader {
  private readonly markets: LRUCache<string, Market>;
  private readonly infos: LRUCache<string, { info: TradingInfo | null }>;
  private readonly asks = new SingleFlight<TradingInfo | null>();

  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly venue: PolymarketClient,
    @Inject(TRADING_OPTIONS) private readonly options: TradingOptions,
    clock: Clock,
  ) {
    const timed = { perf: { now: (): number => clock.now().getTime() }, ttlResolution: 0 };
    this.markets = new LRUCache({ max: KEPT, ttl: MARKET_KEPT_MS, ...timed });
    this.infos = new LRUCache({ max: KEPT, ttl: INFO_KEPT_MS, ...timed });
  }

  /** @throws DomainError `MARKET.NOT_FOUND`, `MARKET.NOT_TRADABLE` for one that never had an order book, `VENUE.*` */
  async getTerms(key: MarketKey): Promise<MarketTerms> {
    const market = await this.getMarket(normalised(key));
    const info = market.conditionId === null || market.closed ? null : await this.findInfo(market.conditionId);
    return marketTerms(market, info, this.options.takerDelayMs);
  }

  /** Returns the slug of a market. @throws DomainError `MARKET.NOT_FOUND`, `VENUE.*` */
  async getMarketId(key: MarketKey): Promise<string> {
    return (await this.getMarket(normalised(key))).slug;
  }

  private async getMarket(key: MarketKey): Promise<Market> {
    const known = this.markets.get(nameOf(key));
    if (known !== undefined) return known;
    const { market } = await this.catalogue.getMarket(key).catch((error: unknown) => {
      throw asNamed(key, error);
    });
    const { slug, conditionId, clobTokenIds } = market;
    // A request names it by one id, and its order asks again by another.
    this.markets.set(nameOf(key), market);
    this.markets.set(nameOf({ slug }), market);
    if (conditionId !== null) this.markets.set(nameOf({ conditionId }), market);
    for (const tokenId of clobTokenIds) this.markets.set(nameOf({ tokenId }), market);
    return market;
  }

  private async findInfo(conditionId: string): Promise<TradingInfo | null> {
    const known = this.infos.get(conditionId);
    if (known !== undefined) return known.info;
    const info = await this.asks.run(conditionId, () => this.askInfo(conditionId));
    const ttl = info?.acceptingOrders === true ? INFO_KEPT_MS : UNCERTAIN_INFO_KEPT_MS;
    this.infos.set(conditionId, { info }, { ttl });
    return info;
  }

  private async askInfo(conditionId: string): Promise<TradingInfo | null> {
    try {
      return await this.venue.clob.findMarketInfo(conditionId, { priority: 'interactive' });
    } catch (error) {
      if (error instanceof VenueError) return null;
      throw error;
    }
  }
}

function nameOf(key: MarketKey): string {
  if ('slug' in key) return `slug:${key.slug}`;
  return 'conditionId' in key ? `condition:${key.conditionId}` : `token:${key.tokenId}`;
}

/** The refusal of a market there is none of, by the field in which requests of trading name one. */
function asNamed(key: MarketKey, error: unknown): unknown {
  if (!(error instanceof DomainError) || error.code !== 'MARKET.NOT_FOUND') return error;
  const field = 'tokenId' in key ? 'token_id' : 'market_id';
  const fields = error.details.fields?.map(({ message }) => ({ field, message })) ?? [];
  return new DomainError(error.code, error.message, { ...error.details, fields });
}

function normalised(key: MarketKey): MarketKey {
  if ('slug' in key) return { slug: key.slug.toLowerCase() };
  return 'conditionId' in key ? { conditionId: key.conditionId.toLowerCase() } : key;
}
