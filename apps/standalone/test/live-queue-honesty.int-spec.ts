import type { FillBody } from '@app/contracts';
import { type ExecutionProfile, formatMicro, type Market, microPrice, type OrderSide } from '@app/domain';
import { type Print, printKey, toCanonical } from '@app/exchange';
import { readMarketFrame } from '@app/polymarket';
import { waitFor } from '@app/testing';
import { printOf } from '../../live-worker/src/following/stream-feed';
import { StreamClient } from '../../simulator/test/stream-client';
import { DEADLINE, LiveStack, LiveTrader, nowMs } from './live-stack';

/** `ideal` fills at a touch, as naive paper traders do: the shadow of the same orders. */
const PROFILES = ['conservative', 'realistic', 'ideal'] as const satisfies readonly ExecutionProfile[];
const ROUNDS = 8;
const MOVES = 120;
const QUANTITY = 40;

let stack: LiveStack;
let market: Market;
/** Hears what the venue tells, beside the worker. */
let witness: StreamClient;
const traders = new Map<ExecutionProfile, LiveTrader>();

beforeAll(async () => {
  stack = await LiveStack.start({ markets: 1 });
  market = stack.takeMarket();
  for (const profile of PROFILES) traders.set(profile, await LiveTrader.arrive(stack, market, { profile }));
  witness = await StreamClient.following(stack.venue.marketStreamUrl, market.clobTokenIds);
});
afterAll(async () => {
  await witness?.close();
  for (const { live } of traders.values()) await live.close();
  await stack?.stop();
});

/** Every trade the venue told, as the first outcome's market saw it. */
function printsTold(): Print[] {
  const [first = '', second = ''] = market.clobTokenIds;
  return witness.frames.flatMap((frame) => {
    const read = readMarketFrame(frame);
    if (read.kind !== 'messages') return [];
    return read.parts.flatMap((part) => {
      if (part.kind !== 'message' || part.message.type !== 'last_trade_price') return [];
      return printOf(part.message, [first, second], nowMs()) ?? [];
    });
  });
}

/** An order in the first outcome's terms, and the trades that came while it rested. */
interface Rested {
  side: OrderSide;
  price: bigint;
  prints: Print[];
}

/** Rests a bid for each outcome at the best price and one behind it, under every profile. */
async function restEverywhere(): Promise<Map<string, Rested>> {
  const rested = new Map<string, Rested>();
  for (const outcome of [0, 1] as const) {
    for (const trader of traders.values()) {
      for (const [price] of trader.book(outcome).side('bid').slice(0, 2)) {
        const { id } = await trader.account.place(trader.path, {
          market_id: market.slug,
          outcome_index: outcome,
          side: 'buy',
          type: 'limit',
          price,
          quantity: QUANTITY,
          post_only: true,
        });
        rested.set(id, { ...toCanonical('buy', outcome, microPrice(micro(price))), prints: [] });
      }
    }
  }
  await waitFor(() => stack.restingOrders(market) === rested.size, { ...DEADLINE, what: 'all orders in the book' });
  return rested;
}

/** Lets orders rest while the market moves, and takes them back. */
async function round(): Promise<Map<string, Rested>> {
  const before = printsTold().length;
  const rested = await restEverywhere();
  await stack.venue.step(MOVES, { slug: market.slug });
  for (const trader of traders.values()) await trader.untilRight();
  await witness.settled();
  await stack.settled(market);
  for (const trader of traders.values()) await trader.cancelAll();
  await waitFor(() => stack.restingOrders(market) === 0, { ...DEADLINE, what: 'the end of all orders' });
  for (const order of rested.values()) order.prints = printsTold().slice(before);
  return rested;
}

/** Shares of the trades that would have met an order, were it first of all. */
function reaching({ side, price, prints }: Rested): bigint {
  const reached = prints.filter((print) =>
    side === 'buy'
      ? print.aggressor === 'sell' && print.price <= price
      : print.aggressor === 'buy' && print.price >= price,
  );
  return sum(reached.map(({ size }) => size));
}

it('F2 F4 fills no more than the trades the venue told of allow, under numbers of the venue alone, while fills at a touch claim more', async () => {
  const rested = new Map<string, Rested>();
  for (let number = 0; number < ROUNDS; number += 1) for (const one of await round()) rested.set(...one);
  const { conditionId } = market;
  const printed = new Map(printsTold().map((print) => [printKey(conditionId ?? '', print), print.size as bigint]));

  const filled = new Map<ExecutionProfile, bigint>();
  for (const [profile, trader] of traders) {
    const fills = trader.live.all('fill').map(({ fill }) => fill);
    const quantities = fills.map(({ quantity }) => micro(quantity));
    filled.set(profile, sum(quantities));
    // Whatever is stored was told, and nothing else.
    const { positions } = await trader.account.detail(trader.path);
    expect(sum(positions.map(({ quantity }) => micro(quantity)))).toBe(sum(quantities));
    expect(await stack.audit(trader.path)).toEqual([]);
    if (profile === 'ideal') continue;
    for (const [key, used] of sumBy(fills, ({ receipt }) => receipt.print_key)) {
      expect(used).toBeLessThanOrEqual(printed.get(key) ?? 0n);
    }
    const byPrints = fills.filter(({ receipt }) => receipt.print_key !== null);
    for (const [orderId, used] of sumBy(byPrints, ({ order_id: id }) => id)) {
      const order = rested.get(orderId);
      expect(used).toBeLessThanOrEqual(order === undefined ? 0n : reaching(order));
    }
  }

  const [conservative = 0n, realistic = 0n, ideal = 0n] = PROFILES.map((profile) => filled.get(profile));
  process.stdout.write(
    `queue honesty: of ${(rested.size / PROFILES.length) * QUANTITY} shares ordered, conservative filled ${formatMicro(conservative)}, ` +
      `realistic ${formatMicro(realistic)}, fills at a touch ${formatMicro(ideal)}\n`,
  );
  expect(realistic).toBeGreaterThan(0n);
  expect(conservative).toBeLessThan(ideal);
  expect(realistic).toBeLessThan(ideal);
});

/** A decimal number in millionths. */
function micro(decimal: number): bigint {
  return BigInt(Math.round(decimal * 1e6));
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** Shares filled, by a key; fills without one are left out. */
function sumBy(fills: readonly FillBody[], key: (fill: FillBody) => string | null): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const fill of fills) {
    const name = key(fill);
    if (name !== null) sums.set(name, (sums.get(name) ?? 0n) + micro(fill.quantity));
  }
  return sums;
}
