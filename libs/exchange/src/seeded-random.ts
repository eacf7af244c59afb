/**
 * A stream of numbers in [0, 1) that the seed alone decides; equal seeds give equal streams on every machine.
 * For jitter in simulated time, never for secrets.
 */
export function seededRandom(seed: string): () => number {
  let state = fnv1a(seed);
  return () => {
    // A Weyl sequence through the murmur3 finaliser.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
