import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { integerOf } from '../documents/options';
import { fieldsOf } from '../documents/raw-document';
import { NULL_VALUE, RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { encodeValue } from '../keys/key-writer';
import { type Filter, parseFilter } from '../matcher/filter';
import { compileFilter } from '../matcher/matcher';
import { createAccumulator, evaluate, type Expression, parseExpression } from './accumulators';

export interface GroupField {
  readonly name: string;
  readonly operator: string;
  readonly expression: Expression;
}

export type Stage =
  | { readonly kind: 'match'; readonly filter: Filter }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'group'; readonly id: Expression; readonly fields: readonly GroupField[] };

const SERVED = '$match, $skip, $limit and $group are served';

function parseGroup(value: RawValue): Stage {
  if (value.type !== BsonType.object)
    throw new StoreError('BadValue', "a group's fields must be specified in an object");
  let id: Expression | null = null;
  const fields: GroupField[] = [];
  for (const [name, spec] of fieldsOf(value)) {
    if (name === '_id') {
      id = parseExpression('$group._id', spec);
      continue;
    }
    if (name.includes('.') || name.startsWith('$'))
      throw new StoreError('BadValue', `The field name '${name}' cannot be used in $group`);
    const operators = spec.type === BsonType.object ? fieldsOf(spec) : [];
    const [only] = operators;
    if (only === undefined || operators.length !== 1)
      throw new StoreError('BadValue', `The field '${name}' must specify one accumulator`);
    createAccumulator(only[0]);
    fields.push({ name, operator: only[0], expression: parseExpression(`${only[0]} of $group`, only[1]) });
  }
  if (id === null) throw new StoreError('Location15955', 'a group specification must include an _id');
  return { kind: 'group', id, fields };
}

function parseStage(stage: RawValue): Stage {
  const fields = stage.type === BsonType.object ? fieldsOf(stage) : [];
  const [only] = fields;
  if (only === undefined || fields.length !== 1) {
    throw new StoreError('Location40323', 'A pipeline stage specification object must contain exactly one field.');
  }
  const [name, value] = only;
  switch (name) {
    case '$match':
      if (value.type !== BsonType.object)
        throw new StoreError('BadValue', 'the match filter must be an expression in an object');
      return { kind: 'match', filter: parseFilter(value) };
    case '$skip':
    case '$limit': {
      const count = integerOf(name, value);
      if (count < 0 || (name === '$limit' && count === 0))
        throw new StoreError(
          'BadValue',
          `${name} needs a ${name === '$limit' ? 'positive' : 'non-negative'} number, found ${count}`,
        );
      return { kind: name === '$skip' ? 'skip' : 'limit', count };
    }
    case '$group':
      return parseGroup(value);
    default:
      if (!name.startsWith('$')) throw new StoreError('Location40324', `Unrecognized pipeline stage name: '${name}'`);
      throw unsupported(`the aggregation stage ${name}`, SERVED);
  }
}

/** Takes a pipeline apart and refuses by name what is not served. */
export function parsePipeline(stages: readonly RawValue[]): Stage[] {
  return stages.map(parseStage);
}

/** Documents in pieces; an empty piece only lets others run. */
export type Documents = Generator<Buffer[], void, undefined>;

interface Group {
  readonly id: RawValue;
  readonly accumulators: ReturnType<typeof createAccumulator>[];
}

const GROUP_LIMIT = 1_000_000;

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
  const documents: Buffer[] = [];
  for (const { id, accumulators } of groups.values()) {
    const writer = new BsonWriter(128).raw('_id', id);
    for (const [position, { name }] of stage.fields.entries())
      writer.raw(name, accumulators[position]?.result() ?? NULL_VALUE);
    documents.push(writer.finish());
  }
  yield documents;
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
      case 'skip':
        return windowed(documents, stage.count, Infinity);
      case 'limit':
        return windowed(documents, 0, stage.count);
      case 'group':
        return group(documents, stage);
    }
  }, input);
}
