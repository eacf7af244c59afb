import type { ClobMarket, ClobSource, HistoryWindow } from '../clob-routes';
import type { DataSource, HolderRow, TradePrint } from '../data-routes';
import type { BookAnswer } from '../world/books';
import type { HistoryPoint } from '../world/prices';
import { type JsonObject, type Recordings, textOf } from './recordings';
import { encodedList, type ReplayCatalogue } from './replay-catalogue';

/**
 * The CLOB's and the Data API's answers out of recordings. Its clock stands at the newest recorded change. Known limitation: open
 * interest and holders were never recorded, so none is known.
 */
export class ReplayVenue implements ClobSource, DataSource {
  private readonly books: Map<string, JsonObject>;
  private readonly infos: Map<string, JsonObject>;
  private readonly clobMarkets: Map<string, JsonObject>;

  constructor(
    private readonly recordings: Recordings,
    private readonly catalogue: ReplayCatalogue,
  ) {
    this.books = new Map(recordings.books.map((book) => [textOf(book.asset_id), book]));
    this.infos = new Map(recordings.clobInfos.map((info) => [textOf(info.c), info]));
    this.clobMarkets = new Map(recordings.clobMarkets.map((market) => [textOf(market.condition_id), market]));
    this.clobMarkets.delete('');
  }

  now(): number {
    return this.catalogue.newestChange();
  }

  book(tokenId: string): BookAnswer | null {
    return (this.books.get(tokenId) as BookAnswer | undefined) ?? null;
  }

  marketOfToken(tokenId: string): ClobMarket | null {
    const position = this.catalogue.findMarketByTokenId(tokenId);
    if (position === null) return null;
    const market = this.catalogue.market(position);
    const outcomes = encodedList(market.outcomes);
    const prices = encodedList(market.outcomePrices);
    const last = typeof market.lastTradePrice === 'number' && market.lastTradePrice > 0 ? market.lastTradePrice : null;
    return {
      conditionId: textOf(market.conditionId),
      tokens: encodedList(market.clobTokenIds).map((id, index) => ({
        tokenId: id,
        outcome: outcomes[index] ?? '',
        price: Number(prices[index] ?? 0),
        winner: market.closed === true && prices[index] === '1',
      })),
      tickSize: Number(market.orderPriceMinTickSize ?? 0.01),
      negRisk: market.negRisk === true,
      baseFee: Number(market.takerBaseFee ?? 0),
      lastTrade: last === null ? { price: '0.5', side: '' } : { price: last.toString(), side: 'BUY' },
    };
  }

  history(tokenId: string, window: HistoryWindow): { points: HistoryPoint[]; resolved: boolean } {
    const recorded = this.recordings.histories.get(tokenId) ?? [];
    const points: HistoryPoint[] = [];
    let slot = -1;
    for (const { t, p } of recorded) {
      if (typeof t !== 'number' || typeof p !== 'number' || t < window.from || t > window.to) continue;
      if (Math.floor(t / window.grain) === slot) continue;
      slot = Math.floor(t / window.grain);
      points.push({ t, p });
    }
    return { points, resolved: false };
  }

  info(conditionId: string): unknown {
    return this.infos.get(conditionId) ?? null;
  }

  fullMarket(conditionId: string): unknown {
    return this.clobMarkets.get(conditionId) ?? null;
  }

  listLength(): number {
    return this.recordings.clobMarkets.length;
  }

  listRow(position: number, simplified: boolean): unknown {
    const row = this.recordings.clobMarkets[position] ?? {};
    if (!simplified) return row;
    const { condition_id, rewards, tokens, active, closed, archived, accepting_orders } = row;
    return { condition_id, rewards, tokens, active, closed, archived, accepting_orders };
  }

  openInterest(): number | null {
    return null;
  }

  trades(filter: {
    conditionIds: readonly string[];
    side: string | null;
    offset: number;
    limit: number;
  }): TradePrint[] {
    const prints = this.recordings.trades as unknown as TradePrint[];
    return prints
      .filter((print) => filter.conditionIds.length === 0 || filter.conditionIds.includes(print.conditionId))
      .filter((print) => filter.side === null || filter.side === print.side)
      .sort((a, b) => b.timestamp - a.timestamp)
      .slice(filter.offset, filter.offset + filter.limit);
  }

  holders(): { token: string; holders: HolderRow[] }[] {
    return [];
  }
}
