import type { BookState } from '../book-evidence';

/**
 * A resting book as plain JSON: whole numbers, texts, and decimal texts of micro-units where a size may exceed what a JSON number holds.
 * What is built from it goes on exactly as the original would have.
 */
export interface RestingBookState {
  version: 1;
  conditionId: string;
  nowMs: number;
  book: {
    /** Whether a snapshot came since the last gap. */
    isKnown: boolean;
    state: BookState;
    reason: string | null;
    closedBecause: string | null;
    /** Prints dated until then are no evidence. */
    evidenceFromMs: number;
    sequence: number | null;
    hash: string | null;
    venueTimeMs: number;
    receivedAtMs: number;
  };
  /** The two halves of the book. */
  ladders: [LevelState[], LevelState[]];
  /** By order of arrival. */
  orders: RestingOrderState[];
  nextNumber: number;
  /** Prints seen lately, with the venue's time of each. */
  prints: [string, number][];
}

export interface LevelState {
  rung: number;
  size: string;
  printed: string;
  printedAtMs: number;
  shrunk: string;
  shrunkAtMs: number;
  used: [string, string][];
}

export interface RestingOrderState {
  number: number;
  orderId: string;
  portfolioId: string;
  outcomeIndex: number;
  side: 'buy' | 'sell';
  price: string;
  quantity: string;
  /** Including what filled before it came here. */
  filledQuantity: string;
  profile: 'ideal' | 'realistic' | 'conservative';
  restingSinceMs: number;
  expiresAtMs: number | null;
  queueAhead: string | null;
  queueAheadAtEntry: string | null;
  arrivalMidpoint: string | null;
  cut: string;
  /** Null when nothing crosses it; `used_up` when all that does is used. */
  crossedSinceMs: number | 'used_up' | null;
}
