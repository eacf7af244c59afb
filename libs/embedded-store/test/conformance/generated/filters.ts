import { BSONRegExp, Int32, MaxKey, MinKey } from 'bson';
import type { Choices } from './choices';
import { type Dataset, type Fields, type PathProfile, PATHS } from './dataset';
import { meaningOf } from './exact-number';
import { anything, scalar } from './values';

/** True for a value made of named fields, not one of BSON's own types. */
export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
}

/** All values a path meets in a document: arrays as a whole and their elements. */
export function valuesAt(value: unknown, path: string): unknown[] {
  const [name = '', ...rest] = path.split('.');
  if (Array.isArray(value))
    return value.flatMap((element: unknown) => (isFields(element) ? valuesAt(element, path) : []));
  if (!isFields(value) || !(name in value)) return [];
  const found = value[name];
  if (rest.length > 0) return valuesAt(found, rest.join('.'));
  return Array.isArray(found) ? [found, ...(found as unknown[])] : [found];
}

/** Values the store refuses by name to filter by. */
const isRefused = (value: unknown): boolean =>
  value instanceof BSONRegExp || value instanceof MinKey || value instanceof MaxKey;

const holdsNumber = (value: unknown): boolean =>
  Array.isArray(value) || isFields(value) ? Object.values(value).some(holdsNumber) : meaningOf(value) !== null;

/**
 * The reference looks lists of two and more up by a hash, in which a fraction, a number beyond int64 and one inside an object or array
 * depend on their type.
 */
function isSafeInLists(value: unknown): boolean {
  if (Array.isArray(value) || isFields(value)) return !Object.values(value).some(holdsNumber);
  const meaning = meaningOf(value);
  if (meaning === null || meaning === 'NaN') return true;
  if (typeof meaning === 'string' || meaning.exponent < 0) return false;
  return String(meaning.digits).length + meaning.exponent <= 18;
}

function constant(choices: Choices, dataset: Dataset, path: string): unknown {
  for (;;) {
    const value = choices.weighted<unknown>([
      [
        16,
        () => {
          const known = valuesAt(choices.pick(dataset.documents), path);
          return known.length === 0 ? scalar(choices) : choices.pick(known);
        },
      ],
      [3, () => scalar(choices)],
      [1, () => null],
      [0.5, () => anything(choices, 1)],
    ]);
    if (!isRefused(value)) return value;
  }
}

/** A range whose ends are values of one document: two elements of an array can satisfy one end each. */
function stretched(choices: Choices, dataset: Dataset, path: string): Fields {
  const lists = dataset.documents.map((document) => valuesAt(document, path).filter((value) => !isRefused(value)));
  const likely = lists
    .map((list) => list.filter((value) => meaningOf(value) !== null))
    .filter(({ length }) => length > 1);
  const [from, to] = choices.some(choices.pick(likely.length > 0 ? likely : lists), 2);
  if (from === undefined || to === undefined) return { $gte: constant(choices, dataset, path) };
  return { [choices.pick(['$gt', '$gte'])]: from, [choices.pick(['$lt', '$lte'])]: to };
}

/** `{ operator: operand }` on a path, or a plain value. */
function condition(choices: Choices, dataset: Dataset, path: string): unknown {
  const value = (): unknown => constant(choices, dataset, path);
  const list = (): unknown[] => {
    const members = choices.times(choices.below(5), value);
    return members.length === 1 ? members : members.filter(isSafeInLists);
  };
  return choices.weighted<unknown>([
    [5, value],
    [1, () => ({ $eq: value() })],
    [2, () => ({ $ne: value() })],
    [4, () => ({ $in: list() })],
    [2, () => ({ $nin: list() })],
    [5, () => ({ [choices.pick(['$gt', '$gte', '$lt', '$lte'])]: value() })],
    [3, () => ({ [choices.pick(['$gt', '$gte'])]: value(), [choices.pick(['$lt', '$lte'])]: value() })],
    [3, () => stretched(choices, dataset, path)],
    [2, () => ({ $exists: choices.chance(0.6) })],
    [0.5, () => ({ $exists: true, $ne: value() })],
  ]);
}

const FILTER_PATHS: readonly string[] = [...PATHS.map(({ path }) => path), '_id', 'm', 'e.0.x', 'absent'];

/** Paths of the dataset's indexes, so that many filters meet one. */
function indexedPaths({ indexes }: Dataset): string[] {
  return indexes.flatMap(({ key }) => Object.keys(key as Fields));
}

/** One clause on one path. */
export function clause(choices: Choices, dataset: Dataset): Fields {
  const indexed = indexedPaths(dataset);
  const path = indexed.length > 0 && choices.chance(0.5) ? choices.pick(indexed) : choices.pick(FILTER_PATHS);
  const meetsArrays = indexed.includes(path) && PATHS.some((known) => known.path === path && known.arrays);
  const test = meetsArrays && choices.chance(0.4) ? stretched : condition;
  return { [path]: test(choices, dataset, path) };
}

const clauses = (choices: Choices, dataset: Dataset, most: number): Fields[] =>
  choices.times(1 + choices.below(most), () => clause(choices, dataset));

/** The reference looks equality inside $or up as it does lists. */
function isSafeInBranches(branch: Fields): boolean {
  return Object.values(branch).every((test) => {
    if (!isFields(test)) return isSafeInLists(test);
    const { $eq = null, $in = [] } = test;
    const isValue = !Object.keys(test).some((name) => name.startsWith('$'));
    return isValue ? isSafeInLists(test) : [$eq, ...($in as unknown[])].every(isSafeInLists);
  });
}

function branches(choices: Choices, dataset: Dataset): Fields[] {
  const safe = clauses(choices, dataset, 3).filter(isSafeInBranches);
  return safe.length > 0 ? safe : [{ k: choices.pick(['red', 'green']) }];
}

/** A filter that has an operator or value for one path up to a tree of $and and $or. */
export function filter(choices: Choices, dataset: Dataset): Fields {
  return choices.weighted<Fields>([
    [1, () => ({})],
    [8, () => clause(choices, dataset)],
    [6, () => Object.assign({}, ...clauses(choices, dataset, 3)) as Fields],
    [2, () => ({ $and: clauses(choices, dataset, 3) })],
    [3, () => ({ $or: branches(choices, dataset) })],
    [2, () => ({ ...clause(choices, dataset), $or: branches(choices, dataset) })],
    [1, () => ({ $or: [{ $and: clauses(choices, dataset, 2) }, ...branches(choices, dataset)] })],
  ]);
}

/** The `_id` of one of the documents, or one that none has. */
export function someId(choices: Choices, dataset: Dataset): unknown {
  return choices.chance(0.9) ? choices.pick(dataset.documents)._id : new Int32(900 + choices.below(100));
}

/** A filter that at most one document meets. */
export function singleFilter(choices: Choices, dataset: Dataset): Fields {
  const id = { _id: someId(choices, dataset) };
  return choices.weighted<Fields>([
    [5, () => id],
    [3, () => ({ ...id, ...clause(choices, dataset) })],
    [2, () => ({ u: choices.pick(dataset.documents).u ?? new Int32(7) })],
    [2, () => filter(choices, dataset)],
  ]);
}

/** True when an empty array lies at a path of some document. */
export const meetsEmptyArray = (dataset: Dataset, path: string): boolean =>
  dataset.documents.some((document) =>
    valuesAt(document, path).some((value) => Array.isArray(value) && value.length === 0),
  );

/** Paths that may be sorted by: where an empty array is met the reference deviates from MongoDB's order. */
export function sortablePaths(dataset: Dataset): PathProfile[] {
  return [...PATHS, { path: 'm', arrays: false }].filter(({ path }) => !meetsEmptyArray(dataset, path));
}

/** True when an index joins a path that meets arrays with others: then those must not meet arrays as well. */
export function joinsArrays({ indexes }: Dataset): boolean {
  return indexes.some(({ key }) => {
    const paths = Object.keys(key as Fields);
    return paths.length > 1 && PATHS.some(({ path, arrays }) => arrays && paths.includes(path));
  });
}

/** A sort pattern that leaves no two documents equal. */
export function totalSort(choices: Choices, dataset: Dataset): Fields {
  const direction = (): Int32 => new Int32(choices.chance(0.6) ? 1 : -1);
  const indexed = indexedPaths(dataset);
  const sortable = sortablePaths(dataset);
  const likely = sortable.filter(({ path }) => indexed.includes(path));
  const from = likely.length > 0 && choices.chance(0.5) ? likely : sortable;
  const chosen = choices.some(from, choices.below(3));
  return Object.fromEntries([...chosen.map(({ path }) => [path, direction()]), ['_id', direction()]]) as Fields;
}
