/** That somebody wants a subject followed. */
export interface Interest {
  /** What is wanted: text without `|`. */
  subject: string;
  /** Who wants it, such as `user:…`: text without `|`. One holder's end never ends another's. */
  holder: string;
}

/** Who wants what, each until it expires or is withdrawn. All methods reject when the store does not answer. */
export abstract class InterestStore {
  /** Registers or prolongs interests, for `ttlMs` from now. */
  abstract add(interests: readonly Interest[], ttlMs: number): Promise<void>;

  abstract remove(interests: readonly Interest[]): Promise<void>;

  /** Withdraws everything a holder wants. Returns the subjects. */
  abstract removeAll(holder: string): Promise<string[]>;

  /** Returns every interest that has not expired. */
  abstract list(): Promise<Interest[]>;

  /** Returns the subjects a holder wants, sorted. */
  abstract listOf(holder: string): Promise<string[]>;
}
