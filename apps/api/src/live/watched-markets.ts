import type { LiveSubject, OutcomeIndex } from '@app/contracts';
import { DomainError, type Market } from '@app/domain';
import type { FeedMarket } from '@app/live-data';
import { MarketCatalogue } from '@app/markets';
import { Injectable } from '@nestjs/common';

/** A market that can be watched, and which of its outcomes was named. */
export interface WatchedMarket {
  market: FeedMarket;
  outcomes: readonly OutcomeIndex[];
}

const BOTH: readonly OutcomeIndex[] = [0, 1];

const NOT_COUNTED = (): Promise<void> => Promise.resolve();

/** Finds the markets clients name; one nobody has seen is fetched. */
@Injectable()
export class WatchedMarkets {
  constructor(private readonly catalogue: MarketCatalogue) {}

  /**
   * @param beforeFetching called before the venue is asked, which its rejection prevents
   * @throws DomainError `MARKET.NOT_FOUND`, `MARKET.NO_ORDER_BOOK`, `VENUE.*`
   */
  async get(subject: LiveSubject, beforeFetching: () => Promise<void> = NOT_COUNTED): Promise<WatchedMarket> {
    const market = (await this.catalogue.findStored(subject)) ?? (await this.fetch(subject, beforeFetching));
    const watched = toFeedMarket(market);
    if (!('tokenId' in subject)) return { market: watched, outcomes: BOTH };
    return { market: watched, outcomes: BOTH.filter((index) => watched.tokenIds[index] === subject.tokenId) };
  }

  private async fetch(subject: LiveSubject, beforeFetching: () => Promise<void>): Promise<Market> {
    await beforeFetching();
    return (await this.catalogue.getMarket(subject)).market;
  }
}

function toFeedMarket({ slug, conditionId, clobTokenIds, outcomes, closed }: Market): FeedMarket {
  const [firstToken, secondToken, ...moreTokens] = clobTokenIds;
  const [firstOutcome, secondOutcome] = outcomes;
  const isPair = firstToken !== undefined && secondToken !== undefined && moreTokens.length === 0;
  if (closed || conditionId === null || !isPair || firstOutcome === undefined || secondOutcome === undefined) {
    const why = closed ? 'it is closed' : 'Polymarket has opened none';
    throw new DomainError('MARKET.NO_ORDER_BOOK', `Market ${slug} has no order book: ${why}.`);
  }
  return {
    conditionId,
    marketId: slug,
    tokenIds: [firstToken, secondToken],
    outcomes: [firstOutcome, secondOutcome],
  };
}
