import type { Clock } from '../clock';
import { ExpiringMap } from '../expiring-map';
import { Locks } from './locks';

/** Locks between the owners that share this process. */
export class InProcessLocks extends Locks {
  private readonly owners: ExpiringMap<string>;

  constructor(clock: Clock) {
    super();
    this.owners = new ExpiringMap(clock);
  }

  override acquire(names: readonly string[], owner: string, ttlMs: number): Promise<string[]> {
    const held = names.filter((name) => (this.owners.get(name) ?? owner) === owner);
    for (const name of held) this.owners.set(name, owner, ttlMs);
    return Promise.resolve(held);
  }

  override renew(names: readonly string[], owner: string, ttlMs: number): Promise<string[]> {
    const held = this.heldOf(names, owner);
    for (const name of held) this.owners.keep(name, ttlMs);
    return Promise.resolve(held);
  }

  override release(names: readonly string[], owner: string): Promise<void> {
    for (const name of this.heldOf(names, owner)) this.owners.delete(name);
    return Promise.resolve();
  }

  private heldOf(names: readonly string[], owner: string): string[] {
    return names.filter((name) => this.owners.get(name) === owner);
  }
}
