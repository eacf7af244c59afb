import { Int32 } from 'bson';
import type { Choices } from './choices';
import type { Dataset, Fields } from './dataset';
import { clause, filter, joinsArrays, meetsEmptyArray, singleFilter, someId, totalSort } from './filters';
import { anything, number, scalar, smallInt, SUMMABLE, text } from './values';

/** How answers are compared: documents in their order, or as a set. */
export type Comparison = 'ordered' | 'unordered';

/** One command to be run on a dataset. */
export interface Case {
  readonly id: string;
  readonly command: Fields;
  readonly compare: Comparison;
  /** True when numbers compare by value alone, because any of several equal ones may be answered. */
  readonly loose: boolean;
  /** Filters of which each must match at most one document, or it would be open which one is meant. */
  readonly single: readonly Fields[];
}

type Body = Omit<Case, 'id' | 'loose' | 'single'> & { readonly loose?: boolean; readonly single?: readonly Fields[] };

/** What the collection is called inside a case. */
export const COLLECTION = 'c';

const int = (value: number): Int32 => new Int32(value);

/** True when one path lies at or below the other. */
const conflict = (path: string, other: string): boolean =>
  `${path}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${path}.`);

const TOP_LEVEL = ['a', 'n', 's', 't', 'k', 'f', 'm', 'u', 'd', 'c', 'e', 'g', 'absent'];

const NESTED = ['d.x', 'd.z', 'd.z.w', 'd.absent', 'e.x', 'e.y', 'g.x', 'c.x', 'g.x.y'];

/** Fields in or out; of a field and what lies below it only the first one drawn, both together are refused. */
function projection(choices: Choices): Fields {
  const wanted = choices.chance(0.6);
  const flag = (): unknown => choices.pick(wanted ? [int(1), true] : [int(0), false]);
  const names = choices.some(choices.chance(0.4) ? [...TOP_LEVEL, ...NESTED, ...NESTED] : TOP_LEVEL, choices.below(4));
  const apart = names.filter((name, at) => !names.slice(0, at).some((other) => conflict(name, other)));
  const fields = apart.map((name): [string, unknown] => [name, flag()]);
  if (choices.chance(0.3)) fields.splice(choices.below(fields.length + 1), 0, ['_id', int(0)]);
  else if (choices.chance(0.2)) fields.push(['_id', int(wanted || fields.length === 0 ? 1 : 0)]);
  return Object.fromEntries(fields);
}

function find(choices: Choices, dataset: Dataset): Body {
  const ordered = choices.chance(0.65);
  const command: Fields = { find: COLLECTION, filter: filter(choices, dataset) };
  if (ordered) {
    command.sort = totalSort(choices, dataset);
    if (choices.chance(0.4)) command.skip = int(choices.below(6));
    if (choices.chance(0.5)) command.limit = int(1 + choices.below(8));
  }
  if (choices.chance(0.4)) command.projection = projection(choices);
  command.batchSize = int(1000);
  return { command, compare: ordered ? 'ordered' : 'unordered' };
}

function count(choices: Choices, dataset: Dataset): Body {
  const command: Fields = { count: COLLECTION, query: filter(choices, dataset) };
  if (choices.chance(0.25)) command.skip = int(choices.below(5));
  if (choices.chance(0.25)) command.limit = int(1 + choices.below(10));
  return { command, compare: 'ordered' };
}

const GROUP_KEYS: readonly unknown[] = ['$k', '$f', '$s', '$t', '$a', '$n', '$d.x', '$d', '$absent', null, 'all'];

function group(choices: Choices): Fields {
  const names = choices.some(['total', 'count', 'other'], choices.below(4));
  const sum = (): unknown => choices.pick([int(1), int(1), int(2), '$m', '$m', '$u', '$k', '$absent']);
  return { _id: choices.pick(GROUP_KEYS), ...Object.fromEntries(names.map((name) => [name, { $sum: sum() }])) };
}

/** Skipping and limiting come only before a mere count: of documents in no order it is open which ones are left. */
function aggregate(choices: Choices, dataset: Dataset): Body {
  const pipeline: Fields[] = [];
  if (choices.chance(0.8)) pipeline.push({ $match: filter(choices, dataset) });
  if (choices.chance(0.15)) pipeline.push({ $match: clause(choices, dataset) });
  if (choices.chance(0.6)) pipeline.push({ $group: group(choices) });
  else {
    if (choices.chance(0.4)) pipeline.push({ $skip: int(choices.below(6)) });
    if (choices.chance(0.4)) pipeline.push({ $limit: int(1 + choices.below(15)) });
    pipeline.push({ $group: { _id: choices.pick([null, int(1), 'x']), n: { $sum: int(1 + choices.below(3)) } } });
  }
  const command = { aggregate: COLLECTION, pipeline, cursor: { batchSize: int(1000) } };
  return { command, compare: 'unordered', loose: true };
}

/** What an update may do: nothing that can fail, anything to one document, or anything to a document made by an upsert. */
type Daring = 'safe' | 'single' | 'upsert';

/** Paths every document takes a change at, whatever it holds. */
const SAFE_PATHS = [
  ...['a', 'n', 's', 'k', 'f', 't', 'd.x', 'd.fresh', 'd.y', 'fresh', 'fresh2.deep', 'e.0.x', 'c.1', 'c.5'],
];
const RISKY_PATHS = ['g.x', 'g.0', 'd.x.y', 'd.z.w', 'u', 'k.x', '_id', 'e.1', 'g'];
/** The reference answers with another code than MongoDB where the array is empty. */
const BELOW_ARRAYS = ['e.x', 'c.x'];
/** The reference refuses to unset below an array or a scalar, where MongoDB does nothing. */
const UNSETTABLE = [
  'a',
  'n',
  's',
  'k',
  'f',
  't',
  'd.x',
  'd.y',
  'd.z',
  'fresh',
  'c',
  'c.1',
  'e.0.x',
  'e.0',
  'g',
  'u',
  'd',
];
const COUNTERS = ['m', 'count', 'd.count', 'fresh2.count'];
const FRESH_LISTS = ['list', 'd.list', 'fresh2.list'];
const LISTS = ['c', 'c', 'e', 'k', 'g'];
/** An increment by zero changes nothing in MongoDB, but the reference counts it. */
const INCREMENTS = SUMMABLE.filter((value) => Number(value) !== 0);

/** One value, or several with a bound. The reference makes no array that would be empty, MongoDB does. */
function pushed(choices: Choices, slices: readonly number[]): unknown {
  if (choices.chance(0.5)) return anything(choices, 1);
  const values = choices.times(1 + choices.below(3), () => anything(choices, 1));
  const slice = choices.chance(0.6) ? { $slice: int(choices.pick(slices)) } : {};
  return choices.chance(0.5) ? { $each: values, ...slice } : { ...slice, $each: values };
}

type Change = readonly [operator: string, path: string, operand: unknown];

function change(choices: Choices, dataset: Dataset, daring: Daring): Change {
  const risky = [...RISKY_PATHS, ...BELOW_ARRAYS.filter((path) => !meetsEmptyArray(dataset, path.slice(0, 1)))];
  const path = (): string => choices.pick(daring === 'safe' || choices.chance(0.75) ? SAFE_PATHS : risky);
  const counter = (): string => (daring === 'single' && choices.chance(0.1) ? 'k' : choices.pick(COUNTERS));
  const unset = (): string => (daring === 'single' && choices.chance(0.05) ? '_id' : choices.pick(UNSETTABLE));
  // The reference takes documents with arrays in two fields of one index, which MongoDB refuses.
  const value = (at: string): unknown => {
    // An _id of a type that cannot be one is refused by both, with different codes.
    if (at === '_id') return text(choices);
    return joinsArrays(dataset) ? scalar(choices) : anything(choices, 1);
  };
  const set = (at: string): Change => ['$set', at, value(at)];
  return choices.weighted<Change>([
    [8, () => set(path())],
    [3, () => ['$unset', unset(), '']],
    [4, () => ['$inc', counter(), choices.pick(INCREMENTS)]],
    [2, () => ['$push', choices.pick(FRESH_LISTS), pushed(choices, [-2, -1, 1, 2])]],
    // Whether keeping just the first elements, as they were, is a change is not settled.
    [daring === 'single' ? 2 : 0, () => ['$push', choices.pick(LISTS), pushed(choices, [-3, -2, -1])]],
    [2, () => ['$setOnInsert', choices.pick(['a', 'fresh', 'd.born', 'k']), scalar(choices)]],
  ]);
}

/**
 * Changes in the order of their paths, each operator named once, of which one may fail: MongoDB applies them and adds new fields in the
 * order of their names, the reference in the order of the statement, so only statements where both are the same are made. The reference
 * finds conflicting paths only when it comes to apply them, so they have a statement of their own.
 */
function operators(choices: Choices, dataset: Dataset, daring: Daring): Fields {
  const more = choices.times(choices.below(3), () => change(choices, dataset, 'safe'));
  const changes = [change(choices, dataset, daring), ...more];
  const taken: Change[] = [];
  for (const next of changes.sort(([, a], [, b]) => (a < b ? -1 : Number(a > b)))) {
    const isNew = taken.every(([operator]) => operator !== next[0]);
    if (!isNew && taken.at(-1)?.[0] !== next[0]) continue;
    if (!taken.some(([, path]) => conflict(path, next[1]))) taken.push(next);
  }
  const update: Record<string, Fields> = {};
  for (const [operator, path, operand] of taken) update[operator] = { ...update[operator], [path]: operand };
  return update;
}

/** A statement whose paths conflict, on a document that is there. */
function conflicting(choices: Choices, dataset: Dataset): Fields {
  const [path, other] = choices.pick([
    ['a', 'a'],
    ['d', 'd.x'],
    ['d.x', 'd.x.y'],
    ['c.1', 'c'],
  ] as const);
  const u = { $set: { [path]: scalar(choices) }, [choices.pick(['$inc', '$unset'])]: { [other]: int(1) } };
  return { q: { _id: choices.pick(dataset.documents)._id }, u };
}

function content(choices: Choices): Fields {
  const makers: readonly (readonly [string, () => unknown])[] = [
    ['a', () => scalar(choices)],
    ['n', () => number(choices)],
    ['s', () => text(choices)],
    ['m', () => choices.pick(SUMMABLE)],
    ['d', () => ({ x: scalar(choices) })],
    ['c', () => anything(choices, 1)],
    ['u', () => smallInt(choices, 300)],
  ];
  return Object.fromEntries(choices.some(makers, choices.below(4)).map(([name, make]) => [name, make()]));
}

const replacement = (choices: Choices, dataset: Dataset): Fields => ({
  ...(choices.chance(0.2) ? { _id: someId(choices, dataset) } : {}),
  ...content(choices),
});

/** A filter an upsert can take the fields of a new document from. */
function seed(choices: Choices): Fields {
  const id = choices.pick([new Int32(1000 + choices.below(50)), `new${choices.below(50)}`]);
  return choices.weighted<Fields>([
    [4, () => ({ _id: id })],
    [2, () => ({ _id: id, k: text(choices) })],
    [2, () => ({ _id: id, 'd.x': new Int32(3), a: { $gt: new Int32(5) } })],
    [1, () => ({ $and: [{ _id: id }, { s: { $eq: 'nobody' } }] })],
    [1, () => ({ k: 'violet', m: new Int32(choices.below(5)) })],
  ]);
}

function updateStatement(choices: Choices, dataset: Dataset): { statement: Fields; single: Fields[] } {
  if (choices.chance(0.02)) return { statement: conflicting(choices, dataset), single: [] };
  const kind = choices.pick(['one', 'one', 'one', 'many', 'many', 'replace', 'upsert', 'upsert']);
  if (kind === 'many') {
    const q = filter(choices, dataset);
    return { statement: { q, u: operators(choices, dataset, 'safe'), multi: true }, single: [] };
  }
  const q = kind === 'upsert' ? seed(choices) : singleFilter(choices, dataset);
  const replaces = kind === 'replace' || (kind === 'upsert' && choices.chance(0.3));
  const u = replaces
    ? replacement(choices, dataset)
    : operators(choices, dataset, kind === 'upsert' ? 'upsert' : 'single');
  return { statement: { q, u, ...(kind === 'upsert' ? { upsert: true } : {}) }, single: [q] };
}

/** More than one statement is only made where a first one cannot make it open which document a later one means. */
function update(choices: Choices, dataset: Dataset): Body {
  const first = updateStatement(choices, dataset);
  const more = choices.chance(0.2)
    ? choices.times(1 + choices.below(2), () => ({
        q: { _id: someId(choices, dataset) },
        u: operators(choices, dataset, 'single'),
      }))
    : [];
  const ordered = choices.chance(0.7);
  const command = { update: COLLECTION, updates: [first.statement, ...more], ordered };
  return { command, compare: 'ordered', single: first.single };
}

function remove(choices: Choices, dataset: Dataset): Body {
  const many = choices.chance(0.5);
  const q = many ? filter(choices, dataset) : singleFilter(choices, dataset);
  const command = { delete: COLLECTION, deletes: [{ q, limit: int(many ? 0 : 1) }] };
  return { command, compare: 'ordered', single: many ? [] : [q] };
}

function insert(choices: Choices, dataset: Dataset): Body {
  const documents = choices.times(1 + choices.below(4), () => {
    const _id = choices.weighted<unknown>([
      [5, () => new Int32(2000 + choices.below(6))],
      [2, () => choices.pick(dataset.documents)._id],
      [1, () => text(choices)],
    ]);
    return choices.chance(0.05) ? content(choices) : { _id, ...content(choices) };
  });
  return { command: { insert: COLLECTION, documents, ordered: choices.chance(0.5) }, compare: 'ordered' };
}

function findAndModify(choices: Choices, dataset: Dataset): Body {
  const sorted = choices.chance(0.4);
  const upsert = !sorted && choices.chance(0.25);
  const query = upsert ? seed(choices) : sorted ? filter(choices, dataset) : singleFilter(choices, dataset);
  const command: Fields = { findAndModify: COLLECTION, query };
  if (sorted) command.sort = totalSort(choices, dataset);
  if (!upsert && choices.chance(0.2)) command.remove = true;
  else {
    command.update = choices.chance(0.2)
      ? replacement(choices, dataset)
      : operators(choices, dataset, upsert ? 'upsert' : 'single');
    if (choices.chance(0.6)) command.new = true;
    if (upsert) command.upsert = true;
  }
  if (choices.chance(0.3)) command.fields = projection(choices);
  return { command, compare: 'ordered', single: sorted ? [] : [query] };
}

/** Makes one case; the weights keep reading and writing about even. */
export function makeCase(choices: Choices, dataset: Dataset, id: string): Case {
  const make = choices.weighted<(choices: Choices, dataset: Dataset) => Body>([
    [28, () => find],
    [7, () => count],
    [16, () => aggregate],
    [22, () => update],
    [6, () => remove],
    [7, () => insert],
    [10, () => findAndModify],
  ]);
  return { id, loose: false, single: [], ...make(choices, dataset) };
}

const READS = new Set(['find', 'count', 'aggregate']);

/** The command's name. */
export function kindOf({ command }: Pick<Case, 'command'>): string {
  const [name] = Object.keys(command);
  if (name === undefined) throw new Error('a case has a command');
  return name;
}

export const isRead = (testCase: Pick<Case, 'command'>): boolean => READS.has(kindOf(testCase));
