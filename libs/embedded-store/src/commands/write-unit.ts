import type { CommitPace } from '../storage/commit-pace';
import type { WriteQueue } from '../storage/write-queue';
import { Breather } from './breather';

/** Other writers wait at least this long, so that they do not make every statement its own commit. */
const SHARED_STRETCH_MS = 20;

/** Where a unit's changes go: {@link Storage}, or something that needs no transaction of the file. */
export interface UnitTarget {
  readonly queue: WriteQueue;
  readonly pace: CommitPace;
  /** True when what is open must be committed before anyone reads. */
  readonly changesCatalog: boolean;
  begin(): void;
  commit(): void;
  rollback(): void;
}

/**
 * A long write in pieces. While it runs it is the only writer; its SQLite transaction stays open over short rests, in which others
 * read what was committed before. It commits and lets other writers go first when they wait, so what it read before a
 * {@link rest} may be changed after it: collection and documents must be looked up again. Statements are atomic each, the whole is not.
 */
export class WriteUnit {
  readonly #breather = new Breather();
  #since = 0;

  private constructor(
    private readonly target: UnitTarget,
    private readonly beforeCommit: () => void,
  ) {}

  /**
   * Waits for its turn, runs `work` and commits what is left when it ends; a failure takes back what was not committed yet.
   * @param beforeCommit saves the progress of the work, just before each commit.
   */
  static async run<Result>(
    target: UnitTarget,
    work: (unit: WriteUnit) => Promise<Result> | Result,
    beforeCommit: () => void = () => undefined,
  ): Promise<Result> {
    const unit = new WriteUnit(target, beforeCommit);
    try {
      if (target.queue.tryEnter()) unit.#begin();
      else await unit.#enter();
      const outcome = work(unit);
      const result = outcome instanceof Promise ? await outcome : outcome;
      unit.#commit();
      return result;
    } catch (error) {
      target.rollback();
      throw error;
    } finally {
      target.queue.leave();
    }
  }

  /** True when it is time to {@link rest}. */
  get isDue(): boolean {
    return this.#breather.isDue;
  }

  /** Lets others run: readers always, after a while also other writers. */
  async rest(): Promise<void> {
    if (this.#shouldCommit()) await this.giveWay(this.#breather.rest());
    else await this.#breather.rest();
  }

  /** Commits, lets other writers in until `event` has happened, and goes on when its turn comes again. */
  async giveWay(event: Promise<void>): Promise<void> {
    this.#commit();
    this.target.queue.leave();
    // Nothing but the turn of the queue is owed, whatever becomes of the event.
    await event.catch(() => undefined);
    await this.#enter();
  }

  #shouldCommit(): boolean {
    const { queue, pace, changesCatalog } = this.target;
    const stretch = performance.now() - this.#since;
    return changesCatalog || stretch > Math.min(pace.stretchMs, queue.hasWaiters ? SHARED_STRETCH_MS : Infinity);
  }

  async #enter(): Promise<void> {
    await this.target.queue.enter();
    this.#begin();
  }

  #begin(): void {
    this.target.begin();
    this.#since = performance.now();
  }

  #commit(): void {
    this.beforeCommit();
    const worked = performance.now();
    this.target.commit();
    this.target.pace.learn(worked - this.#since, performance.now() - worked);
  }
}
