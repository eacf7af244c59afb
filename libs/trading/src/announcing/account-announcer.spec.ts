import type { Order, Portfolio } from '@app/domain';
import { InterestRegistry, portfolioHolder } from '@app/live-data';
import { InProcessInterestStore, type Interest, MessageBus, type Unsubscribe } from '@app/platform';
import { ManualClock } from '@app/testing';
import { Logger } from '@nestjs/common';
import type { OrderChange } from '../orders/order-changes';
import { AccountAnnouncer, type StoredDecision } from './account-announcer';

/** A bus that notes what is sent, or cannot send. */
class NotedBus extends MessageBus {
  readonly sent: string[] = [];
  isBroken = false;

  override publish(channel: string): void {
    if (this.isBroken) throw new Error('the bus is broken');
    this.sent.push(channel);
  }

  override subscribe(): Promise<Unsubscribe> {
    return Promise.reject(new Error('nobody listens here'));
  }

  override onGap(): () => void {
    throw new Error('nobody listens here');
  }
}

/** A store that counts what is registered, or does not answer. */
class CountedInterests extends InProcessInterestStore {
  added = 0;
  isAway = false;

  override add(interests: readonly Interest[], ttlMs: number): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('the store is away'));
    this.added += interests.length;
    return super.add(interests, ttlMs);
  }
}

const TOKEN = { conditionId: '0xc1', tokenId: '11' };

function aDecision(overrides: Partial<Order> = {}): StoredDecision {
  const now = new Date('2026-11-22T10:00:00Z');
  const order = { ...TOKEN, id: 'o1', phase: 'resting', profile: 'realistic', ...overrides } as Order;
  const portfolio = { id: 'p1', openOrders: 1, version: 2, updatedAt: now } as Portfolio;
  const change = { before: null, order, trades: [] } as unknown as OrderChange;
  return { portfolio, orders: [change], positions: [], ledger: [], isOfRestingMarket: false };
}

function anAnnouncer() {
  const clock = new ManualClock();
  const bus = new NotedBus();
  const interests = new CountedInterests(clock);
  const registry = new InterestRegistry(interests, bus);
  return { clock, bus, interests, registry, announcer: new AccountAnnouncer(bus, registry, clock) };
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

/** Lets what nobody waits for come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('AccountAnnouncer', () => {
  it('reaches nobody through a broken bus, an absent store or a decision it cannot write, and says nothing of it', async () => {
    const { announcer, bus, interests } = anAnnouncer();
    bus.isBroken = true;
    interests.isAway = true;
    // Without its amounts the order has no wire form either.
    expect(() => announcer.announce(aDecision())).not.toThrow();
    await settled();
    expect(bus.sent).toEqual([]);
    expect(interests.added).toBe(0);
  });

  it('tells the keeper of the market though the message to the watchers cannot be written', () => {
    const { announcer, bus } = anAnnouncer();
    announcer.announce(aDecision());
    expect(bus.sent).toContain('orders:0xc1');
    expect(bus.sent).not.toContain('account:p1');
  });

  it('registers a market once in twenty seconds, and again at once where the store did not answer', async () => {
    const { announcer, clock, interests, registry } = anAnnouncer();
    for (let times = 0; times < 5; times += 1) announcer.announce(aDecision());
    await settled();
    expect(interests.added).toBe(1);
    expect(await registry.listOf(portfolioHolder('p1'))).toEqual([TOKEN]);

    clock.advance(20_001);
    interests.isAway = true;
    announcer.announce(aDecision());
    await settled();
    interests.isAway = false;
    announcer.announce(aDecision());
    await settled();
    expect(interests.added).toBe(2);
  });

  it('wants no market followed for an order that is done', async () => {
    const { announcer, interests } = anAnnouncer();
    announcer.announce(aDecision({ phase: 'done' }));
    await settled();
    expect(interests.added).toBe(0);
  });
});
