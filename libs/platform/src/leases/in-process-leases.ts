import type { Clock } from '../clock';
import { ExpiringMap } from '../expiring-map';
import { Leases } from './leases';

/** Leases of the instances that share this process. */
export class InProcessLeases extends Leases {
  private readonly roles = new Map<string, ExpiringMap<true>>();

  constructor(private readonly clock: Clock) {
    super();
  }

  override hold(role: string, instance: string, ttlMs: number): Promise<void> {
    const instances = this.roles.get(role) ?? new ExpiringMap<true>(this.clock);
    instances.set(instance, true, ttlMs);
    this.roles.set(role, instances);
    return Promise.resolve();
  }

  override release(role: string, instance: string): Promise<void> {
    this.roles.get(role)?.delete(instance);
    return Promise.resolve();
  }

  override list(role: string): Promise<string[]> {
    return Promise.resolve((this.roles.get(role)?.keys() ?? []).sort());
  }
}
