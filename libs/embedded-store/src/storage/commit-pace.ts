/** A writer that nobody waits for commits at least this often; a longer stretch gains little. */
const LONGEST_MS = 200;
const SHORTEST_MS = 12;

/** Everyone stands still while a commit writes its pages, so it should not take longer than this. */
const WANTED_COMMIT_MS = 12;

/**
 * How long a long write may go on before it commits. Commits write whole pages, and how many a stretch touches depends on the data: the
 * stretch is shortened as soon as a commit takes too long, and lengthened again little by little.
 */
export class CommitPace {
  #stretchMs = LONGEST_MS;

  get stretchMs(): number {
    return this.#stretchMs;
  }

  /** Takes note of how long a stretch of writing was, and how long its commit. */
  learn(stretchMs: number, commitMs: number): void {
    if (commitMs > WANTED_COMMIT_MS) {
      const fitting = (stretchMs * WANTED_COMMIT_MS) / commitMs;
      this.#stretchMs = Math.max(SHORTEST_MS, Math.min(this.#stretchMs, fitting));
    } else if (stretchMs >= this.#stretchMs) this.#stretchMs = Math.min(LONGEST_MS, this.#stretchMs * 1.25);
  }
}
