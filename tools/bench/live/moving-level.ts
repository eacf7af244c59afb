import { complement, formatMicro, microPrice, parseMicro } from '@app/domain';

/** A market of the simulated venue, as its REST interface shows it. */
export interface BenchMarket {
  slug: string;
  conditionId: string;
  tokenIds: readonly [string, string];
}

interface WireLevel {
  price: string;
  size: string;
}

/**
 * One bid far from the best of a market's book, whose size the benchmark moves: the size is the number of the message, so that whoever hears of it knows which one it was.
 */
export class MovingLevel {
  private constructor(
    readonly market: BenchMarket,
    private readonly price: string,
    private readonly size: string,
    private readonly best: { bid: string; ask: string },
  ) {}

  /** Null when the market's book has no bid behind the best, or nothing on a side. */
  static async of(clobUrl: string, market: BenchMarket): Promise<MovingLevel | null> {
    const answer = await fetch(`${clobUrl}/book?token_id=${market.tokenIds[0]}`);
    if (!answer.ok) return null;
    const { bids, asks } = (await answer.json()) as Record<'bids' | 'asks', WireLevel[]>;
    const [worst] = bids;
    const bid = bids.at(-1);
    const ask = asks.at(-1);
    if (worst === undefined || bid === undefined || ask === undefined || bids.length < 2) return null;
    return new MovingLevel(market, worst.price, worst.size, { bid: bid.price, ask: ask.price });
  }

  /** The venue's message that the level has so many shares now. */
  frame(size: number): string {
    return this.frameOf(String(size));
  }

  /** ... that it is again as the venue's own book has it. */
  restored(): string {
    return this.frameOf(this.size);
  }

  private frameOf(size: string): string {
    const { bid, ask } = this.best;
    const [first, second] = this.market.tokenIds;
    const change = { price: this.price, size, side: 'BUY', hash: '0'.repeat(40), best_bid: bid, best_ask: ask };
    return JSON.stringify({
      event_type: 'price_change',
      market: this.market.conditionId,
      timestamp: String(Date.now()),
      price_changes: [
        { asset_id: first, ...change },
        {
          ...change,
          asset_id: second,
          price: otherPrice(this.price),
          side: 'SELL',
          best_bid: otherPrice(ask),
          best_ask: otherPrice(bid),
        },
      ],
    });
  }
}

/** The price of the other outcome. @throws Error for a text that is no price */
function otherPrice(text: string): string {
  const price = parseMicro(text);
  if (!price.ok) throw new Error(`the simulated venue named the price ${JSON.stringify(text)}`);
  return formatMicro(complement(microPrice(price.value)));
}
