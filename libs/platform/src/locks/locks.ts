/** Exclusive names, each held by at most one owner until it expires. All methods reject when the store does not answer. */
export abstract class Locks {
  /** Takes those of the names that are free or already this owner's, for `ttlMs` from now. Returns the names the owner holds now. */
  abstract acquire(names: readonly string[], owner: string, ttlMs: number): Promise<string[]>;

  /** Prolongs the locks that are still this owner's. Returns their names: what is missing has been lost. */
  abstract renew(names: readonly string[], owner: string, ttlMs: number): Promise<string[]>;

  /** Frees the locks that are this owner's. */
  abstract release(names: readonly string[], owner: string): Promise<void>;
}
