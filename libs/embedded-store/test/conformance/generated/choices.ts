/** A reproducible stream of choices: the same seeds give the same choices on every machine. */
export class Choices {
  #state: number;

  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce((state, seed) => mixed(state ^ mixed(seed)), 0x9e3779b9);
  }

  /** A number from 0 up to but without 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return mixed(this.#state) / 4294967296;
  }

  /** A whole number from 0 up to but without `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** True in that share of all cases. */
  chance(share: number): boolean {
    return this.fraction() < share;
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  /** Runs one of the makers, chosen by its weight. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T {
    let at = this.fraction() * makers.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of makers) {
      at -= weight;
      if (at < 0) return make();
    }
    throw new Error('nothing to choose from');
  }

  /** Some of the list without repetition, at most `count`, in a random order. */
  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    const chosen: T[] = [];
    while (chosen.length < count && left.length > 0) chosen.push(...left.splice(this.below(left.length), 1));
    return chosen;
  }

  times<T>(count: number, make: (position: number) => T): T[] {
    return Array.from({ length: count }, (_, position) => make(position));
  }
}

function mixed(value: number): number {
  let state = value | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return (state ^ (state >>> 14)) >>> 0;
}
