import type { TestSimulator } from '@app/testing';

/** A market the soak disturbs. */
export interface SoakMarket {
  slug: string;
  tokenIds: readonly [string, string];
}

export interface DisturbanceTools {
  simulator: TestSimulator;
  market: SoakMarket;
  /** Draws from [0, 1). */
  random: () => number;
}

type Disturbance = (tools: DisturbanceTools) => Promise<unknown>;

const GARBAGE = ['text', 'binary', 'cut_json', 'wrong_types', 'unknown_event', 'huge'] as const;
const BOOK_REQUESTS = '/clob/book';

const between = (random: () => number, from: number, to: number): number => Math.round(from + random() * (to - from));

/** Everything that goes wrong with a venue's stream, by name. Each passes by itself, or when the simulator is healed. */
export const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  'freeze, pings answered': ({ simulator, random }) =>
    simulator.streamFault({ kind: 'freeze', pings: true, ms: between(random, 1_000, 6_000) }),
  'freeze, pings not answered': ({ simulator, random }) =>
    simulator.streamFault({ kind: 'freeze', pings: false, ms: between(random, 2_000, 8_000) }),
  latency: ({ simulator, random }) => simulator.streamFault({ kind: 'latency', ms: between(random, 50, 1_500) }),
  'slow drip': ({ simulator }) => simulator.streamFault({ kind: 'slow_drip', bytes: 512, every_ms: 5 }),
  'broken connection': ({ simulator }) => simulator.streamFault({ kind: 'disconnect' }),
  'closed connection': ({ simulator }) => simulator.streamFault({ kind: 'disconnect', code: 1012 }),
  'refused connections': ({ simulator }) => simulator.streamFault({ kind: 'disconnect' }, { kind: 'refuse', times: 2 }),
  'dropped asset': ({ simulator, market }) =>
    simulator.streamFault({ kind: 'drop_asset', token_ids: [...market.tokenIds] }),
  'one dropped asset of two': ({ simulator, market }) =>
    simulator.streamFault({ kind: 'drop_asset', token_ids: [market.tokenIds[0]] }),
  garbage: ({ simulator, random }) =>
    simulator.streamFault({ kind: 'garbage', content: GARBAGE[between(random, 0, GARBAGE.length - 1)] ?? 'text' }),
  'words of the protocol': ({ simulator }) =>
    simulator.streamFault({ kind: 'send', text: 'NO NEW ASSETS' }, { kind: 'send', text: 'INVALID OPERATION' }),
  'duplicate prints': ({ simulator }) => simulator.streamFault({ kind: 'duplicate_print', times: 3 }),
  'messages out of order': ({ simulator }) => simulator.streamFault({ kind: 'out_of_order', times: 3 }),
  'lost changes': ({ simulator }) => simulator.streamFault({ kind: 'lose', event: 'price_change', times: 3 }),
  'a lost book': ({ simulator }) => simulator.streamFault({ kind: 'lose', event: 'book' }),
  'lost trades': ({ simulator }) => simulator.streamFault({ kind: 'lose', event: 'last_trade_price', times: 2 }),
  'a crossed book': async ({ simulator, market }) => {
    const [book] = await simulator.books(market.slug);
    const ask = book?.asks.at(-1);
    if (ask === undefined) return;
    await simulator.setLevels(market.slug, [{ side: 'BUY', price: ask.price, size: '10' }], { told: 'stream_only' });
  },
  'a change nobody is told of': async ({ simulator, market, random }) => {
    const [book] = await simulator.books(market.slug);
    const worst = book?.bids[0];
    if (worst === undefined) return;
    const size = String(between(random, 5, 500));
    await simulator.setLevels(market.slug, [{ side: 'BUY', price: worst.price, size }], { told: 'silently' });
  },
  'another tick size': ({ simulator, market }) => simulator.change(market.slug, { tick_size: 0.001 }),
  'a halted market': ({ simulator, market }) => simulator.change(market.slug, { halted: true }),
  'REST refuses': ({ simulator }) => simulator.fault({ kind: 'status', path: BOOK_REQUESTS, status: 503, times: 5 }),
  'REST is slow': ({ simulator }) => simulator.fault({ kind: 'latency', path: BOOK_REQUESTS, ms: 1_500, times: 5 }),
  'REST breaks off': ({ simulator }) => simulator.fault({ kind: 'drop', path: BOOK_REQUESTS, times: 3 }),
  'REST answers garbage': ({ simulator }) => simulator.fault({ kind: 'malformed_json', path: BOOK_REQUESTS, times: 3 }),
};

/** Ends every disturbance. */
export async function heal(simulator: TestSimulator, markets: readonly SoakMarket[]): Promise<void> {
  await simulator.reset();
  for (const { slug } of markets) await simulator.change(slug, { halted: false });
}
