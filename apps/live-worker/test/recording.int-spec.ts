import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Market, microShares } from '@app/domain';
import { LevelBook, type RestingEvent } from '@app/exchange';
import { Metrics } from '@app/platform';
import { waitFor } from '@app/testing';
import { asText, replay } from '../../../libs/exchange/test/replay';
import type { Tape } from '../../../libs/exchange/test/tape';
import { conditionOf, DEADLINE, LiveWorld } from './live-worker-harness';
import { tapesOf } from './recorded-tape';

let folder: string;
let tape: Tape;
let truth: string[];
let market: Market;
let metrics: string;

/** A worker follows a market through trades and a broken connection, and is stopped. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
  const world = await LiveWorld.start({ recordingFolder: folder });
  try {
    market = await world.aMarket();
    await world.want(market);
    await world.live(market);
    await world.venue.step(150, { slug: market.slug, advanceMs: 20 });
    // Whatever the flow does: through all that is bid at the start.
    await world.venue.print(market.slug, { side: 'SELL', size: '20', price: '0.01' });
    await world.equal(market);
    await world.venue.streamFault({ kind: 'garbage' }, { kind: 'disconnect' });
    await world.equal(market);
    await world.venue.step(150, { slug: market.slug, advanceMs: 20 });
    await world.equal(market);
    truth = await world.truth(market);
    const recorded = /^live_recording_counts\{kind="lines"\} [1-9]/m;
    metrics = await waitFor(async () => {
      const shown = await world.get(Metrics).registry.metrics();
      return recorded.test(shown) ? shown : null;
    }, DEADLINE);
  } finally {
    await world.stop();
  }
  const files = (await readdir(folder)).sort().map((file) => join(folder, file));
  tape = (await tapesOf(files)).get(conditionOf(market))!;
});

afterAll(() => rm(folder, { recursive: true }));

/** The last book of a tape, as texts. */
function lastBook(events: readonly RestingEvent[]): string[] {
  const book = new LevelBook();
  for (const event of events) {
    if (event.kind === 'snapshot') book.replace(event.bids, event.asks);
    if (event.kind === 'changes') for (const { side, price, size } of event.changes) book.set(side, price, size);
  }
  const texts = (side: 'bid' | 'ask') =>
    (side === 'bid' ? book.bids : book.asks).map(({ price, size }) => `${side} ${price} ${size}`);
  return [...texts('bid'), ...texts('ask')].sort();
}

describe('what a live-worker recorded', () => {
  it('gives the book the venue had, and tells of the gap between', () => {
    expect(lastBook(tape.events)).toEqual(truth);
    expect(tape.events.some(({ kind }) => kind === 'gap')).toBe(true);
    expect(tape.events.some(({ kind }) => kind === 'print')).toBe(true);
  });

  it('is counted in the metrics, and so is what the disk did not take', () => {
    expect(metrics).toMatch(/^live_recording_counts\{kind="bytes"\} [1-9]/m);
    expect(metrics).toMatch(/^live_recording_counts\{kind="lost_lines"\} 0$/m);
  });

  it('fills paper orders the same every time', () => {
    const orders: RestingEvent[] = [];
    const events = tape.events.flatMap((event, index): RestingEvent[] => {
      if (event.kind !== 'snapshot') return [event];
      const [bid] = event.bids;
      if (bid === undefined) return [event];
      const order: RestingEvent = {
        kind: 'place',
        atMs: event.atMs,
        order: {
          orderId: `order-${index}`,
          portfolioId: 'portfolio',
          outcomeIndex: 0,
          side: 'buy',
          price: bid.price,
          quantity: microShares(50_000_000n),
          filledQuantity: microShares(0n),
          profile: 'realistic',
          restingSinceMs: event.venueTimeMs,
          expiresAtMs: null,
          queueAhead: null,
          queueAheadAtEntry: null,
          arrivalMidpoint: null,
        },
      };
      orders.push(order);
      return [event, order];
    });
    expect(orders.length).toBeGreaterThan(0);
    const first = replay({ ...tape, events });
    expect(first.fills.length).toBeGreaterThan(0);
    expect(asText(replay({ ...tape, events }).outcomes)).toBe(asText(first.outcomes));
  });
});
