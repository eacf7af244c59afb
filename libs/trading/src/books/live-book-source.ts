import type { LiveBook } from '@app/contracts';
import { type BookEvidence, canonicalLevels, type MarketTerms, type OrderBookSnapshot } from '@app/exchange';
import { LiveBookReader } from '@app/live-data';
import { Injectable } from '@nestjs/common';
import { BookSource } from './book-source';
import { RestBookSource } from './rest-book-source';

/**
 * The books that are followed from the venue's stream, and over REST those that are not. A followed book that is not live is given as that (A3): asking for another one would
 * pass over the reason for its doubt.
 */
@Injectable()
export class LiveBookSource extends BookSource {
  constructor(
    private readonly reader: LiveBookReader,
    private readonly rest: RestBookSource,
  ) {
    super();
  }

  /** A followed book is as of now, however long ago it changed last (A2). */
  override async read(terms: MarketTerms, outcomeIndex: number, notBefore: Date | null): Promise<BookEvidence> {
    const live = await this.reader.read(terms.conditionId);
    const followed = live === null ? null : evidenceOf(live, terms.tokenIds[outcomeIndex]);
    return followed ?? this.rest.read(terms, outcomeIndex, notBefore);
  }
}

/** A followed book as one of its tokens sees it; null for a token that is not one of them. */
function evidenceOf(live: LiveBook, tokenId: string | undefined): BookEvidence | null {
  const outcomeIndex = live.tokenIds.findIndex((token) => token === tokenId);
  if (tokenId === undefined || outcomeIndex === -1) return null;
  const { bids, asks } = canonicalLevels(live, outcomeIndex);
  const hash = outcomeIndex === 0 ? live.hash : null;
  const book: OrderBookSnapshot = {
    tokenId,
    conditionId: live.conditionId,
    bids: [...bids],
    asks: [...asks],
    tickSize: live.tickSize,
    minOrderSize: live.minOrderSize,
    negRisk: live.negRisk,
    lastTradePrice: live.lastTradePrice,
    hash,
    venueTime: new Date(live.venueTimeMs),
  };
  const { state, reason, sequence } = live;
  return { state, reason, book, source: 'stream', sequence, hash, receivedAt: new Date(live.receivedAtMs) };
}
