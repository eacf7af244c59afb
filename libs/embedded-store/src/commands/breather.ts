import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of work between two turns of the event loop, in milliseconds. */
const STRETCH_MS = 6;

/** Turns a rest gives the others: a request of several packets needs more than one to arrive and be answered. */
const TURNS_OF_REST = 3;

/** Tells long work when to let others run. */
export class Breather {
  #since = performance.now();

  constructor(private readonly stretchMs = STRETCH_MS) {}

  get isDue(): boolean {
    return performance.now() - this.#since > this.stretchMs;
  }

  async rest(): Promise<void> {
    for (let turn = 0; turn < TURNS_OF_REST; turn += 1) await nextTurn();
    this.#since = performance.now();
  }
}

/** Hands every piece of a long read to `take`, letting others run in between; stops when `take` returns false. */
export async function consume<Piece>(pieces: Iterable<Piece>, take: (piece: Piece) => boolean | void): Promise<void> {
  const breather = new Breather();
  for (const piece of pieces) {
    if (take(piece) === false) return;
    if (breather.isDue) await breather.rest();
  }
}
