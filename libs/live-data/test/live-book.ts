import type { LiveBook } from '@app/contracts';
import { microPrice, microShares } from '@app/domain';

/** A live book to start from. */
export function aLiveBook(changed: Partial<LiveBook> = {}): LiveBook {
  return {
    conditionId: '0xa',
    marketId: 'will-it-rain',
    tokenIds: ['1', '2'],
    outcomes: ['Yes', 'No'],
    owner: 'host:1',
    epoch: 'epoch-1',
    sequence: 1,
    state: 'live',
    reason: null,
    stateSinceMs: Date.parse('2026-11-22T09:59:00Z'),
    bids: [{ price: microPrice(450_000n), size: microShares(100_000_000n) }],
    asks: [{ price: microPrice(460_000n), size: microShares(200_000_000n) }],
    tickSize: microPrice(10_000n),
    minOrderSize: microShares(5_000_000n),
    negRisk: false,
    lastTradePrice: microPrice(450_000n),
    hash: 'abc',
    venueTimeMs: Date.parse('2026-11-22T09:59:59Z'),
    receivedAtMs: Date.parse('2026-11-22T09:59:59Z'),
    ...changed,
  };
}
