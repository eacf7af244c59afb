import fc from 'fast-check';
import { MICRO } from '@app/domain';
import type { MakerFill, RestingBook, RestingEvent, RestingOrder, RestingOutcome } from '@app/exchange';
import { asText, fillsOf, mirrorEvent, profit, replay, throughOtherOutcome } from './replay';
import { simulateMarket, type SimulationOptions } from './simulated-market';
import type { Tape } from './tape';

/** Tapes with everything on them: several portfolios with several orders each, cancels, replacements, expiries, gaps. */
const CROWDED: Partial<SimulationOptions> = {
  steps: 250,
  ordersPerHundred: 40,
  portfolios: 2,
  gapsPerHundred: 2,
  hasChanges: true,
};

const seeds = fc.string({ minLength: 1, maxLength: 12 });
const profiles = fc.constantFrom('realistic' as const, 'conservative' as const);
const RUNS = { numRuns: 25 };

function placed({ events }: Tape): Map<string, RestingOrder> {
  const orders = new Map<string, RestingOrder>();
  for (const event of events) {
    if (event.kind === 'place' || event.kind === 'replace') orders.set(event.order.orderId, event.order);
  }
  return orders;
}

function sumBy<T>(items: readonly T[], key: (item: T) => string, value: (item: T) => bigint): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const item of items) sums.set(key(item), (sums.get(key(item)) ?? 0n) + value(item));
  return sums;
}

function total(fills: readonly MakerFill[]): bigint {
  return fills.reduce((sum, { quantity }) => sum + quantity, 0n);
}

describe('resting orders over simulated tapes', () => {
  it('F4 no portfolio gets more from a print than its size', () => {
    let shared = 0;
    fc.assert(
      fc.property(seeds, profiles, (seed, profile) => {
        const fills = replay(simulateMarket(seed, { ...CROWDED, profile })).fills.filter(
          ({ printKey }) => printKey !== null,
        );
        const key = ({ portfolioId, printKey }: MakerFill): string => `${portfolioId} ${printKey ?? ''}`;
        const sizes = new Map(fills.map((fill) => [key(fill), fill.printSize ?? 0n]));
        const sums = sumBy(fills, key, ({ quantity }) => quantity);
        for (const [print, sum] of sums) expect(sum <= (sizes.get(print) ?? 0n)).toBe(true);
        shared += fills.length - sums.size;
      }),
      RUNS,
    );
    expect(shared).toBeGreaterThan(0);
  });

  it('F7 B3 no portfolio uses more of a level than was displayed there and joined it', () => {
    let crossed = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const tape = simulateMarket(seed, CROWDED);
        const shown = new Map<string, bigint>();
        const joined = new Map<string, bigint>();
        const show = (side: string, at: bigint, size: bigint): void => {
          const level = `${side} ${at}`;
          const growth = size - (shown.get(level) ?? 0n);
          shown.set(level, size);
          if (growth > 0n) joined.set(level, (joined.get(level) ?? 0n) + growth);
        };
        for (const event of tape.events) {
          if (event.kind === 'changes') for (const { side, price, size } of event.changes) show(side, price, size);
          if (event.kind !== 'snapshot') continue;
          const gone = new Map(shown);
          for (const [side, levels] of [['bid', event.bids] as const, ['ask', event.asks] as const]) {
            for (const { price, size } of levels) {
              show(side, price, size);
              gone.delete(`${side} ${price}`);
            }
          }
          for (const level of gone.keys()) shown.delete(level);
        }
        const used = replay(tape).fills.flatMap(({ portfolioId, crossed: levels }) =>
          levels.map((level) => ({ portfolioId, ...level })),
        );
        const sums = sumBy(
          used,
          ({ portfolioId, side, price }) => `${portfolioId} ${side} ${price}`,
          ({ quantity }) => quantity,
        );
        for (const [key, sum] of sums) {
          expect(sum <= (joined.get(key.slice(key.indexOf(' ') + 1)) ?? 0n)).toBe(true);
        }
        crossed += used.length;
      }),
      RUNS,
    );
    expect(crossed).toBeGreaterThan(0);
  });

  it('A3 nothing fills while the book is not live', () => {
    let hidden = 0;
    fc.assert(
      fc.property(seeds, fc.constantFrom('ideal' as const, 'realistic' as const), (seed, profile) => {
        let wasLive = false;
        const onEvent = (event: RestingEvent, outcomes: readonly RestingOutcome[], book: RestingBook): void => {
          if (!wasLive && event.kind !== 'snapshot') {
            expect(fillsOf(outcomes)).toEqual([]);
            if (event.kind === 'place') hidden += 1;
          }
          wasLive = book.bookState.state === 'live';
        };
        replay(simulateMarket(seed, { ...CROWDED, gapsPerHundred: 10, profile }), { onEvent });
      }),
      RUNS,
    );
    expect(hidden).toBeGreaterThan(0);
  });

  it('F8 every fill is at its limit; filled + remaining = ordered; an order that ended fills no more', () => {
    let ended = 0;
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom('ideal' as const, 'realistic' as const, 'conservative' as const),
        (seed, profile) => {
          const tape = simulateMarket(seed, { ...CROWDED, profile });
          const orders = placed(tape);
          const { outcomes, book } = replay(tape);
          const filled = new Map<string, bigint>();
          const gone = new Set<string>();
          for (const outcome of outcomes) {
            const { orderId } = outcome;
            const order = orders.get(orderId);
            if (order === undefined || outcome.kind === 'queued') continue;
            expect(gone.has(orderId)).toBe(false);
            if (outcome.kind === 'fill') {
              expect(outcome.price).toBe(order.price);
              expect(outcome.quantity > 0n).toBe(true);
              filled.set(orderId, (filled.get(orderId) ?? 0n) + outcome.quantity);
            }
            expect((filled.get(orderId) ?? 0n) + outcome.remaining).toBe(order.quantity);
            if (outcome.kind === 'ended' || outcome.remaining === 0n) gone.add(orderId);
          }
          ended += gone.size;
          for (const [orderId, order] of orders) {
            expect(book.find(orderId) === null).toBe(gone.has(orderId));
            const remaining = book.find(orderId)?.remaining;
            if (remaining !== undefined) expect((filled.get(orderId) ?? 0n) + remaining).toBe(order.quantity);
          }
        },
      ),
      RUNS,
    );
    expect(ended).toBeGreaterThan(0);
  });

  it('F6 what stands ahead of an order never grows', () => {
    fc.assert(
      fc.property(seeds, profiles, (seed, profile) => {
        const known = new Map<string, bigint>();
        const tape = simulateMarket(seed, { ...CROWDED, profile });
        const orders = [...placed(tape).keys()];
        replay(tape, {
          onEvent: (_event, _outcomes, book) => {
            for (const orderId of orders) {
              const ahead = book.find(orderId)?.queueAhead ?? null;
              if (ahead === null) continue;
              const before = known.get(orderId);
              if (before !== undefined && ahead > before) throw new Error(`${orderId}: ${before} became ${ahead}`);
              known.set(orderId, ahead);
            }
          },
        });
        expect(known.size).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('the same tape gives the same fills to the last byte', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const first = asText(replay(simulateMarket(seed, CROWDED)).outcomes);
        expect(asText(replay(simulateMarket(seed, CROWDED)).outcomes)).toBe(first);
      }),
      RUNS,
    );
  });

  it('a book written down and built anew in the middle of a tape goes on the same', () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(seeds, places, (seed, restoreAt) => {
        const tape = simulateMarket(seed, { ...CROWDED, gapsPerHundred: 1 });
        const straight = replay(tape);
        const interrupted = replay(tape, { restoreBefore: new Set(restoreAt) });
        expect(asText(interrupted.outcomes)).toBe(asText(straight.outcomes));
        expect(interrupted.book.state()).toEqual(straight.book.state());
      }),
      RUNS,
    );
  });

  it('B3 the market with its outcomes changed about gives the same fills', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tape = simulateMarket(seed, CROWDED);
        const mirrored = replay({ ...tape, events: tape.events.map(mirrorEvent) }).fills;
        const told = (fills: readonly MakerFill[]): unknown[] =>
          fills.map(({ orderId, price, quantity, rule, queueAheadAtFill }) => [
            orderId,
            price,
            quantity,
            rule,
            queueAheadAtFill,
          ]);
        const { fills } = replay(tape);
        expect(told(mirrored)).toEqual(told(fills));
        expect(mirrored.map(({ outcomeIndex }) => 1 - outcomeIndex)).toEqual(
          fills.map(({ outcomeIndex }) => outcomeIndex),
        );
      }),
      RUNS,
    );
  });

  it('B3 an order for one outcome fills as the opposite order for the other does', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tape = simulateMarket(seed, CROWDED);
        const events = tape.events.map((event) =>
          event.kind === 'place' || event.kind === 'replace'
            ? { ...event, order: throughOtherOutcome(event.order) }
            : event,
        );
        const { fills } = replay(tape);
        const others = replay({ ...tape, events }).fills;
        expect(others.map(({ orderId, quantity, rule }) => [orderId, quantity, rule])).toEqual(
          fills.map(({ orderId, quantity, rule }) => [orderId, quantity, rule]),
        );
        expect(others.map(({ price }) => MICRO - price)).toEqual(fills.map(({ price }) => price));
      }),
      RUNS,
    );
  });
});

describe('resting orders against the truth', () => {
  const alone: Partial<SimulationOptions> = {
    steps: 600,
    ordersPerHundred: 12,
    portfolios: 1_000,
    gapsPerHundred: 0.5,
  };
  const tapes = Array.from({ length: 80 }, (_, index) => simulateMarket(`truth ${index}`, alone));
  const ideal = tapes.map((tape) => replay(tape, { profile: 'ideal' }).fills);
  const realistic = tapes.map((tape) => replay(tape, { profile: 'realistic' }).fills);
  const conservative = tapes.map((tape) => replay(tape, { profile: 'conservative' }).fills);
  const filledOf = (fills: readonly MakerFill[]): Map<string, bigint> =>
    sumBy(
      fills,
      ({ orderId }) => orderId,
      ({ quantity }) => quantity,
    );

  it('conservative never fills more of an order than its true place in the queue would have', () => {
    let sum = 0n;
    for (const [index, fills] of conservative.entries()) {
      for (const [orderId, quantity] of filledOf(fills)) {
        const truth = tapes[index]?.truth.get(orderId) ?? 0n;
        if (quantity > truth) throw new Error(`tape ${index}, ${orderId}: filled ${quantity} of a true ${truth}`);
        sum += quantity;
      }
    }
    expect(sum).toBeGreaterThan(0n);
  });

  it('realistic comes closer to the truth than conservative, and touch fills go far beyond it', () => {
    const sum = (all: readonly (readonly MakerFill[])[]): number =>
      Number(all.reduce((all, fills) => all + total(fills), 0n));
    const truth = Number(tapes.reduce((all, tape) => all + [...tape.truth.values()].reduce((a, b) => a + b, 0n), 0n));
    const shares = {
      ideal: sum(ideal) / truth,
      realistic: sum(realistic) / truth,
      conservative: sum(conservative) / truth,
    };
    expect(shares.conservative).toBeLessThan(shares.realistic);
    expect(Math.abs(1 - shares.realistic)).toBeLessThan(Math.abs(1 - shares.conservative));
    expect(shares.ideal).toBeGreaterThan(1.05);
  });

  it('honest fills earn less than touch fills do, in expectation', () => {
    const gain = (all: readonly (readonly MakerFill[])[]): number[] =>
      all.map((fills, index) => Number(profit(fills, tapes[index]?.finalPrice ?? tapes[0]!.finalPrice)) / 1e6);
    const naive = gain(ideal);
    for (const honest of [gain(realistic), gain(conservative)]) {
      const gaps = naive.map((value, index) => value - (honest[index] ?? 0));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
      // More than two standard errors above nothing.
      expect(mean).toBeGreaterThan(2 * Math.sqrt(variance / gaps.length));
    }
  });
});
