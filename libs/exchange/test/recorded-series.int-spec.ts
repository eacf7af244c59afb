import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MicroPrice, microPrice, microShares, type MicroShares, roundToMicro } from '@app/domain';
import { type BookLevel, canonicalSide, type RestingEvent, type RestingOrder, toCanonical } from '@app/exchange';
import { price, shares } from './fixtures';
import { asText, replay } from './replay';
import { RestingScene } from './resting-scene';
import { readTape, type Tape, writeTape } from './tape';

const folder = process.env['POLYMARKET_RECORDINGS_DIR'];
if (folder === undefined) {
  process.stdout.write(
    'recorded series: skipped, set POLYMARKET_RECORDINGS_DIR to the folder of recordings to replay resting orders over them\n',
  );
}

const text = (file: string): string => readFileSync(join(folder ?? '', file), 'utf8');

/** One look at the top of the book of a five-minute market; of the first outcome, null where a side was empty. */
interface Look {
  condition_id: string;
  /** Seconds. */
  timestamp: number;
  up_best_bid: number | null;
  up_best_ask: number | null;
  up_bid_depth: number;
  up_ask_depth: number;
}

/** What the recorder computed with doubles, to the nearest micro-unit. */
function micro(value: number): bigint {
  const parsed = roundToMicro(String(value));
  if (!parsed.ok) throw new Error(`${value} is no decimal`);
  return parsed.value;
}

function looksOf(file: string): Map<string, Look[]> {
  const markets = new Map<string, Look[]>();
  for (const line of text(`series/${file}`).trim().split('\n')) {
    const look = JSON.parse(line) as Look;
    markets.set(look.condition_id, [...(markets.get(look.condition_id) ?? []), look]);
  }
  return markets;
}

function levels(best: number | null, depth: number): BookLevel[] {
  return best === null || depth === 0 ? [] : [{ price: microPrice(micro(best)), size: microShares(micro(depth)) }];
}

/** Every look as a snapshot; every fifth, an order to rest at either best price, one of each outcome. */
function tapeOf(conditionId: string, looks: readonly Look[]): Tape {
  const events: RestingEvent[] = [];
  for (const [index, look] of looks.entries()) {
    const atMs = Math.round(look.timestamp * 1_000);
    const bids = levels(look.up_best_bid, look.up_bid_depth);
    const asks = levels(look.up_ask_depth === 0 ? null : look.up_best_ask, look.up_ask_depth);
    events.push({ kind: 'snapshot', atMs, venueTimeMs: atMs, bids, asks, sequence: index, hash: null });
    const [bid] = bids;
    const [ask] = asks;
    if (index % 5 !== 0 || bid === undefined || ask === undefined) continue;
    const order = (name: string, outcomeIndex: number, at: MicroPrice, quantity: MicroShares): RestingOrder => ({
      orderId: `${name}-${index}`,
      portfolioId: 'portfolio',
      outcomeIndex,
      side: 'buy',
      price: at,
      quantity,
      filledQuantity: shares('0'),
      profile: 'realistic',
      restingSinceMs: atMs,
      expiresAtMs: null,
      queueAhead: null,
      queueAheadAtEntry: null,
      arrivalMidpoint: null,
    });
    const no = toCanonical('sell', 1, ask.price);
    events.push({ kind: 'place', atMs, order: order('up', 0, bid.price, shares('100')) });
    events.push({ kind: 'place', atMs, order: order('down', 1, no.price, shares('100')) });
  }
  return { conditionId, events };
}

(folder === undefined ? describe.skip : describe)('recorded series', () => {
  it.each([
    ['tob_btc5m_2026-03-02_026.jsonl', 3, 115],
    ['tob_btc5m_2026-03-02_027.jsonl', 4, 294],
  ])('%s: %i five-minute markets, %i looks at their top of the book', (file, marketCount, lookCount) => {
    const markets = looksOf(file);
    expect(markets.size).toBe(marketCount);
    expect([...markets.values()].flat()).toHaveLength(lookCount);
    let filled = 0n;
    for (const [conditionId, looks] of markets) {
      const tape = tapeOf(conditionId, looks);
      const orders = new Map(
        tape.events.flatMap((event) => (event.kind === 'place' ? [[event.order.orderId, event.order]] : [])),
      );
      const realistic = replay(tape);

      // Nothing was recorded of trades: whatever fills was crossed by a quote that stayed from one look to the next.
      expect(replay(tape, { profile: 'conservative' }).fills).toEqual([]);
      for (const fill of realistic.fills) {
        expect(fill).toMatchObject({ rule: 'F7', grade: 'C', price: orders.get(fill.orderId)?.price, printKey: null });
        filled += fill.quantity;
      }
      const naive = replay(tape, { profile: 'ideal' }).fills.reduce((sum, { quantity }) => sum + quantity, 0n);
      expect(realistic.fills.reduce((sum, { quantity }) => sum + quantity, 0n) <= naive).toBe(true);

      expect(asText(replay(readTape(writeTape(tape))).outcomes)).toBe(asText(realistic.outcomes));
      const everywhere = new Set(tape.events.keys());
      expect(asText(replay(tape, { restoreBefore: everywhere }).outcomes)).toBe(asText(realistic.outcomes));
    }
    expect(filled).toBeGreaterThan(0n);
  });

  it('a recorded print fills what it reaches: 85.36 sold at 0.491', () => {
    const told = JSON.parse(text('nautilus/python/ws_messages/last_trade_price.json')) as Record<string, string>;
    const change = JSON.parse(text('nautilus/python/ws_messages/price_change.json')) as Record<string, string>;
    expect(told['market']).toBe(change['market']);
    expect(told['asset_id']).not.toBe(change['asset_id']);

    // The change is of the other token: its ask at 0.514 is a bid at 0.486 here, far below the order.
    expect(canonicalSide('ask', 1)).toBe('bid');
    expect(change['side']).toBe('SELL');
    const bidBelow = toCanonical('sell', 1, price(change['price'] ?? ''));
    expect(bidBelow).toEqual({ side: 'buy', price: price('0.486') });

    const scene = RestingScene.of([`50@${told['price']}`, `${change['size']}@0.486`], ['80@0.493']);
    const atPrice = scene.rest('buy', '0.491', '30');
    const through = scene.rest('buy', '0.492', '20');
    expect(told['side']).toBe('SELL');
    const fills = scene.print('sell', told['price'] ?? '', told['size'] ?? '');
    // 20 at 0.492 by going through; of the 65.36 left, 50 stand before the other and 15.36 fill it.
    expect(fills.map(({ orderId, quantity, rule }) => [orderId, quantity, rule])).toEqual([
      [through, shares('20'), 'F1'],
      [atPrice, shares('15.36'), 'F2'],
    ]);
  });
});
