/** How often books are compared with REST ones, all in milliseconds. */
export interface ComparisonPace {
  /** T_rec (A2) of markets with open orders, and of others. */
  reconcileWithinMs: number;
  reconcileIdleWithinMs: number;
  /** How long a market may be silent before its book is compared early. */
  silenceMs: number;
}

/** Comparisons in a T_rec: when one fails there is time for others. */
const PER_T_REC = 3;

/**
 * Returns when a book that was compared is compared again, Unix ms: so often that one comparison may fail and the book stays live, and early when the stream has become
 * silent: a stream can freeze with its connection open. While a market stays silent the early ones come at twice the distance each time.
 * @param heardAtMs when the stream told of the market last
 */
export function comparisonDueAt(
  { comparedAtMs, heardAtMs }: { comparedAtMs: number; heardAtMs: number },
  hasOpenOrders: boolean,
  pace: ComparisonPace,
): number {
  const withinMs = hasOpenOrders ? pace.reconcileWithinMs : pace.reconcileIdleWithinMs;
  const regularly = comparedAtMs + withinMs / PER_T_REC;
  const silentAtMs = heardAtMs + pace.silenceMs;
  const whenSilent = comparedAtMs < silentAtMs ? silentAtMs : comparedAtMs + (comparedAtMs - heardAtMs);
  return Math.min(regularly, whenSilent);
}
