/** How long after the first question the second one follows, milliseconds; each further one waits twice as long as the one before. */
export const FIRST_PAUSE_MS = 15_000;
/** The longest pause between two questions, milliseconds. */
export const LONGEST_PAUSE_MS = 300_000;

/**
 * When each market is asked about next: at once when it comes up, then in growing pauses, because a market past its scheduled end may trade on for
 * weeks and a dispute takes days.
 */
export class AskSchedule {
  private readonly next = new Map<string, { at: number; pauseMs: number }>();

  /** Returns up to `limit` of the markets that are due, those that have waited longest first. Others than the given ones are forgotten. */
  due(conditionIds: readonly string[], now: Date, limit: number): string[] {
    const wanted = new Set(conditionIds);
    for (const known of this.next.keys()) if (!wanted.has(known)) this.next.delete(known);
    const dueAt = (conditionId: string): number => this.next.get(conditionId)?.at ?? 0;
    return [...wanted]
      .filter((conditionId) => dueAt(conditionId) <= now.getTime())
      .sort((left, right) => dueAt(left) - dueAt(right))
      .slice(0, limit);
  }

  /** Notes that the venue told how a market stands. */
  answered(conditionId: string, now: Date): void {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, (this.next.get(conditionId)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2);
    this.next.set(conditionId, { at: now.getTime() + pauseMs, pauseMs });
  }

  /** Notes that the venue did not: it is asked again soon, and its pauses do not grow. */
  unanswered(conditionId: string, now: Date): void {
    const pauseMs = this.next.get(conditionId)?.pauseMs ?? FIRST_PAUSE_MS / 2;
    this.next.set(conditionId, { at: now.getTime() + FIRST_PAUSE_MS, pauseMs });
  }
}
