/** Mixes 32 bits so that every input bit reaches every output bit (xorshift-multiply finaliser). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Returns 32 bits that depend on both words; the same words always give the same bits. */
export function hash2(a: number, b: number): number {
  return mix32(Math.imul(a, 0x9e3779b1) ^ mix32(b + 0x85ebca6b));
}

/** Returns 32 bits that depend on all three words. */
export function hash3(a: number, b: number, c: number): number {
  return hash2(hash2(a, b), c);
}

/** Maps 32 bits to [0, 1). */
export function unit(bits: number): number {
  return bits / 4_294_967_296;
}

/** A small seeded source: the same seed gives the same sequence on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = mix32(seed);
  }

  bits(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    return mix32(this.state);
  }

  /** In [0, 1). */
  fraction(): number {
    return unit(this.bits());
  }

  /** Whole number in [low, high], both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Between low and high, each order of magnitude equally likely. */
  logUniform(low: number, high: number): number {
    return low * Math.exp(this.fraction() * Math.log(high / low));
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.fraction() * list.length)];
    if (chosen === undefined) throw new RangeError('cannot pick from an empty list');
    return chosen;
  }

  /** `count` different elements, or all when there are fewer. */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    const chosen: T[] = [];
    while (chosen.length < count && rest.length > 0) {
      chosen.push(...rest.splice(Math.floor(this.fraction() * rest.length), 1));
    }
    return chosen;
  }
}
