import type { ServerMessage } from '@app/contracts';

interface WireLevel {
  price: string;
  size: string;
}

/** One outcome's book as the venue has it. */
export interface TrueBook {
  bids: readonly WireLevel[];
  asks: readonly WireLevel[];
}

/** One token's book as a client makes it from what it is told, and every time it was told something it cannot go on from. */
export class BookMirror {
  state = 'unknown';
  resyncs = 0;
  readonly problems: string[] = [];
  private readonly levels = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  private sequence: number | null = null;

  constructor(readonly tokenId: string) {}

  take(message: ServerMessage): void {
    switch (message.type) {
      case 'resync':
        this.resyncs += 1;
        this.sequence = null;
        return;
      case 'orderbook':
        this.follow(message.sequence, 'a whole book');
        this.state = message.state;
        this.levels.bid = new Map(message.data.bids.map(({ price, size }) => [price, size]));
        this.levels.ask = new Map(message.data.asks.map(({ price, size }) => [price, size]));
        return;
      case 'book_delta':
        if (this.sequence === null) this.complain(`delta ${message.sequence} before a whole book`);
        this.follow(message.sequence, 'a delta');
        for (const { side, price, size } of message.changes) {
          if (size === 0) this.levels[side].delete(price);
          else this.levels[side].set(price, size);
        }
        return;
      case 'book_state':
        this.state = message.state;
        return;
      default:
        return;
    }
  }

  /** What is not as the venue has it; null when everything is. */
  differenceFrom(truth: TrueBook): string | null {
    if (this.state !== 'live') return `is ${this.state}`;
    for (const [side, wire] of [
      ['bid', truth.bids],
      ['ask', truth.asks],
    ] as const) {
      const own = this.levels[side];
      const wrong = wire.find(({ price, size }) => own.get(Number(price)) !== Number(size));
      if (wrong !== undefined) {
        return `has ${own.get(Number(wrong.price)) ?? 'nothing'} at the ${side} ${wrong.price}, where there is ${wrong.size}`;
      }
      if (own.size !== wire.length) return `has ${own.size} ${side}s, where there are ${wire.length}`;
    }
    return null;
  }

  /** The next number, or the same one told again; anything after a resync. */
  private follow(sequence: number, what: string): void {
    const last = this.sequence;
    const isAgain = what === 'a whole book' && sequence === last;
    if (last !== null && sequence !== last + 1 && !isAgain) this.complain(`${what} numbered ${sequence} after ${last}`);
    this.sequence = sequence;
  }

  private complain(what: string): void {
    this.problems.push(`token ${this.tokenId.slice(0, 8)} was told ${what}`);
  }
}
