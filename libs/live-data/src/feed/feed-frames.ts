import { toExactJson } from '@app/domain';
import {
  type OutcomeIndex,
  type ResyncReason,
  type ServerMessage,
  toBookDeltaMessage,
  toBookStateMessage,
  toOrderbookMessage,
  toPriceMessage,
  toResyncMessage,
  toTradeMessage,
} from '@app/contracts';
import type { FeedNews, MarketFeed } from './market-feed';

type NewsOf<K extends FeedNews['kind']> = Extract<FeedNews, { kind: K }>;

/** What is sent to clients of one market, encoded once for all of them. */
export class FeedFrames {
  private readonly encoded = new Map<string, Buffer>();

  constructor(private readonly feed: MarketFeed) {}

  /** The book changed: what was encoded of it is no longer so. */
  forget(): void {
    this.encoded.clear();
  }

  orderbook(index: OutcomeIndex): Buffer {
    const source = this.feed.source === 'rest' ? 'rest' : 'stream';
    return this.once(`orderbook${index}`, () => toOrderbookMessage(this.feed.book, index, source));
  }

  state(index: OutcomeIndex): Buffer {
    return this.once(`state${index}`, () => toBookStateMessage(this.feed.book, index));
  }

  price(index: OutcomeIndex): Buffer {
    return this.once(`price${index}`, () => toPriceMessage(this.feed.book, index));
  }

  /** @param news the latest of this market */
  delta(news: NewsOf<'changes'>, index: OutcomeIndex): Buffer {
    return this.once(`delta${index}`, () => toBookDeltaMessage(this.feed.book, news, index));
  }

  /** @param news the latest of this market */
  trade(news: NewsOf<'print'>, index: OutcomeIndex): Buffer {
    return this.once(`trade${index}`, () => toTradeMessage(this.feed.book, news.print, index));
  }

  resync(index: OutcomeIndex, reason: ResyncReason, tradesMissed: number): Buffer {
    return this.once(`resync${index}${reason}${tradesMissed}`, () =>
      toResyncMessage(this.feed.book, index, reason, tradesMissed),
    );
  }

  private once(name: string, make: () => ServerMessage): Buffer {
    let frame = this.encoded.get(name);
    if (frame === undefined) {
      frame = Buffer.from(toExactJson(make()));
      this.encoded.set(name, frame);
    }
    return frame;
  }
}
