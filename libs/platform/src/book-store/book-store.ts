/** A text kept for a market, by its condition id. */
export interface StoredBook {
  conditionId: string;
  text: string;
}

/** The newest state of each followed market's book, as text; who writes it knows its shape. Entries expire when nobody follows the market any more. */
export abstract class BookStore {
  /** Replaces books, in one round trip; each is kept for `ttlMs` from now. Rejects when the store does not answer. */
  abstract put(books: readonly StoredBook[], ttlMs: number): Promise<void>;

  /** Keeps books for another `ttlMs` as they are. Those that are gone stay gone. */
  abstract keep(conditionIds: readonly string[], ttlMs: number): Promise<void>;

  /** Returns the texts of some markets in their order; null for those nobody follows. Rejects when the store does not answer. */
  abstract get(conditionIds: readonly string[]): Promise<(string | null)[]>;

  abstract remove(conditionIds: readonly string[]): Promise<void>;
}
