import { seededRandom } from '@app/exchange';

/**
 * Which instance a market belongs to: the one whose hash together with the market's is highest. Every instance finds the same answer alone; when one goes, only its own
 * markets move, spread over those that stay, and when one comes it takes its share from each.
 * @param instances at least one, in any order
 */
export function ownerOf(conditionId: string, instances: readonly string[]): string | null {
  let owner: string | null = null;
  let highest = -1;
  for (const instance of instances) {
    const weight = seededRandom(`${instance}:${conditionId}`)();
    if (weight < highest || (weight === highest && owner !== null && owner < instance)) continue;
    owner = instance;
    highest = weight;
  }
  return owner;
}
