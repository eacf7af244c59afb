import type { Case } from './cases';
import type { Dataset } from './dataset';

/** All lists with one element left out. */
const withoutOne = <T>(list: readonly T[]): T[][] =>
  list.map((_, left) => list.filter((_element, position) => position !== left));

function* smaller(dataset: Dataset): Generator<Dataset> {
  const { documents, indexes } = dataset;
  if (documents.length > 3) {
    const half = documents.length >> 1;
    yield { ...dataset, documents: documents.slice(0, half) };
    yield { ...dataset, documents: documents.slice(half) };
  }
  if (indexes.length > 0) yield { ...dataset, indexes: [] };
  for (const fewer of withoutOne(indexes)) yield { ...dataset, indexes: fewer };
  for (const fewer of withoutOne(documents)) yield { ...dataset, documents: fewer };
  for (const [position, document] of documents.entries()) {
    for (const name of Object.keys(document).filter((field) => field !== '_id')) {
      const rest = Object.fromEntries(Object.entries(document).filter(([other]) => other !== name));
      yield { ...dataset, documents: documents.map((other, at) => (at === position ? rest : other)) };
    }
  }
}

/** Leaves out indexes, documents and fields as long as the case still fails; gives up after that many attempts. */
export async function minimise(
  dataset: Dataset,
  testCase: Case,
  fails: (dataset: Dataset, testCase: Case) => Promise<boolean>,
  attempts = 400,
): Promise<Dataset> {
  let least = dataset;
  let left = attempts;
  for (let found = true; found;) {
    found = false;
    for (const candidate of smaller(least)) {
      if (left === 0) return least;
      left -= 1;
      if (await fails(candidate, testCase)) {
        least = candidate;
        found = true;
        break;
      }
    }
  }
  return least;
}
