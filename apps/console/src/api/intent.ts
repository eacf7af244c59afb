/** What somebody means to have done once: one key for it, however often it has to be sent. */
export class Intent {
  private text: string | null = null;
  private key = '';

  constructor(private readonly newKey: () => string) {}

  /** The key to send a request with: the one it was sent with before, unless it was done or is another request now. */
  keyOf(request: unknown): string {
    const text = JSON.stringify(request);
    if (text !== this.text) {
      this.text = text;
      this.key = this.newKey();
    }
    return this.key;
  }

  /** It was done: the same request is meant anew from now on. */
  done(): void {
    this.text = null;
  }
}

/** Two clicks nearer than this are one that was made twice, milliseconds. */
const DOUBLE_CLICK_MS = 600;

/** Tells a click, or a key that is held, from one that is meant. */
export class Clicks {
  private lastMs = -Infinity;

  /** Whether a click is a new one: not the second of a double click, and no repetition. */
  isNew(nowMs: number): boolean {
    const isNew = nowMs - this.lastMs >= DOUBLE_CLICK_MS;
    this.lastMs = nowMs;
    return isNew;
  }
}
