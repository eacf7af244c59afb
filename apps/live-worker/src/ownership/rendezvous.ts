/**
 * Which instance a market belongs to: the one whose hash together with the market's is highest. Every instance finds the same answer alone; when one goes, only its own
 * markets move, spread over those that stay, and when one comes it takes its share from each.
 * @param instances at least one, in any order
 */
export function ownerOf(conditionId: string, instances: readonly string[]): string | null {
  const market = hashOf(conditionId);
  let owner: string | null = null;
  let highest = -1;
  for (const instance of instances) {
    const weight = mixed(market ^ hashOf(instance));
    if (weight < highest || (weight === highest && owner !== null && owner < instance)) continue;
    owner = instance;
    highest = weight;
  }
  return owner;
}

/** FNV-1a of a text's UTF-16 units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** MurmurHash3's last step: every bit of the input decides about every bit of the result. */
function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
