/** The place of one command among those that make a large answer; it is asked for once the answer grows large. */
export interface LargeAnswerPlace {
  /** Waits for its turn; nothing more when it had one already. */
  enter(): Promise<void>;
  leave(): void;
}

/**
 * Lets a few commands at a time make large answers: reading takes several turns of the event loop, and each of them holds the documents
 * it has read and then the answer made of them. Whoever has a place goes on to its end without waiting for any client.
 */
export class LargeAnswers {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /** A place for one command. */
  place(): LargeAnswerPlace {
    let hasEntered = false;
    return {
      enter: async () => {
        if (hasEntered) return;
        hasEntered = true;
        if (this.#taken < this.places) this.#taken += 1;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      },
      leave: () => {
        if (!hasEntered) return;
        hasEntered = false;
        const next = this.#waiting.shift();
        if (next === undefined) this.#taken -= 1;
        else next();
      },
    };
  }
}
