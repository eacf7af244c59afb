import type { OrderBookSource } from '@app/contracts';
import { LiveBookReader, orderBookOf } from '@app/live-data';
import { getOutcome, MarketCatalogue, OrderBookReader } from '@app/markets';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';

/** Order books to be looked at: of markets that are followed and live from the stream, of all others over REST. */
@Injectable()
export class DisplayedBooks {
  constructor(
    private readonly catalogue: MarketCatalogue,
    private readonly live: LiveBookReader,
    private readonly rest: OrderBookReader,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `MARKET.NOT_FOUND`, `MARKET.OUTCOME_NOT_FOUND`, `MARKET.NO_ORDER_BOOK`, `VENUE.*` */
  async get(slug: string, outcomeIndex: number): Promise<OrderBookSource> {
    return (await this.findLive(slug, outcomeIndex)) ?? this.rest.getBook(slug, outcomeIndex);
  }

  private async findLive(slug: string, outcomeIndex: number): Promise<OrderBookSource | null> {
    const { market } = await this.catalogue.getBySlug(slug);
    const { tokenId } = getOutcome(market, outcomeIndex);
    if (tokenId === null || market.conditionId === null) return null;
    const live = await this.live.read(market.conditionId);
    const book = live?.state === 'live' ? orderBookOf(live, tokenId) : null;
    if (live === null || book === null) return null;
    return { book, source: 'stream', ageMs: this.clock.now().getTime() - live.receivedAtMs };
  }
}
