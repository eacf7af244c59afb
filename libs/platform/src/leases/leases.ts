/** Which instances of a role are alive: each holds a lease of its own and renews it. All methods reject when the store does not answer. */
export abstract class Leases {
  /** Takes or renews an instance's lease for `ttlMs` from now. */
  abstract hold(role: string, instance: string, ttlMs: number): Promise<void>;

  /** Ends a lease before its time. */
  abstract release(role: string, instance: string): Promise<void>;

  /** Returns the instances whose lease is alive, sorted. */
  abstract list(role: string): Promise<string[]>;
}
