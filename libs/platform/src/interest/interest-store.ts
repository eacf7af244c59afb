/** That somebody wants a subject followed. */
export interface Interest {
  /** What is wanted: text without `|`. */
  subject: string;
  /** Who wants it, such as `user:…`: text without `|`. One holder's end never ends another's. */
  holder: string;
}

/** Between subject and holder where both are one text. */
export const INTEREST_SEPARATOR = '|';

/** Who wants what, each until it expires or is withdrawn. All methods reject when the store does not answer. */
export abstract class InterestStore {
  /** Registers interests for `ttlMs` from now, or prolongs them; never shortens one. Rejects with a RangeError for a subject or holder that is empty or holds a `|`. */
  abstract add(interests: readonly Interest[], ttlMs: number): Promise<void>;

  /** Prolongs to `ttlMs` from now those of the interests that are there; never shortens one, and never brings back one that is withdrawn or expired. */
  abstract prolong(interests: readonly Interest[], ttlMs: number): Promise<void>;

  abstract remove(interests: readonly Interest[]): Promise<void>;

  /** Withdraws everything a holder wants. Returns the subjects, sorted. */
  abstract removeAll(holder: string): Promise<string[]>;

  /** Returns every interest that has not expired, in no order. */
  abstract list(): Promise<Interest[]>;

  /** Returns the subjects a holder wants, sorted. */
  abstract listOf(holder: string): Promise<string[]>;
}

/** Returns why interests cannot be kept, or null. */
export function interestError(interests: readonly Interest[]): RangeError | null {
  const bad = interests
    .flatMap(({ subject, holder }) => [subject, holder])
    .find((text) => text === '' || text.includes(INTEREST_SEPARATOR));
  return bad === undefined ? null : new RangeError(`subject and holder must be text without |, found "${bad}"`);
}
