import type { Storage } from '../storage/storage';
import { Breather } from './breather';

/** Every commit writes the touched index pages anew, so writes run longer in one go than reads: 100 ms against 40 ms gives a third more. */
const STRETCH_MS = 100;

/**
 * The transactions of one write command. Statements are atomic each, the command as a whole is not, exactly as in MongoDB: a long
 * command commits what it has done and lets others run. Nothing may be awaited between {@link open} and the end of a statement.
 */
export class WriteUnit {
  #isOpen = false;
  readonly #breather = new Breather(STRETCH_MS);

  constructor(
    private readonly storage: Storage,
    /** Saves the command's progress just before each commit. */
    private readonly beforeCommit: () => void = () => undefined,
  ) {}

  /** Makes sure that a transaction of this command is open. */
  open(): void {
    if (this.#isOpen) return;
    this.storage.begin();
    this.#isOpen = true;
  }

  get isDue(): boolean {
    return this.#breather.isDue;
  }

  /** Commits what is open and lets others run. */
  async rest(): Promise<void> {
    this.#commit();
    await this.#breather.rest();
  }

  #commit(): void {
    if (!this.#isOpen) return;
    this.beforeCommit();
    this.#isOpen = false;
    this.storage.commit();
  }

  finish(): void {
    this.open();
    this.#commit();
  }

  abandon(): void {
    if (this.#isOpen) this.storage.rollback();
    this.#isOpen = false;
  }
}
