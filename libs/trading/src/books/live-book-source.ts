import type { LiveBook } from '@app/contracts';
import type { BookEvidence, MarketTerms } from '@app/exchange';
import { LiveBookReader, orderBookOf } from '@app/live-data';
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
  const book = tokenId === undefined ? null : orderBookOf(live, tokenId);
  if (book === null) return null;
  const { state, reason, sequence } = live;
  return { state, reason, book, source: 'stream', sequence, hash: book.hash, receivedAt: new Date(live.receivedAtMs) };
}
