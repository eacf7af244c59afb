import { Int32, ObjectId } from 'bson';
import type { Choices } from './choices';
import { anything, date, number, scalar, smallInt, SUMMABLE, text, timestamp } from './values';

export type Fields = Record<string, unknown>;

/** Documents and indexes that many cases share. */
export interface Dataset {
  readonly name: string;
  readonly indexes: readonly Fields[];
  readonly documents: readonly Fields[];
}

/** Paths that cases filter on, update and index, and what is known of them. */
export interface PathProfile {
  readonly path: string;
  /** True when arrays can stand on the way or at the end. */
  readonly arrays: boolean;
}

export const PATHS: readonly PathProfile[] = [
  { path: 'a', arrays: false },
  { path: 'n', arrays: false },
  { path: 's', arrays: false },
  { path: 't', arrays: false },
  { path: 'k', arrays: false },
  { path: 'f', arrays: false },
  { path: 'u', arrays: false },
  { path: 'd', arrays: false },
  { path: 'd.x', arrays: false },
  { path: 'd.z.w', arrays: false },
  { path: 'c', arrays: true },
  { path: 'e', arrays: true },
  { path: 'e.x', arrays: true },
  { path: 'e.y', arrays: true },
  { path: 'g', arrays: true },
  { path: 'g.x', arrays: true },
];

const FIELDS: readonly (readonly [name: string, share: number, make: (choices: Choices) => unknown])[] = [
  ['a', 0.85, scalar],
  ['n', 0.85, number],
  ['s', 0.8, text],
  ['t', 0.7, (choices) => (choices.chance(0.8) ? date(choices) : timestamp(choices))],
  ['k', 0.9, (choices) => choices.pick(['red', 'green', 'blue', null])],
  ['f', 0.85, (choices) => choices.chance(0.5)],
  ['m', 0.9, (choices) => choices.pick(SUMMABLE)],
  ['d', 0.8, (choices) => nested(choices)],
  ['c', 0.7, (choices) => choices.times(choices.below(4), () => anything(choices, 1))],
  ['e', 0.7, (choices) => choices.times(choices.below(4), () => element(choices))],
  ['g', 0.7, (choices) => anything(choices, 2)],
];

function nested(choices: Choices): Fields {
  const fields: Fields = {};
  if (choices.chance(0.8)) fields.x = scalar(choices);
  if (choices.chance(0.5)) fields.y = text(choices);
  if (choices.chance(0.6)) fields.z = choices.chance(0.8) ? { w: scalar(choices) } : scalar(choices);
  return fields;
}

function element(choices: Choices): Fields {
  const fields: Fields = {};
  if (choices.chance(0.9)) fields.x = choices.chance(0.6) ? smallInt(choices, 5) : scalar(choices);
  if (choices.chance(0.6)) fields.y = text(choices);
  return fields;
}

function identity(choices: Choices, kind: string, position: number): unknown {
  switch (kind) {
    case 'number':
      return new Int32(position + 1);
    case 'text':
      return `id${String(position).padStart(3, '0')}`;
    case 'object id':
      return new ObjectId(`0190b3c48d7a7c3e9f01${(4096 + position).toString(16)}`);
    default:
      return choices.pick([
        new Int32(position),
        `id${position}`,
        new Date(position * 1000),
        { x: new Int32(position), y: 'part' },
      ]);
  }
}

function document(choices: Choices, kind: string, position: number): Fields {
  const fields: Fields = { _id: identity(choices, kind, position) };
  for (const [name, share, make] of FIELDS) if (choices.chance(share)) fields[name] = make(choices);
  if (choices.chance(0.85)) fields.u = new Int32(position * 10);
  return fields;
}

function keyPattern(choices: Choices): Record<string, Int32> {
  const chosen = choices.some(PATHS, 1 + choices.below(3));
  // Two arrays in one index are refused, so at most one part may meet them.
  const allowed = chosen.filter(({ arrays }, at) => !arrays || chosen.findIndex((other) => other.arrays) === at);
  return Object.fromEntries(allowed.map(({ path }) => [path, new Int32(choices.chance(0.65) ? 1 : -1)]));
}

function indexes(choices: Choices): Fields[] {
  const made = choices.times(1 + choices.below(4), (): Fields => {
    const index: Fields = { key: keyPattern(choices) };
    const kind = choices.fraction();
    if (kind < 0.2) index.sparse = true;
    else if (kind < 0.4)
      index.partialFilterExpression = choices.pick([
        { k: 'red' },
        { n: { $exists: true } },
        { f: true },
        { k: { $in: ['red', 'blue'] } },
      ]);
    return index;
  });
  // Missing values would collide, so a unique index leaves them out.
  if (choices.chance(0.6))
    made.push({
      key: { u: new Int32(1) },
      unique: true,
      ...(choices.chance(0.5) ? { sparse: true } : { partialFilterExpression: { u: { $exists: true } } }),
    });
  const byKey = new Map(made.map((index) => [JSON.stringify(index.key), index]));
  return [...byKey.values()].map((index, position) => ({ ...index, name: `index_${position}` }));
}

/** Makes a dataset; every third one has no index, so that all kinds of cases meet whole collections too. */
export function makeDataset(choices: Choices, name: string, position: number): Dataset {
  const kind = choices.pick(['number', 'number', 'text', 'object id', 'mixed']);
  const documents = choices.times(10 + choices.below(9), (at) => document(choices, kind, at));
  return { name, documents, indexes: position % 3 === 2 ? [] : indexes(choices) };
}
