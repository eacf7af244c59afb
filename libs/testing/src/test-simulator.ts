import {
  type BookAnswer,
  createSimulator,
  type Fault,
  type RequestReport,
  type SimulatorOptions,
  type StreamFaultInput,
  type StreamReport,
} from '../../../apps/simulator/src';

/** A simulated venue in this process, with its control port at hand. */
export interface TestSimulator {
  readonly url: string;
  readonly gammaUrl: string;
  readonly clobUrl: string;
  readonly dataUrl: string;
  readonly controlUrl: string;
  /** Of the market channel: `ws://…/ws/market`. */
  readonly marketStreamUrl: string;
  /** What was asked since the start or the last reset. */
  requests(): RequestReport;
  /** Adds faults for the next matching requests. */
  fault(...faults: FaultInput[]): Promise<void>;
  /** Changes one market by the keys of the control port. Answers its Gamma object. */
  change(slug: string, change: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Opens new markets; answers their slugs. */
  addMarkets(count: number): Promise<string[]>;
  /** Moves the world's clock. */
  advance(seconds: number): Promise<void>;
  /** Lets the followed markets, or one market, make so many moves; the world's clock goes on by `advanceMs` after each. */
  step(moves: number, options?: { slug?: string; advanceMs?: number }): Promise<void>;
  /** Disturbs the market channel; answers how many connections, or waiting faults, each of them hit. */
  streamFault(...faults: StreamFaultInput[]): Promise<number[]>;
  /** Ends every fault of the market channel. */
  healStream(): Promise<void>;
  /** What the market channel did so far. */
  stream(): Promise<StreamReport & { followed: number; per_second: number }>;
  /** The books of both outcomes as they truly are; null where the venue shows none. */
  books(slug: string): Promise<[BookAnswer | null, BookAnswer | null]>;
  /** Somebody takes from the book, in one outcome's terms; answers the prints that made. */
  trade(slug: string, trade: SimulatedTrade & { limit?: string }): Promise<SimulatedPrint[]>;
  /** Tells of a trade that takes nothing of the book. */
  print(slug: string, trade: SimulatedTrade & { price: string }): Promise<void>;
  /** Sets levels of one outcome's book; size 0 removes one. */
  setLevels(slug: string, levels: readonly SimulatedLevel[], options?: LevelOptions): Promise<void>;
  /** Forgets requests and waiting faults, those of the market channel too. */
  reset(): Promise<void>;
  /**
   * Gamma objects as the venue answers them now, ascending by id.
   * @param listed only what the cursor lists show: active and not archived
   */
  markets(options?: { listed?: boolean }): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** A taker in one outcome's terms, the first one's when left out. Sizes and prices are decimal texts. */
export interface SimulatedTrade {
  side: 'BUY' | 'SELL';
  size: string;
  outcome?: 0 | 1;
}

export interface SimulatedPrint extends Required<SimulatedTrade> {
  price: string;
}

/** `BUY` levels are bids. */
export interface SimulatedLevel {
  side: 'BUY' | 'SELL';
  price: string;
  size: string;
}

export interface LevelOptions {
  outcome?: 0 | 1;
  /** `stream_only`: told although it is not so; `silently`: so, and not told. */
  told?: 'truly' | 'stream_only' | 'silently';
}

/** A fault without the keys that have a default: once, at once. */
export type FaultInput = { kind: Fault['kind']; path: string } & Record<string, unknown>;

/** Starts a simulator on a free port: 500 markets of seed 1, a clock that stands still, and no rate limit unless told otherwise. */
export async function startTestSimulator(options: SimulatorOptions = {}): Promise<TestSimulator> {
  const simulator = await createSimulator({ markets: 500, ...options });
  const { controlUrl } = simulator;

  async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(controlUrl + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const parsed = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`control ${method} ${path} answered ${answer.status}: ${JSON.stringify(parsed)}`);
    return parsed;
  }

  return {
    url: simulator.url,
    gammaUrl: simulator.gammaUrl,
    clobUrl: simulator.clobUrl,
    dataUrl: simulator.dataUrl,
    controlUrl,
    marketStreamUrl: simulator.marketStreamUrl,
    requests: () => simulator.requests(),
    async fault(...faults) {
      await control('POST', '/faults', faults);
    },
    change: (slug, change) => control('POST', `/markets/${encodeURIComponent(slug)}`, change),
    async addMarkets(count) {
      return (await control('POST', '/markets', { count })).slugs as string[];
    },
    async advance(seconds) {
      await control('POST', '/tick', { seconds });
    },
    async step(moves, { slug, advanceMs = 0 } = {}) {
      await control('POST', '/stream/step', { moves, advance_ms: advanceMs, ...(slug === undefined ? {} : { slug }) });
    },
    async streamFault(...faults) {
      return (await control('POST', '/stream/faults', faults)).hit as number[];
    },
    async healStream() {
      await control('POST', '/stream/heal');
    },
    async stream() {
      return (await control('GET', '/stream')) as unknown as StreamReport & { followed: number; per_second: number };
    },
    async books(slug) {
      const { books } = await control('GET', `/markets/${encodeURIComponent(slug)}/book`);
      return books as [BookAnswer | null, BookAnswer | null];
    },
    async trade(slug, trade) {
      const { prints } = await control('POST', `/markets/${encodeURIComponent(slug)}/trade`, trade);
      return prints as SimulatedPrint[];
    },
    async print(slug, trade) {
      await control('POST', `/markets/${encodeURIComponent(slug)}/print`, trade);
    },
    async setLevels(slug, levels, { outcome = 0, told = 'truly' } = {}) {
      await control('POST', `/markets/${encodeURIComponent(slug)}/levels`, { outcome, levels, told });
    },
    async reset() {
      await control('POST', '/reset');
    },
    async markets({ listed = false } = {}) {
      const rows: Record<string, unknown>[] = [];
      for (let from: number | null = 0; from !== null;) {
        const page = await control('GET', `/markets?from=${from}&limit=500&listed=${listed}`);
        rows.push(...(page.markets as Record<string, unknown>[]));
        from = page.next as number | null;
      }
      return rows;
    },
    stop: () => simulator.stop(),
  };
}
