import { BsonType, isNumberType, typeName } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { doubleOf } from '../documents/number-value';
import { integerOf } from '../documents/options';
import { fieldsOf } from '../documents/raw-document';
import { int32Value, NULL_VALUE, RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { type IndexField, sortKey } from '../keys/index-keys';
import { encodeValue } from '../keys/key-writer';
import { conjuncts, type Filter, parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { LazySort } from '../planner/lazy-sort';
import type { SortPart } from '../planner/plan';
import { compileProjection, type Projector, wantsScore } from '../projector/projection';
import { createAccumulator, evaluate, type Expression, parseExpression } from './accumulators';

export interface GroupField {
  readonly name: string;
  readonly operator: string;
  readonly expression: Expression;
}

/** What a $collStats stage asks for. */
export interface CollectionStatistics {
  readonly kind: 'collStats';
  /** What the sizes are divided by; null when none are asked for. */
  readonly storageScale: number | null;
  readonly withCount: boolean;
}

export type Stage =
  | CollectionStatistics
  | { readonly kind: 'match'; readonly filter: Filter }
  | { readonly kind: 'sort'; readonly sort: readonly SortPart[] }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'project'; readonly project: Projector }
  | { readonly kind: 'group'; readonly id: Expression; readonly fields: readonly GroupField[] }
  | { readonly kind: 'count'; readonly name: string };

/** Reads a sort pattern. */
export type SortParser = (document: RawValue) => SortPart[];

const SERVED = '$match, $sort, $skip, $limit, $project, $group, $count and $collStats are served';

function parseGroup(value: RawValue): Stage {
  if (value.type !== BsonType.object)
    throw new StoreError('Location15947', "a group's fields must be specified in an object");
  let id: Expression | null = null;
  const fields: GroupField[] = [];
  for (const [name, spec] of fieldsOf(value)) {
    if (name === '_id') {
      id = parseExpression('$group._id', spec);
      continue;
    }
    if (name.includes('.')) throw new StoreError('Location40235', `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$'))
      throw new StoreError('Location40236', `The field name '${name}' cannot be an operator name`);
    if (spec.type !== BsonType.object)
      throw new StoreError('Location40234', `The field '${name}' must be an accumulator object`);
    const operators = fieldsOf(spec);
    const [only] = operators;
    if (only === undefined || operators.length !== 1)
      throw new StoreError('Location40238', `The field '${name}' must specify one accumulator`);
    createAccumulator(only[0]);
    fields.push({ name, operator: only[0], expression: parseExpression(`${only[0]} of $group`, only[1]) });
  }
  if (id === null) throw new StoreError('Location15955', 'a group specification must include an _id');
  return { kind: 'group', id, fields };
}

/** The number of a $skip or $limit: whole and not negative. */
function countOf(name: '$skip' | '$limit', value: RawValue): number {
  const number = isNumberType(value.type) ? doubleOf(value.type, value.bytes, value.start) : NaN;
  if (Number.isInteger(number) && number >= 0) return number;
  const expected = number < 0 ? 'a non-negative number' : isNumberType(value.type) ? 'an integer' : 'a number';
  throw new StoreError(
    name === '$skip' ? 'Location5107200' : 'Location5107201',
    `invalid argument to ${name} stage: Expected ${expected} in: ${name}`,
  );
}

function parseCollStats(value: RawValue): CollectionStatistics {
  if (value.type !== BsonType.object)
    throw new StoreError('Location5447000', `$collStats must take a nested object but found: ${typeName(value.type)}`);
  let storageScale: number | null = null;
  let withCount = false;
  for (const [name, options] of fieldsOf(value)) {
    if (name !== 'storageStats' && name !== 'count')
      throw unsupported(`the option ${name} of $collStats`, 'storageStats and count are served');
    if (options.type !== BsonType.object)
      throw new StoreError('TypeMismatch', `BSON field '$collStats.${name}' is not an object`);
    if (name === 'count') withCount = true;
    else storageScale = 1;
    for (const [option, scale] of fieldsOf(options)) {
      if (name !== 'storageStats' || option !== 'scale')
        throw new StoreError('Location40415', `BSON field '$collStats.${name}.${option}' is an unknown field.`);
      const divisor = integerOf('scale', scale);
      if (divisor < 1)
        throw new StoreError('BadValue', `BSON field 'scale' value must be >= 1, actual value '${divisor}'`);
      storageScale = divisor;
    }
  }
  return { kind: 'collStats', storageScale, withCount };
}

function parseProject(value: RawValue): Stage {
  if (value.type !== BsonType.object) throw new StoreError('Location15969', '$project specification must be an object');
  if (wantsScore(value)) throw unsupported('the text score in $project', 'use find');
  const project = compileProjection(value);
  if (project === null)
    throw new StoreError(
      'Location51272',
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  return { kind: 'project', project };
}

function parseCount(value: RawValue): Stage {
  const name = value.type === BsonType.string ? stringOf(value) : '';
  if (name === '') throw new StoreError('Location40156', 'the count field must be a non-empty string');
  if (name.startsWith('$')) throw new StoreError('Location40158', 'the count field cannot be a $-prefixed path');
  if (name.includes('.')) throw new StoreError('Location40160', "the count field cannot contain '.'");
  return { kind: 'count', name };
}

function parseStage(stage: RawValue, parseSort: SortParser): Stage {
  if (stage.type !== BsonType.object)
    throw new StoreError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
  const fields = fieldsOf(stage);
  const [only] = fields;
  if (only === undefined || fields.length !== 1) {
    throw new StoreError('Location40323', 'A pipeline stage specification object must contain exactly one field.');
  }
  const [name, value] = only;
  switch (name) {
    case '$match':
      if (value.type !== BsonType.object)
        throw new StoreError('Location15959', 'the match filter must be an expression in an object');
      return { kind: 'match', filter: parseFilter(value) };
    case '$sort':
      if (value.type !== BsonType.object)
        throw new StoreError('Location15973', 'the $sort key specification must be an object');
      if (fieldsOf(value).length === 0)
        throw new StoreError('Location15976', '$sort stage must have at least one sort key');
      return { kind: 'sort', sort: parseSort(value) };
    case '$skip':
      return { kind: 'skip', count: countOf(name, value) };
    case '$limit': {
      const count = countOf(name, value);
      if (count === 0) throw new StoreError('Location15958', 'the limit must be positive');
      return { kind: 'limit', count };
    }
    case '$project':
      return parseProject(value);
    case '$group':
      return parseGroup(value);
    case '$count':
      return parseCount(value);
    case '$collStats':
      return parseCollStats(value);
    default:
      if (!name.startsWith('$')) throw new StoreError('Location40324', `Unrecognized pipeline stage name: '${name}'`);
      throw unsupported(`the aggregation stage ${name}`, SERVED);
  }
}

const searchesText = (stage: Stage): boolean =>
  stage.kind === 'match' && conjuncts(stage.filter).some(({ kind }) => kind === 'text');

/** Takes a pipeline apart and refuses by name what is not served. */
export function parsePipeline(stages: readonly RawValue[], parseSort: SortParser): Stage[] {
  const parsed = stages.map((stage) => parseStage(stage, parseSort));
  if (parsed.slice(1).some(({ kind }) => kind === 'collStats'))
    throw new StoreError('Location40602', '$collStats is only valid as the first stage in a pipeline');
  if (parsed.slice(1).some(searchesText))
    throw new StoreError('Location17313', '$match with $text is only allowed as the first pipeline stage');
  return parsed;
}

/** Documents in pieces; an empty piece only lets others run. */
export type Documents = Generator<Buffer[], void, undefined>;

interface Group {
  readonly id: RawValue;
  readonly accumulators: ReturnType<typeof createAccumulator>[];
}

const GROUP_LIMIT = 1_000_000;
const GROUPS_AT_ONCE = 1000;

function* group(input: Documents, stage: Extract<Stage, { kind: 'group' }>): Documents {
  const groups = new Map<string, Group>();
  for (const piece of input) {
    for (const document of piece) {
      const id = evaluate(stage.id, document) ?? NULL_VALUE;
      const key = encodeValue(id).toString('latin1');
      let found = groups.get(key);
      if (found === undefined) {
        if (groups.size >= GROUP_LIMIT)
          throw new StoreError('QueryExceededMemoryLimit', `$group has more than ${GROUP_LIMIT} groups`);
        const own = new RawValue(id.type, Buffer.from(id.body()), 0, id.end - id.start);
        found = { id: own, accumulators: stage.fields.map(({ operator }) => createAccumulator(operator)) };
        groups.set(key, found);
      }
      for (const [position, { expression }] of stage.fields.entries()) {
        found.accumulators[position]?.add(evaluate(expression, document));
      }
    }
    yield [];
  }
  let documents: Buffer[] = [];
  for (const { id, accumulators } of groups.values()) {
    if (documents.length === GROUPS_AT_ONCE) {
      yield documents;
      documents = [];
    }
    const writer = new BsonWriter(128).raw('_id', id);
    for (const [position, { name }] of stage.fields.entries())
      writer.raw(name, accumulators[position]?.result() ?? NULL_VALUE);
    documents.push(writer.finish());
  }
  yield documents;
}

const SORT_LIMIT_BYTES = 100 * 1024 * 1024;

interface KeyedDocument {
  readonly key: Buffer;
  readonly document: Buffer;
}

function* sorted(input: Documents, sort: readonly SortPart[]): Documents {
  const fields: IndexField[] = sort.map((part) => {
    if ('field' in part) return part.field;
    throw unsupported('sorting by textScore in a later stage', 'sort right behind $match');
  });
  const order = new LazySort<KeyedDocument>((a, b) => a.key.compare(b.key));
  let bytes = 0;
  for (const piece of input) {
    for (const document of piece) {
      const key = sortKey(document, fields);
      bytes += document.length + key.length;
      if (bytes > SORT_LIMIT_BYTES)
        throw new StoreError('QueryExceededMemoryLimit', 'Sort exceeded memory limit of 104857600 bytes');
      order.add({ key, document });
    }
    yield [];
  }
  for (const piece of order.sorted()) yield piece.map(({ document }) => document);
}

function* counted(input: Documents, name: string): Documents {
  let count = 0;
  for (const piece of input) {
    count += piece.length;
    yield [];
  }
  yield countResult(name, count);
}

/** What $count gives: one document, or none when nothing was counted. */
export function countResult(name: string, count: number): Buffer[] {
  return count === 0 ? [] : [new BsonWriter(64).raw(name, int32Value(count)).finish()];
}

function* windowed(input: Documents, skip: number, limit: number): Documents {
  let toSkip = skip;
  let left = limit;
  for (const piece of input) {
    const passed = Math.min(toSkip, piece.length);
    toSkip -= passed;
    const part = piece.slice(passed, passed + left);
    left -= part.length;
    yield part;
    if (left <= 0) return;
  }
}

function* mapped(input: Documents, change: (piece: Buffer[]) => Buffer[]): Documents {
  for (const piece of input) yield change(piece);
}

/** Sends documents through the stages. */
export function runStages(input: Documents, stages: readonly Stage[]): Documents {
  return stages.reduce<Documents>((documents, stage) => {
    switch (stage.kind) {
      case 'match': {
        const matches = compileFilter(stage.filter);
        return mapped(documents, (piece) => piece.filter(matches));
      }
      case 'sort':
        return sorted(documents, stage.sort);
      case 'project':
        return mapped(documents, (piece) => piece.map((document) => stage.project(document, 0)));
      case 'skip':
        return windowed(documents, stage.count, Infinity);
      case 'limit':
        return windowed(documents, 0, stage.count);
      case 'group':
        return group(documents, stage);
      case 'count':
        return counted(documents, stage.name);
      case 'collStats':
        // What comes in is what it stands for: it is the first, and the command has made its document.
        return documents;
    }
  }, input);
}
