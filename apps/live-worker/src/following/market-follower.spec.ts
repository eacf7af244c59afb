import type { MarketMessage } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';
import type { OrderBookSnapshot, RestingEvent } from '@app/exchange';
import type { RestingMarket } from '@app/trading';
import { ENDED_BY_OWNER, MarketFollower } from './market-follower';

const CONDITION = `0x${'c'.repeat(64)}`;
const SETTINGS = {
  reconcileWithinMs: 60_000,
  reconcileIdleWithinMs: 600_000,
  pingIntervalMs: 10_000,
  mismatchLastsMs: 2_000,
};
const price = (cents: number): ReturnType<typeof microPrice> => microPrice(BigInt(cents) * 10_000n);
const shares = (count: number): ReturnType<typeof microShares> => microShares(BigInt(count) * 1_000_000n);

function aBook(bid: number, ask: number, size = 100): OrderBookSnapshot {
  return {
    tokenId: '1',
    conditionId: CONDITION,
    bids: [{ price: price(bid), size: shares(size) }],
    asks: [{ price: price(ask), size: shares(size) }],
    tickSize: price(1),
    minOrderSize: shares(5),
    negRisk: false,
    lastTradePrice: price(44),
    hash: 'aa',
    venueTime: new Date(0),
  };
}

/** What a resting market was told. */
class Told {
  readonly events: RestingEvent['kind'][] = [];
  readonly orderCount = 1;

  apply(event: RestingEvent): void {
    this.events.push(event.kind);
  }
}

class Scene {
  readonly published: MarketMessage[] = [];
  changes = 0;
  resubscriptions = 0;
  readonly follower: MarketFollower;

  constructor(startSequence = 0) {
    this.follower = new MarketFollower(
      { conditionId: CONDITION, marketId: 'will-it', tokenIds: ['1', '2'], outcomes: ['Yes', 'No'] },
      { owner: 'me', epoch: 'e1', startSequence, settings: SETTINGS, silenceMs: 10_000 },
      {
        publish: (message) => this.published.push(message),
        changed: () => (this.changes += 1),
        resubscribe: () => (this.resubscriptions += 1),
      },
    );
    this.follower.hold(Number.POSITIVE_INFINITY);
  }

  /** Live at the second 0. */
  static live(startSequence?: number): Scene {
    const scene = new Scene(startSequence);
    scene.follower.hear({ kind: 'connected', atMs: 0 });
    scene.follower.hear({ kind: 'book', outcomeIndex: 0, book: aBook(40, 45), atMs: 0 });
    scene.compare(0);
    scene.published.length = 0;
    scene.changes = 0;
    return scene;
  }

  compare(atMs: number, book: OrderBookSnapshot | null = aBook(40, 45), askedAtMs = atMs): boolean {
    this.follower.beginComparison();
    return this.follower.compare(book, askedAtMs, atMs);
  }

  level(atMs: number, side: 'bid' | 'ask', cents: number, count: number): void {
    const change = { outcomeIndex: 0, side, price: price(cents), size: shares(count), bestBid: null, bestAsk: null };
    this.follower.hear({ kind: 'levels', changes: [change], venueTimeMs: atMs, atMs });
  }

  attach(atMs: number): Told {
    const told = new Told();
    this.follower.attach(told as unknown as RestingMarket, atMs);
    return told;
  }

  get kinds(): string[] {
    return this.published.map((message) =>
      'sequence' in message ? `${message.kind} ${message.sequence}` : message.kind,
    );
  }

  get state(): string {
    const { state, reason } = this.follower;
    return reason === null ? state : `${state}: ${reason}`;
  }
}

const aPrint = (cents: number, venueTimeMs: number): Parameters<MarketFollower['hearPrint']>[0] => ({
  price: price(cents),
  size: shares(3),
  aggressor: 'sell',
  venueTimeMs,
  transactionHash: '0xf1',
});

describe('what a follower tells', () => {
  it('is nothing to store before its book was live once, then every book, change, print and state in order', () => {
    const scene = new Scene(7);
    scene.follower.hear({ kind: 'connected', atMs: 0 });
    scene.follower.hear({ kind: 'book', outcomeIndex: 0, book: aBook(40, 45), atMs: 1 });
    expect(scene.follower.liveBook()).toBeNull();
    expect(scene.changes).toBe(0);
    expect(scene.kinds).toEqual(['state', 'state']);

    scene.compare(2);
    scene.level(3, 'bid', 41, 9);
    scene.follower.hearPrint(aPrint(41, 4), 4);
    scene.follower.hear({ kind: 'disconnected', reason: 'it broke', atMs: 5 });
    expect(scene.published.slice(2)).toMatchObject([
      { kind: 'book', book: { epoch: 'e1', sequence: 8, state: 'live', owner: 'me', marketId: 'will-it' } },
      { kind: 'changes', epoch: 'e1', sequence: 9, atMs: 3 },
      { kind: 'print', epoch: 'e1', print: { price: price(41) } },
      { kind: 'state', epoch: 'e1', state: 'stale', reason: 'it broke', atMs: 5 },
    ]);
    expect(scene.follower.liveBook()).toMatchObject({
      sequence: 9,
      state: 'stale',
      reason: 'it broke',
      stateSinceMs: 5,
      lastTradePrice: price(41),
      bids: [{ price: price(41) }, { price: price(40) }],
    });
    expect(scene.changes).toBe(4);
  });

  it('B2 is each print once', () => {
    const scene = Scene.live();
    expect(scene.follower.hearPrint(aPrint(44, 10), 10)).toBe(true);
    expect(scene.follower.hearPrint(aPrint(44, 10), 12)).toBe(false);
    expect(scene.follower.hearPrint(aPrint(44, 11), 13)).toBe(true);
    expect(scene.kinds).toEqual(['print', 'print']);
  });

  it('is told to resting orders first, beginning with the book as it is when they come', () => {
    const scene = Scene.live();
    scene.level(1, 'bid', 41, 9);
    const told = scene.attach(2);
    scene.level(3, 'ask', 46, 9);
    scene.follower.hearPrint(aPrint(41, 4), 4);
    scene.follower.pass(5);
    scene.follower.hear({ kind: 'tick', tickSize: microPrice(1_000n), atMs: 6 });
    expect(told.events).toEqual(['snapshot', 'changes', 'print', 'clock', 'tick', 'gap']);
    expect(scene.kinds).toEqual(['changes 2', 'changes 3', 'print', 'state']);
  });
});

describe('F7 a pause of the process', () => {
  it('is told to resting orders before what was heard in it', () => {
    const scene = Scene.live();
    const told = scene.attach(0);
    for (const atMs of [250, 500, 1_000]) scene.follower.pass(atMs);
    expect(told.events).toEqual(['snapshot', 'clock', 'clock', 'clock']);
    scene.level(1_501, 'ask', 46, 9);
    scene.follower.pass(2_002);
    scene.follower.hearPrint(aPrint(41, 2_503), 2_503);
    expect(told.events.slice(4)).toEqual(['pause', 'changes', 'pause', 'clock', 'pause', 'print']);
  });
});

describe('whose a market is', () => {
  it('counts at the time of each event: what is heard later counts for nothing, and nothing fills', () => {
    const scene = Scene.live();
    const told = scene.attach(0);
    scene.follower.hold(4_000);
    scene.level(3_999, 'bid', 41, 9);
    expect(scene.follower.hearPrint(aPrint(41, 4_000), 4_000)).toBe(false);
    scene.level(4_001, 'bid', 42, 9);
    expect(told.events).toEqual(['snapshot', 'pause', 'changes', 'gap']);
    expect(scene.kinds).toEqual(['changes 2', 'state']);
    expect(scene.state).toBe(`recovering: ${ENDED_BY_OWNER}`);
    expect(scene.follower.isHeld(3_000)).toBe(false);
  });
});

describe('A2 how a book comes back', () => {
  const asked = (scene: Scene, fromMs: number, toMs: number): number[] => {
    const at: number[] = [];
    for (let atMs = fromMs; atMs <= toMs; atMs += 250) {
      const before = scene.resubscriptions;
      scene.follower.pass(atMs);
      if (scene.resubscriptions === before) continue;
      at.push(atMs);
      scene.follower.hear({ kind: 'connected', atMs });
    }
    return at;
  };

  it('asks for a whole book soon after one was lost, then ever more rarely', () => {
    const scene = Scene.live();
    scene.follower.hear({ kind: 'lost', reason: 'something was', atMs: 1_000 });
    expect(asked(scene, 1_000, 100_000)).toEqual([1_500, 6_500, 11_500, 16_500, 24_500, 40_500, 70_500]);
  });

  it('gives a subscription time, and a crossed book the time to be mended', () => {
    const scene = Scene.live();
    scene.level(1_000, 'bid', 45, 9);
    expect(scene.state).toBe('recovering: its best bid is not below its best ask');
    expect(asked(scene, 1_000, 1_250)).toEqual([]);
    scene.level(1_300, 'bid', 45, 0);
    expect(scene.state).toBe('live');
    expect(asked(scene, 1_500, 9_000)).toEqual([]);

    const other = new Scene();
    other.follower.hear({ kind: 'connected', atMs: 0 });
    expect(asked(other, 0, 4_750)).toEqual([]);
    expect(asked(other, 5_000, 5_000)).toEqual([5_000]);
  });

  it('begins without a pause again after it was live for a while', () => {
    const scene = Scene.live();
    const loseAndMend = (atMs: number): number[] => {
      scene.follower.hear({ kind: 'lost', reason: 'something was', atMs });
      const at = asked(scene, atMs, atMs + 3_000).map((askedMs) => askedMs - atMs);
      scene.follower.hear({ kind: 'book', outcomeIndex: 0, book: aBook(40, 45), atMs: atMs + 3_000 });
      expect(scene.state).toBe('live');
      return at;
    };
    expect(loseAndMend(10_000)).toEqual([500]);
    expect(loseAndMend(14_000)).toEqual([1_000]);
    expect(loseAndMend(18_000)).toEqual([2_000]);
    scene.follower.hear({ kind: 'ponged', atMs: 40_000 });
    scene.follower.pass(52_000);
    expect(loseAndMend(53_000)).toEqual([500]);
  });

  it('asks for nothing while the stream is not there', () => {
    const scene = Scene.live();
    scene.follower.hear({ kind: 'disconnected', reason: 'it broke', atMs: 1_000 });
    expect(asked(scene, 1_000, 60_000)).toEqual([]);
  });
});

describe('A2 when a book is compared', () => {
  it('is at once when it never was, not while one is asked for, and later after a failure', () => {
    const scene = new Scene();
    expect(scene.follower.isComparisonDue(0)).toBe(false);
    scene.follower.hear({ kind: 'connected', atMs: 0 });
    expect(scene.follower.isComparisonDue(0)).toBe(false);
    scene.follower.hear({ kind: 'book', outcomeIndex: 0, book: aBook(40, 45), atMs: 1 });
    expect(scene.follower.isComparisonDue(1)).toBe(true);
    scene.follower.beginComparison();
    expect(scene.follower.isComparisonDue(2)).toBe(false);
    scene.follower.failComparison(3);
    expect(scene.follower.isComparisonDue(1_002)).toBe(false);
    expect(scene.follower.isComparisonDue(1_003)).toBe(true);
    scene.follower.beginComparison();
    scene.follower.failComparison(1_003);
    expect(scene.follower.isComparisonDue(3_002)).toBe(false);
    expect(scene.compare(3_003)).toBe(true);
    expect(scene.state).toBe('live');
  });

  it('passes over an answer that is older than the book, or came so late that both may differ in good faith', () => {
    const scene = Scene.live();
    scene.follower.hear({ kind: 'lost', reason: 'something was', atMs: 5_000 });
    scene.follower.hear({ kind: 'book', outcomeIndex: 0, book: aBook(41, 46), atMs: 5_500 });
    expect(scene.compare(5_600, aBook(40, 45), 5_400)).toBe(false);
    scene.level(6_500, 'bid', 42, 9);
    expect(scene.compare(8_000, aBook(41, 46), 6_000)).toBe(false);
    scene.follower.pass(20_000);
    expect(scene.state).toBe('live');
    expect(scene.follower.isComparisonDue(20_000)).toBe(true);
  });

  it('is at once when orders come to it, and it stays live for the moment that takes, and no longer', () => {
    const ordered = (): Scene => {
      const scene = Scene.live();
      for (let atMs = 10_000; atMs <= 190_000; atMs += 10_000) {
        scene.follower.hear({ kind: 'ponged', atMs });
        scene.level(atMs, 'bid', 40, 100);
      }
      expect(scene.follower.isComparisonDue(190_000)).toBe(false);
      scene.follower.expectOrders(true, 190_000);
      expect(scene.follower.isComparisonDue(190_000)).toBe(true);
      scene.follower.pass(194_999);
      return scene;
    };
    const compared = ordered();
    compared.compare(194_999);
    compared.follower.pass(195_000);
    compared.follower.pass(200_000);
    expect([compared.state, compared.kinds]).toEqual(['live', []]);

    const failed = ordered();
    expect(failed.state).toBe('live');
    failed.follower.pass(195_000);
    expect(failed.state).toBe("stale: it was last compared with Polymarket's own book too long ago");
    failed.follower.expectOrders(false, 196_000);
    expect(failed.state).toBe('live');

    const brief = ordered();
    brief.follower.expectOrders(false, 194_999);
    brief.follower.pass(200_000);
    expect(brief.state).toBe('live');
  });

  it('finds out a stream that lies, and a market whose book is gone', () => {
    const scene = Scene.live();
    expect(scene.compare(10_000, aBook(40, 45, 99))).toBe(true);
    expect(scene.state).toBe('live');
    scene.follower.pass(12_000);
    expect(scene.state).toBe("recovering: it differs from Polymarket's own book at the bid 0.4");

    const gone = Scene.live();
    expect(gone.compare(10_000, null)).toBe(false);
    expect(gone.state).toBe("recovering: Polymarket's own book of it cannot be found");
  });
});

describe('F10 a market that takes no orders', () => {
  it('is halted until it takes them again, but for good once its result was announced', () => {
    const scene = Scene.live();
    scene.follower.setHalt('it rests', 1);
    expect(scene.state).toBe('halted: it rests');
    scene.follower.setHalt(null, 2);
    expect(scene.state).toBe('live');
    scene.follower.hearResult(3);
    scene.follower.setHalt('it is closed', 4);
    scene.follower.setHalt(null, 5);
    expect(scene.state).toBe('halted: it is closed');
  });
});

it('tells anew how things stand to who may have missed it', () => {
  const scene = Scene.live();
  scene.follower.tellAgain(1);
  scene.follower.hear({ kind: 'lost', reason: 'something was', atMs: 2 });
  scene.follower.tellAgain(3);
  expect(scene.published).toMatchObject([
    { kind: 'book', book: { sequence: 1 } },
    { kind: 'state', atMs: 2 },
    { kind: 'state', atMs: 3, state: 'recovering', reason: 'something was' },
  ]);
});
