/**
 * Tells whether versions of a portfolio were missed. They rise by one, but those told by different processes may overtake each other, so one that is missing gets a
 * moment to come.
 */
export class VersionTrail {
  private readonly ahead = new Set<number>();
  private holeSinceMs: number | null = null;
  /** The version up to which everything is known; null before it begins. */
  private complete: number | null = null;

  /** @param patienceMs how long a version that was overtaken may take */
  constructor(private readonly patienceMs: number) {}

  /** Everything up to a version is known. */
  begin(version: number): void {
    this.complete = Math.max(version, this.complete ?? 0);
    for (const seen of this.ahead) if (seen <= this.complete) this.ahead.delete(seen);
  }

  /** A version was told. */
  see(version: number, nowMs: number): void {
    if (this.complete === null || version > this.complete) this.ahead.add(version);
    if (this.complete === null) return;
    while (this.ahead.delete(this.complete + 1)) this.complete += 1;
    this.holeSinceMs = this.ahead.size === 0 ? null : (this.holeSinceMs ?? nowMs);
  }

  /** Answers, once, that a version has been missing for too long; from there on everything counts as known. */
  isMissing(nowMs: number): boolean {
    if (this.holeSinceMs === null || nowMs - this.holeSinceMs < this.patienceMs) return false;
    this.complete = Math.max(this.complete ?? 0, ...this.ahead);
    this.ahead.clear();
    this.holeSinceMs = null;
    return true;
  }
}
