import { decodeLiveBook, type LiveBook } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';
import { InProcessBookStore, InProcessMessageBus, type StoredBook } from '@app/platform';
import { ManualClock, waitFor } from '@app/testing';
import { Logger } from '@nestjs/common';
import type { MarketFollower } from '../following/market-follower';
import { BookPublisher } from './book-publisher';

const CONDITION = `0x${'c'.repeat(64)}`;

/** A store whose writes end when they are let, and that can be away. */
class SlowStore extends InProcessBookStore {
  readonly puts: (readonly StoredBook[])[] = [];
  isAway = false;
  private readonly held: (() => void)[] = [];
  isHolding = false;
  onPut: () => void = () => undefined;

  override async put(books: readonly StoredBook[], ttlMs: number): Promise<void> {
    this.puts.push(books);
    this.onPut();
    if (this.isHolding) await new Promise<void>((go) => this.held.push(go));
    if (this.isAway) throw new Error('away');
    await super.put(books, ttlMs);
  }

  release(): void {
    this.isHolding = false;
    for (const go of this.held.splice(0)) go();
  }
}

/** A follower as far as it is written of. */
class Written {
  sequence = 1;
  heldUntilMs = Number.POSITIVE_INFINITY;
  readonly market: { conditionId: string };

  constructor(conditionId = CONDITION) {
    this.market = { conditionId };
  }

  isHeld(atMs: number): boolean {
    return atMs < this.heldUntilMs;
  }

  liveBook(): LiveBook {
    return {
      conditionId: this.market.conditionId,
      marketId: 'will-it',
      tokenIds: ['1', '2'],
      outcomes: ['Yes', 'No'],
      owner: 'me',
      epoch: 'e1',
      sequence: this.sequence,
      state: 'live',
      reason: null,
      stateSinceMs: 0,
      bids: [{ price: microPrice(400_000n), size: microShares(1_000_000n) }],
      asks: [],
      tickSize: null,
      minOrderSize: null,
      negRisk: null,
      lastTradePrice: null,
      hash: null,
      venueTimeMs: 0,
      receivedAtMs: 0,
    };
  }
}

let clock: ManualClock;
let store: SlowStore;
let publisher: BookPublisher;
let written: Written;
let follower: MarketFollower;

beforeAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(() => {
  clock = new ManualClock();
  store = new SlowStore(clock);
  publisher = new BookPublisher(new InProcessMessageBus(), store, clock);
  written = new Written();
  follower = written as unknown as MarketFollower;
});

async function storedSequence(): Promise<number | null> {
  const [text] = await store.get([CONDITION]);
  return text == null ? null : (decodeLiveBook(text)?.sequence ?? null);
}

function change(): void {
  written.sequence += 1;
  publisher.changed(follower);
}

it('writes once for what changes together, and the newest after a write that took long', async () => {
  for (let changes = 0; changes < 50; changes += 1) change();
  await waitFor(async () => (await storedSequence()) === 51);
  expect(store.puts).toHaveLength(1);
  store.isHolding = true;
  change();
  await waitFor(() => store.puts.length === 2);
  for (let changes = 0; changes < 50; changes += 1) change();
  store.release();
  await waitFor(async () => (await storedSequence()) === 102);
  expect(store.puts).toHaveLength(3);
});

it('writes again, at the next refresh, what the store did not take', async () => {
  store.isAway = true;
  change();
  await waitFor(() => store.puts.length === 1);
  change();
  store.isAway = false;
  publisher.refresh();
  await waitFor(async () => (await storedSequence()) === 3);
});

it('writes again what nobody changed, before it expires, and nothing of what is not held any more', async () => {
  change();
  await waitFor(async () => (await storedSequence()) === 2);
  clock.advance(10_000);
  publisher.refresh();
  await waitFor(() => store.puts.length === 2);
  written.heldUntilMs = 0;
  change();
  await waitFor(() => store.puts.length === 3);
  expect(store.puts[2]).toEqual([]);
  expect(await storedSequence()).toBe(2);
});

it('leaves the book of a market that goes to another, and removes that of one nobody wants', async () => {
  change();
  await waitFor(async () => (await storedSequence()) === 2);
  written.sequence = 3;
  await publisher.conclude([follower], () => true);
  expect(await storedSequence()).toBe(3);
  await publisher.conclude([follower], () => false);
  expect(await storedSequence()).toBeNull();
});

it('concludes a market while another changes faster than it can be written', async () => {
  const other = new Written(`0x${'d'.repeat(64)}`) as unknown as MarketFollower;
  store.onPut = () => publisher.changed(other);
  publisher.changed(other);
  change();
  await waitFor(async () => (await storedSequence()) === 2);
  await publisher.conclude([follower], () => false);
  expect(await storedSequence()).toBeNull();
  store.onPut = () => undefined;
});
