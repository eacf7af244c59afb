import fc from 'fast-check';
import {
  anOrder,
  CONDITION,
  granted,
  NO,
  NO_HOLD,
  NOW,
  opened,
  outcome,
  price,
  QUESTION,
  RAIN,
  YES,
} from '../../test/paper-account';
import { MICRO, microShares, microUsdc, partsPerMillion } from '../money';
import type { LedgerEntry } from '../trading/ledger';
import { availableCash, type Position } from '../trading/portfolio';
import type { AccountChange, AccountState } from './account';
import { auditLedger } from './audit-ledger';
import { bookFill } from './book-fill';
import { mergeSet, type SetMarket, splitSet } from './complete-sets';
import { closeRun } from './open-account';
import { freeShares, type Hold, type OrderRef, releaseFor, reserveFor } from './reservations';
import { reverseSettlement, settlementKey, settlePosition } from './settle';

const OTHER_CONDITION = `0x${'cd'.repeat(32)}`;
const SUN: SetMarket = {
  outcomes: [outcome(0, OTHER_CONDITION), outcome(1, OTHER_CONDITION)],
  marketQuestion: QUESTION,
};
const MARKETS = [RAIN, SUN] as const;
const PAYOUTS = [
  [MICRO, 0n],
  [0n, MICRO],
  [MICRO / 2n, MICRO / 2n],
] as const;

const KINDS = [
  'hold cash',
  'hold shares',
  'release',
  'buy',
  'sell',
  'split',
  'merge',
  'settle',
  'change result',
  'reset',
] as const;
type Step = readonly [kind: (typeof KINDS)[number], market: number, side: number, part: number, rate: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...KINDS.slice(0, 7)) },
    { weight: 2, arbitrary: fc.constantFrom('settle' as const, 'change result' as const) },
    { weight: 1, arbitrary: fc.constant('reset' as const) },
  ),
  fc.nat(1),
  fc.nat(1),
  fc.nat(1_000),
  fc.integer({ min: 1, max: 999 }),
);

/** Does whatever a step asks for as far as the account allows it, as the services would. */
class Simulation {
  state: AccountState;
  readonly ledger: LedgerEntry[];
  readonly closed: Position[] = [];
  /** What is held, by order. */
  private readonly holds = new Map<string, { order: OrderRef; hold: Hold }>();
  private readonly results = new Map<string, { version: number; payouts: readonly bigint[] }>();
  private ids = 0;

  constructor(balance: bigint) {
    const start = opened(`${balance / MICRO}.${String(balance % MICRO).padStart(6, '0')}`);
    this.state = start.state;
    this.ledger = [...start.entries];
  }

  run([kind, marketIndex, side, part, rate]: Step): void {
    const market = MARKETS[marketIndex] ?? RAIN;
    const ref = market.outcomes[side] ?? YES;
    const cash = (availableCash(this.state.portfolio) * BigInt(part)) / 1_000n;
    const free = (freeShares(this.state, ref.tokenId) * BigInt(part)) / 1_000n;
    switch (kind) {
      case 'hold cash':
        return this.hold(anOrder('buy', ref, this.nextId()), { cash: microUsdc(cash), shares: microShares(0n) });
      case 'hold shares':
        if (free === 0n) return;
        return this.hold(anOrder('sell', ref, this.nextId()), { cash: microUsdc(0n), shares: microShares(free) });
      case 'release':
        return this.releaseOne(part);
      case 'buy':
        return this.buy(ref, cash, BigInt(rate) * 1_000n);
      case 'sell':
        return this.sell(ref, free, BigInt(rate) * 1_000n);
      case 'split':
        if (cash > 0n) this.apply(granted(splitSet(this.state, market, microShares(cash), NOW)));
        return;
      case 'merge': {
        const least = market.outcomes
          .map(({ tokenId }) => freeShares(this.state, tokenId))
          .sort((a, b) => (a < b ? -1 : 1))[0];
        const sets = ((least ?? 0n) * BigInt(part)) / 1_000n;
        if (sets > 0n) this.apply(granted(mergeSet(this.state, market, microShares(sets), NOW)));
        return;
      }
      case 'settle':
        return this.settle(market, rate % 3);
      case 'change result':
        return this.changeResult(market, rate % 3);
      case 'reset':
        return this.reset();
    }
  }

  /** Positions of all runs. */
  positions(): Position[] {
    return [...this.closed, ...this.state.positions.values()];
  }

  private nextId(): string {
    this.ids += 1;
    return `id-${this.ids}`;
  }

  private apply(change: AccountChange): void {
    this.state = change.state;
    this.ledger.push(...change.entries);
  }

  private hold(order: OrderRef, hold: Hold): void {
    this.apply(reserveFor(this.state, order, hold, NOW));
    this.holds.set(order.id, { order, hold });
  }

  private releaseOne(part: number): void {
    const held = [...this.holds.values()];
    const one = held[part % Math.max(held.length, 1)];
    if (one !== undefined) this.release(one);
  }

  private release({ order, hold }: { order: OrderRef; hold: Hold }): void {
    this.apply(releaseFor(this.state, order, hold, 'cancelled by its owner.', NOW));
    this.holds.delete(order.id);
  }

  /** Buys for a held order of the token when there is one, from free cash otherwise. */
  private buy(ref: typeof YES, cash: bigint, at: bigint): void {
    const held = this.holdOf('buy', ref.tokenId);
    const budget = held === undefined ? cash : held.hold.cash;
    const value = (budget * 9n) / 10n;
    const quantity = (value * MICRO) / at;
    if (quantity === 0n) return;
    const fill = {
      tradeId: this.nextId(),
      price: price(`0.${String(at / 1_000n).padStart(3, '0')}`),
      quantity: microShares(quantity),
      value: microUsdc(value),
      fee: microUsdc((budget - value) / 2n),
      liquidity: 'taker',
    } as const;
    this.apply(
      bookFill(this.state, held?.order ?? anOrder('buy', ref, this.nextId()), fill, held?.hold ?? NO_HOLD, NOW),
    );
    if (held !== undefined) this.holds.delete(held.order.id);
  }

  private sell(ref: typeof YES, free: bigint, at: bigint): void {
    const held = this.holdOf('sell', ref.tokenId);
    const quantity = held === undefined ? free : held.hold.shares;
    if (quantity === 0n) return;
    const value = (quantity * at) / MICRO;
    const fill = {
      tradeId: this.nextId(),
      price: price(`0.${String(at / 1_000n).padStart(3, '0')}`),
      quantity: microShares(quantity),
      value: microUsdc(value),
      fee: microUsdc(value / 50n),
      liquidity: 'maker',
    } as const;
    this.apply(
      bookFill(this.state, held?.order ?? anOrder('sell', ref, this.nextId()), fill, held?.hold ?? NO_HOLD, NOW),
    );
    if (held !== undefined) this.holds.delete(held.order.id);
  }

  private holdOf(side: 'buy' | 'sell', tokenId: string): { order: OrderRef; hold: Hold } | undefined {
    return [...this.holds.values()].find(({ order }) => order.side === side && order.tokenId === tokenId);
  }

  private settle(market: SetMarket, choice: number): void {
    const conditionId = market.outcomes[0]?.conditionId ?? CONDITION;
    this.releaseAll((order) => order.conditionId === conditionId);
    const result = this.results.get(conditionId) ?? { version: 1, payouts: PAYOUTS[choice] ?? PAYOUTS[0] };
    this.results.set(conditionId, result);
    this.pay(market, conditionId);
  }

  private changeResult(market: SetMarket, choice: number): void {
    const conditionId = market.outcomes[0]?.conditionId ?? CONDITION;
    const before = this.results.get(conditionId);
    if (before === undefined) return;
    this.releaseAll((order) => order.conditionId === conditionId);
    const key = settlementKey({ conditionId, version: before.version });
    const paid = this.ledger.filter((entry) => entry.settlementKey === key);
    this.apply(reverseSettlement(this.state, paid, NOW));
    this.results.set(conditionId, { version: before.version + 1, payouts: PAYOUTS[choice] ?? PAYOUTS[0] });
    this.pay(market, conditionId);
  }

  private pay(market: SetMarket, conditionId: string): void {
    const { version, payouts } = this.results.get(conditionId) ?? { version: 1, payouts: PAYOUTS[0] };
    const tokenIds = market.outcomes.map(({ tokenId }) => tokenId);
    const resolution = { conditionId, version, tokenIds, payouts: payouts.map(partsPerMillion) };
    for (const tokenId of tokenIds) this.apply(settlePosition(this.state, tokenId, resolution, NOW));
  }

  private reset(): void {
    this.releaseAll(() => true);
    this.closed.push(...[...this.state.positions.values()].filter(({ quantity }) => quantity === 0n));
    const change = closeRun(this.state, NOW);
    this.closed.push(...change.closedPositions);
    this.apply(change);
  }

  private releaseAll(which: (order: OrderRef) => boolean): void {
    for (const held of [...this.holds.values()]) if (which(held.order)) this.release(held);
  }
}

const costOfAll = (state: AccountState): bigint =>
  [...state.positions.values()].reduce((sum, { cost }) => sum + cost, 0n);

/** What was paid in, by what is there, what was earned and what fees took. */
function accountedFor(state: AccountState): bigint {
  const { cash, reserved, owed, realised, fees } = state.portfolio;
  return cash + reserved - owed + costOfAll(state) - realised + fees;
}

const balance = fc.bigInt({ min: 1n, max: 1_000_000n * MICRO });
const simulated = fc.tuple(balance, fc.array(step, { maxLength: 60 })).map(([amount, steps]) => {
  const simulation = new Simulation(amount);
  for (const one of steps) simulation.run(one);
  return simulation;
});

describe('any sequence of operations', () => {
  it('keeps the ledger equal to the balances, its entries at zero, and every holding at or above it', () => {
    fc.assert(
      fc.property(simulated, ({ ledger, state }) => {
        expect(ledger.map(({ postings }) => postings.reduce((sum, { amount }) => sum + amount, 0n))).toEqual(
          ledger.map(() => 0n),
        );
        expect(state.portfolio.cash >= 0n && state.portfolio.reserved >= 0n && state.portfolio.owed >= 0n).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nothing for the audit to find', () => {
    fc.assert(
      fc.property(simulated, (simulation) => {
        expect(auditLedger(simulation.ledger, simulation.state.portfolio, simulation.positions())).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('accounts for every micro-unit that was paid in, after each step', () => {
    fc.assert(
      fc.property(balance, fc.array(step, { maxLength: 60 }), (amount, steps) => {
        const simulation = new Simulation(amount);
        for (const one of steps) {
          simulation.run(one);
          expect(accountedFor(simulation.state)).toBe(amount);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('reserving and releasing', () => {
  it('is the identity', () => {
    fc.assert(
      fc.property(simulated, fc.nat(1_000), (simulation, part) => {
        const { state } = simulation;
        const hold: Hold = {
          cash: microUsdc((availableCash(state.portfolio) * BigInt(part)) / 1_000n),
          shares: microShares((freeShares(state, YES.tokenId) * BigInt(part)) / 1_000n),
        };
        const order = anOrder('sell');
        const there = reserveFor(state, order, hold, NOW);
        const back = releaseFor(there.state, order, hold, 'cancelled by its owner.', NOW);
        expect({ ...back.state.portfolio, ledgerSeq: 0 }).toEqual({ ...state.portfolio, ledgerSeq: 0 });
        expect(back.state.positions).toEqual(state.positions);
      }),
      { numRuns: 200 },
    );
  });
});

describe('complete sets', () => {
  const sets = fc.bigInt({ min: 1n, max: 10_000n * MICRO });

  it('split and merged are the identity where nothing else is held', () => {
    fc.assert(
      fc.property(sets, (quantity) => {
        const { state } = opened('10000');
        const split = granted(splitSet(state, RAIN, microShares(quantity), NOW));
        const merged = granted(mergeSet(split.state, RAIN, microShares(quantity), NOW));
        expect({ ...merged.state.portfolio, ledgerSeq: 0 }).toEqual({ ...state.portfolio, ledgerSeq: 0 });
        for (const position of merged.state.positions.values()) {
          expect(position).toMatchObject({ quantity: 0n, cost: 0n, realised: 0n, status: 'closed' });
        }
      }),
    );
  });

  it('split and merged give back cash and shares, and keep earnings less cost, whatever else is held', () => {
    fc.assert(
      fc.property(simulated, fc.integer({ min: 1, max: 1_000 }), ({ state }, part) => {
        const quantity = microShares((availableCash(state.portfolio) * BigInt(part)) / 1_000n);
        fc.pre(quantity > 0n);
        const split = granted(splitSet(state, RAIN, quantity, NOW));
        const merged = granted(mergeSet(split.state, RAIN, quantity, NOW));
        expect(merged.state.portfolio.cash).toBe(state.portfolio.cash);
        for (const { tokenId } of RAIN.outcomes) {
          expect(merged.state.positions.get(tokenId)?.quantity).toBe(state.positions.get(tokenId)?.quantity ?? 0n);
        }
        expect(merged.state.portfolio.realised - costOfAll(merged.state)).toBe(
          state.portfolio.realised - costOfAll(state),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('are paid exactly 1 USDC each, whatever the result', () => {
    const anyOutcomes = fc
      .integer({ min: 2, max: 6 })
      .chain((count) => fc.tuple(fc.array(fc.nat(1_000_000), { minLength: count - 1, maxLength: count - 1 }), sets));
    fc.assert(
      fc.property(anyOutcomes, ([cuts, quantity]) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 1_000_000];
        const payouts = edges.slice(1).map((edge, index) => partsPerMillion(BigInt(edge - (edges[index] ?? 0))));
        const outcomes = payouts.map((_, index) => outcome(index));
        const tokenIds = outcomes.map(({ tokenId }) => tokenId);
        const { state } = opened('10000');
        let { state: now } = granted(
          splitSet(state, { outcomes, marketQuestion: QUESTION }, microShares(quantity), NOW),
        );
        for (const tokenId of tokenIds) {
          now = settlePosition(now, tokenId, { conditionId: CONDITION, version: 1, tokenIds, payouts }, NOW).state;
        }
        expect(now.portfolio.cash).toBe(state.portfolio.cash);
        expect(now.portfolio.realised).toBe(0n);
      }),
    );
  });
});

describe('a changed result', () => {
  const anyResult = fc.constantFrom(...PAYOUTS);
  const tokenIds = [YES.tokenId, NO.tokenId];
  const pay = (
    state: AccountState,
    version: number,
    payouts: readonly bigint[],
    ledger: LedgerEntry[],
  ): AccountState => {
    const resolution = { conditionId: CONDITION, version, tokenIds, payouts: payouts.map(partsPerMillion) };
    for (const tokenId of tokenIds) {
      const change = settlePosition(state, tokenId, resolution, NOW);
      ledger.push(...change.entries);
      state = change.state;
    }
    return state;
  };
  const held = fc
    .tuple(fc.bigInt({ min: 0n, max: MICRO * 500n }), fc.bigInt({ min: 0n, max: MICRO * 500n }))
    .map(([yes, no]) => {
      let { state } = opened('1000');
      for (const [ref, quantity] of [
        [YES, yes],
        [NO, no],
      ] as const) {
        if (quantity === 0n) continue;
        const fill = {
          tradeId: 'trade-1',
          price: price('0.4'),
          quantity: microShares(quantity),
          value: microUsdc((quantity * 4n + 9n) / 10n),
          fee: microUsdc(quantity / 100n),
          liquidity: 'taker',
        } as const;
        state = bookFill(state, anOrder('buy', ref), fill, NO_HOLD, NOW).state;
      }
      return state;
    });

  it('reversed and paid anew is the same as paid at once', () => {
    fc.assert(
      fc.property(held, anyResult, anyResult, (state, first, second) => {
        const ledger: LedgerEntry[] = [];
        const paid = pay(state, 1, first, ledger);
        const anew = pay(reverseSettlement(paid, ledger, NOW).state, 2, second, []);
        const atOnce = pay(state, 2, second, []);
        expect({ ...anew.portfolio, ledgerSeq: 0 }).toEqual({ ...atOnce.portfolio, ledgerSeq: 0 });
        expect(anew.positions).toEqual(atOnce.positions);
      }),
    );
  });

  it('leaves as much, owed ones off, as paid at once, also when the payment was spent meanwhile', () => {
    fc.assert(
      fc.property(held, anyResult, anyResult, fc.integer({ min: 1, max: 1_000 }), (state, first, second, part) => {
        const spend = (from: AccountState, value: bigint): AccountState =>
          bookFill(
            from,
            anOrder('buy', outcome(0, OTHER_CONDITION)),
            {
              tradeId: 'trade-2',
              price: price('0.5'),
              quantity: microShares(value * 2n),
              value: microUsdc(value),
              fee: microUsdc(0n),
              liquidity: 'taker',
            },
            NO_HOLD,
            NOW,
          ).state;
        const ledger: LedgerEntry[] = [];
        const paid = pay(state, 1, first, ledger);
        const spent = (paid.portfolio.cash * BigInt(part)) / 1_000n;
        fc.pre(spent > 0n);
        const anew = pay(reverseSettlement(spend(paid, spent), ledger, NOW).state, 2, second, []).portfolio;
        const atOnce = pay(state, 2, second, []).portfolio;
        expect(anew.cash - anew.owed).toBe(atOnce.cash - spent);
        expect(anew.realised).toBe(atOnce.realised);
        expect(anew.cash === 0n || anew.owed === 0n).toBe(true);
      }),
    );
  });
});
