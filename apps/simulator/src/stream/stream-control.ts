import { z } from 'zod';
import { type Answer, type Call, json, parse } from '../http/answer';
import type { Level } from '../world/books';
import type { MarketState } from '../world/market-state';
import type { World } from '../world/world';
import type { Flow } from './flow';
import type { LevelSet } from './live-book';
import type { LiveBooks } from './live-books';
import type { LiveMarket, PrintTerms } from './live-market';
import type { MarketFeed } from './market-feed';
import { streamFaultSchema } from './stream-faults';

const MICRO = 1_000_000;

/** A number or its decimal text, in micro-units. */
const micro = z
  .union([z.number(), z.string().regex(/^\d*\.?\d+$/)])
  .transform((value) => Math.round(Number(value) * MICRO));
const price = micro.refine((value) => value > 0 && value < MICRO, 'must be between 0 and 1');
const quantity = micro.refine((value) => value > 0, 'must be above 0');
/** What a level holds; nothing takes it away. */
const levelSize = micro.refine((value) => value >= 0, 'must not be negative');

/** Which outcome's terms prices and sides are in. */
const outcome = z.union([z.literal(0), z.literal(1)]).default(0);
const side = z.enum(['BUY', 'SELL']);

const told = {
  /** `stream_only` tells what is not so, `silently` does not tell what is. */
  told: z.enum(['truly', 'stream_only', 'silently']).default('truly'),
};

const tradeSchema = z.strictObject({ outcome, side, size: quantity, limit: price.optional() });
const printSchema = z.strictObject({ outcome, side, size: quantity, price });
const levelsSchema = z.strictObject({
  outcome,
  levels: z.array(z.strictObject({ side, price, size: levelSize })).min(1),
  ...told,
});
const levelList = z.array(z.strictObject({ price, size: quantity }));
const bookSchema = z.strictObject({ outcome, bids: levelList, asks: levelList, ...told });
const crossSchema = z.strictObject({ size: quantity.default(10 * MICRO), ...told });
const announceSchema = z.strictObject({ winner: z.union([z.literal(0), z.literal(1)]) });

const stepSchema = z.strictObject({
  /** Moves in each market. */
  moves: z.number().int().min(1).max(1_000_000),
  /** One market, followed or not; left out: all that are followed. */
  slug: z.string().optional(),
  /** The world's clock goes on by so much after each move. */
  advance_ms: z.number().int().min(0).max(60_000).default(0),
});
const flowSchema = z.strictObject({ per_second: z.number().min(0).max(100_000) });
const faultsSchema = z.preprocess(
  (given) => (Array.isArray(given) ? (given as unknown[]) : [given]),
  z.array(streamFaultSchema),
);

/** What of the control port concerns the market channel and the books it tells of. */
export class StreamControl {
  constructor(
    private readonly feed: MarketFeed,
    /** Null in replay, where nothing moves. */
    private readonly moving: { world: World; books: LiveBooks; flow: Flow } | null,
  ) {}

  /** Null when the call is about something else. */
  answer(call: Call): Answer | null {
    const { method, path } = call;
    switch (`${method} ${path}`) {
      case 'GET /stream':
        return json({ ...this.feed.report(), ...this.describeFlow() });
      case 'POST /stream/faults':
        return this.disturb(call.body);
      case 'POST /stream/heal':
        this.heal();
        return json({ healed: true });
    }
    const { moving } = this;
    if (moving === null) return null;
    if (method === 'POST' && path === '/stream/step') return this.step(moving, call.body);
    if (method === 'POST' && path === '/stream/flow') {
      const parsed = parse(flowSchema, call.body);
      if ('answer' in parsed) return parsed.answer;
      moving.flow.setPace(parsed.value.per_second);
      return json({ per_second: moving.flow.pace });
    }
    const [, slug, what] = /^\/markets\/([^/]+)\/([a-z]+)$/.exec(path) ?? [];
    if (slug === undefined || what === undefined) return null;
    const market = moving.world.findBySlug(decodeURIComponent(slug));
    if (market === null) return json({ error: 'market not found' }, 404);
    return this.onMarket(moving.books, market, `${method} ${what}`, call.body);
  }

  heal(): void {
    this.feed.heal();
  }

  /** Tells followers what the control port changed in the world. */
  refresh(): void {
    this.moving?.books.refresh();
  }

  announceNew(markets: readonly MarketState[]): void {
    this.moving?.books.announceNew(markets);
  }

  private describeFlow(): Record<string, unknown> {
    if (this.moving === null) return { per_second: 0, followed: 0 };
    const { flow, books } = this.moving;
    return { per_second: flow.pace, followed: books.followed().length };
  }

  private disturb(body: string): Answer {
    const parsed = parse(faultsSchema, body);
    if ('answer' in parsed) return parsed.answer;
    return json({ hit: parsed.value.map((fault) => this.feed.disturb(fault)) });
  }

  private step(moving: { world: World; books: LiveBooks }, body: string): Answer {
    const parsed = parse(stepSchema, body);
    if ('answer' in parsed) return parsed.answer;
    const { moves, slug, advance_ms } = parsed.value;
    const { world, books } = moving;
    const one = slug === undefined ? null : world.findBySlug(slug);
    if (slug !== undefined && one === null) return json({ error: 'market not found' }, 404);
    const markets = one === null ? books.followed() : [books.of(one)];
    for (let move = 0; move < moves; move += 1) {
      for (const live of markets) books.step(live, 1);
      if (advance_ms > 0) world.advance(advance_ms / 1000);
    }
    return json({ markets: markets.length, now: new Date(world.nowMs()).toISOString() });
  }

  private onMarket(books: LiveBooks, market: MarketState, what: string, body: string): Answer {
    const live = movable(books, market);
    if (live === null) return json({ error: `${market.slug} has no order book` }, 409);
    if (what === 'GET book') return json(describe(live));
    if (what === 'POST announce') {
      const parsed = parse(announceSchema, body);
      if ('answer' in parsed) return parsed.answer;
      books.tell(live.announce(parsed.value.winner));
      return json(describe(live));
    }
    if (live.book(0) === null) return json({ error: `${market.slug} shows no order book now` }, 409);
    switch (what) {
      case 'POST trade':
        return this.trade(books, live, body);
      case 'POST print': {
        const parsed = parse(printSchema, body);
        if ('answer' in parsed) return parsed.answer;
        books.tell(live.print(parsed.value));
        return json({ prints: [printRow(parsed.value)] });
      }
      case 'POST levels': {
        const parsed = parse(levelsSchema, body);
        if ('answer' in parsed) return parsed.answer;
        books.tell(live.setLevels(parsed.value.levels.map(canonicalSet(parsed.value.outcome)), parsed.value.told));
        return json(describe(live));
      }
      case 'POST book': {
        const parsed = parse(bookSchema, body);
        if ('answer' in parsed) return parsed.answer;
        const { bids, asks } = canonicalBook(parsed.value);
        books.tell(live.replace(bids, asks, parsed.value.told));
        return json(describe(live));
      }
      case 'POST cross': {
        const parsed = parse(crossSchema, body);
        if ('answer' in parsed) return parsed.answer;
        const crossing = live.crossing(parsed.value.size);
        if (crossing === null) return json({ error: 'the book has no asks to cross' }, 409);
        books.tell(live.setLevels([crossing], parsed.value.told));
        return json(describe(live));
      }
      default:
        return json({ error: `no ${what}` }, 404);
    }
  }

  private trade(books: LiveBooks, live: LiveMarket, body: string): Answer {
    const parsed = parse(tradeSchema, body);
    if ('answer' in parsed) return parsed.answer;
    const { frames, prints } = live.trade(parsed.value, parsed.value.limit ?? null);
    books.tell(frames);
    return json({ prints: prints.map(printRow) });
  }
}

function movable(books: LiveBooks, market: MarketState): LiveMarket | null {
  return books.canMove(market) ? books.of(market) : null;
}

/** The truth: both outcomes' books as REST answers them, and what happened so far. */
function describe(live: LiveMarket): Record<string, unknown> {
  const { followers, steps, prints } = live;
  return { books: [live.book(0), live.book(1)], followers, steps, prints };
}

function printRow({ outcome: of, side: taker, price: at, size }: PrintTerms): Record<string, unknown> {
  return { outcome: of, side: taker, price: (at / MICRO).toString(), size: (size / MICRO).toString() };
}

/** A level of one outcome in the first one's terms. */
function canonicalSet(of: number): (level: { side: 'BUY' | 'SELL' } & Level) => LevelSet {
  return ({ side: on, price: at, size }) => ({
    side: (on === 'BUY') === (of === 0) ? 'bid' : 'ask',
    price: of === 0 ? at : MICRO - at,
    size,
  });
}

function canonicalBook(given: { outcome: number; bids: Level[]; asks: Level[] }): { bids: Level[]; asks: Level[] } {
  if (given.outcome === 0) return given;
  const mirror = (levels: Level[]): Level[] => levels.map((level) => ({ ...level, price: MICRO - level.price }));
  return { bids: mirror(given.asks), asks: mirror(given.bids) };
}
