import { LIVE_WORKER_ROLE } from '@app/live-data';
import { Clock, Leases, Locks } from '@app/platform';
import { ownerOf } from './rendezvous';

const lockOf = (conditionId: string): string => `book:${conditionId}`;
const MOST_TAKEN_AT_ONCE = 500;

/** What a round changed. */
export interface OwnershipChange {
  /** Held from now on. */
  gained: readonly string[];
  /** No longer held, whoever has them now. */
  lost: readonly string[];
  /** Held still, but to be given up: nobody wants them, or they are another instance's share. */
  surplus: readonly string[];
}

/**
 * Which markets this instance follows: those that rendezvous hashing over the living instances gives it, as far as it got their locks.
 *
 * Invariants: a market is held by one instance at a time, as long as clocks run evenly: what was not renewed in time counts as lost before its lock can expire. The lease
 * says that the instance lives; the lock says that it, and nobody else, follows a market.
 */
export class OwnedMarkets {
  /** Until when each held market is this instance's, by the clock of this process. */
  private readonly heldUntilMs = new Map<string, number>();

  constructor(
    readonly instance: string,
    private readonly leases: Leases,
    private readonly locks: Locks,
    private readonly clock: Clock,
    /** How long lease and locks last without being renewed, ms. */
    private readonly ttlMs: number,
  ) {}

  /** Until when a market is this instance's, Unix ms; 0 when it is not. */
  heldUntil(conditionId: string): number {
    return this.heldUntilMs.get(conditionId) ?? 0;
  }

  /**
   * Renews what is held, and takes what is this instance's share of the wanted markets. Rejects when the store does not answer: what is held then runs out by itself.
   * @param wanted condition ids
   */
  async renew(wanted: ReadonlySet<string>): Promise<OwnershipChange> {
    const startedMs = this.clock.now().getTime();
    await this.leases.hold(LIVE_WORKER_ROLE, this.instance, this.ttlMs);
    const lost = await this.renewLocks(startedMs);
    const instances = new Set(await this.leases.list(LIVE_WORKER_ROLE)).add(this.instance);
    const alive = [...instances];
    const share = new Set([...wanted].filter((conditionId) => ownerOf(conditionId, alive) === this.instance));
    const surplus = [...this.heldUntilMs.keys()].filter((conditionId) => !share.has(conditionId));
    const gained = await this.take([...share].filter((conditionId) => !this.heldUntilMs.has(conditionId)));
    return { gained, lost, surplus };
  }

  /** Forgets what was not renewed in time. Returns it. */
  dropOverdue(): string[] {
    const nowMs = this.clock.now().getTime();
    const overdue = [...this.heldUntilMs].filter(([, untilMs]) => untilMs <= nowMs).map(([conditionId]) => conditionId);
    for (const conditionId of overdue) this.heldUntilMs.delete(conditionId);
    return overdue;
  }

  /** Gives markets up, for others to take at once. They must not be followed any more. */
  async release(conditionIds: readonly string[]): Promise<void> {
    if (conditionIds.length === 0) return;
    for (const conditionId of conditionIds) this.heldUntilMs.delete(conditionId);
    await this.locks.release(conditionIds.map(lockOf), this.instance);
  }

  /** Gives everything up and says that this instance is gone. */
  async leave(): Promise<void> {
    await this.leases.release(LIVE_WORKER_ROLE, this.instance);
    await this.release([...this.heldUntilMs.keys()]);
  }

  private async renewLocks(startedMs: number): Promise<string[]> {
    const held = [...this.heldUntilMs.keys()];
    if (held.length === 0) return [];
    const kept = new Set(await this.locks.renew(held.map(lockOf), this.instance, this.ttlMs));
    const lost: string[] = [];
    for (const conditionId of held) {
      if (kept.has(lockOf(conditionId))) this.heldUntilMs.set(conditionId, startedMs + this.ttlMs);
      else lost.push(conditionId);
    }
    for (const conditionId of lost) this.heldUntilMs.delete(conditionId);
    return lost;
  }

  private async take(conditionIds: readonly string[]): Promise<string[]> {
    const asked = conditionIds.slice(0, MOST_TAKEN_AT_ONCE);
    if (asked.length === 0) return [];
    const startedMs = this.clock.now().getTime();
    const got = new Set(await this.locks.acquire(asked.map(lockOf), this.instance, this.ttlMs));
    const gained = asked.filter((conditionId) => got.has(lockOf(conditionId)));
    for (const conditionId of gained) this.heldUntilMs.set(conditionId, startedMs + this.ttlMs);
    return gained;
  }
}
