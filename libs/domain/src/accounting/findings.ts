/** Findings beyond these are counted and not told: one thing that is broken breaks others. */
const MOST_TOLD = 50;

/** Collects sentences about what is wrong. */
export class Findings {
  private readonly sentences: string[] = [];
  private untold = 0;

  add(sentence: string): void {
    if (this.sentences.length < MOST_TOLD) this.sentences.push(sentence);
    else this.untold += 1;
  }

  /** Returns the sentences, and how many more there are. */
  told(): string[] {
    return this.untold === 0 ? this.sentences : [...this.sentences, `There are ${this.untold} more findings.`];
  }
}
