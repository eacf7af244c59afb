import { type Case, makeCase } from './cases';
import { Choices } from './choices';
import { type Dataset, makeDataset } from './dataset';

/** Changes whenever the same seed gives other cases than before. */
export const GENERATOR_VERSION = 4;

export const CASES_PER_DATASET = 80;

/** A dataset with its cases. */
export interface Portion {
  readonly dataset: Dataset;
  readonly cases: readonly Case[];
}

/** Makes at least `count` cases from a seed, portion by portion. */
export function* generate(seed: number, count: number): Generator<Portion> {
  for (let position = 0; position * CASES_PER_DATASET < count; position += 1) {
    const name = `d${String(position).padStart(3, '0')}`;
    const dataset = makeDataset(new Choices(seed, position), name, position);
    const cases = Array.from({ length: CASES_PER_DATASET }, (_, at) =>
      makeCase(new Choices(seed, position, at + 1), dataset, `${name}-${String(at).padStart(3, '0')}`),
    );
    yield { dataset, cases };
  }
}
