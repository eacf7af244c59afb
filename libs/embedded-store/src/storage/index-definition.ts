import { BsonType, isNumberType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { fieldPath, type FieldPath } from '../documents/field-path';
import { doubleOf } from '../documents/number-value';
import { integerOf, isTruthy } from '../documents/options';
import { FieldCursor, fieldsOf } from '../documents/raw-document';
import { documentValue, type RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import type { IndexField } from '../keys/index-keys';
import { conjuncts, type Filter, parseFilter } from '../matcher/filter';
import { compileFilter, type Matcher } from '../matcher/matcher';

export interface TextWeight {
  readonly path: FieldPath;
  readonly weight: number;
}

/** What createIndexes asked for, checked; `spec` is what listIndexes answers. */
export interface IndexDefinition {
  readonly name: string;
  readonly spec: Buffer;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly expireAfterSeconds: number | null;
  readonly partial: Filter | null;
  readonly matchesPartial: Matcher | null;
  /** Ordered parts; empty for a text index. */
  readonly fields: readonly IndexField[];
  /** Weighted fields of a text index, otherwise null. */
  readonly weights: readonly TextWeight[] | null;
  /** Top-level fields whose change can change the index. */
  readonly dependsOn: ReadonlySet<string>;
}

function cannotCreate(message: string): StoreError {
  return new StoreError('CannotCreateIndex', message);
}

function orderedField(name: string, value: RawValue): IndexField {
  if (!isNumberType(value.type)) {
    const kind = value.type === BsonType.string ? `"${stringOf(value)}" index` : 'index key value';
    throw unsupported(`the ${kind} on ${name}`, 'use 1, -1 or "text"');
  }
  const direction = doubleOf(value.type, value.bytes, value.start);
  if (!Number.isFinite(direction) || direction === 0)
    throw cannotCreate('Values in the index key pattern cannot be 0.');
  if (name === '') throw cannotCreate('Index keys cannot be an empty field.');
  if (name.startsWith('$') || name.includes('.$'))
    throw cannotCreate(`Index key contains an illegal field name: ${name}`);
  const path = fieldPath(name);
  if (name.includes('*')) throw unsupported('wildcard indexes', 'name the fields');
  if (path.parts.some(({ index }) => index !== null)) {
    throw unsupported(`an index on the array position ${name}`, 'index the array itself');
  }
  return { path, descending: direction < 0 };
}

function parseWeights(key: readonly [string, RawValue][], weights: RawValue | undefined): TextWeight[] {
  const given = new Map(
    weights === undefined ? [] : fieldsOf(weights).map(([name, value]) => [name, integerOf(`weights.${name}`, value)]),
  );
  for (const [name] of key) if (!given.has(name)) given.set(name, 1);
  const weighted = [...given].map(([name, weight]) => {
    if (weight < 1 || weight > 99999) throw cannotCreate(`text index weight must be in (0,99999) for ${name}`);
    if (name.includes('*') || name.startsWith('$')) throw unsupported('wildcard text indexes', 'name the fields');
    return { path: fieldPath(name), weight };
  });
  // The stored description has them in this order, and the columns of the index's table must keep theirs over a restart.
  return weighted.sort((a, b) => (a.path.text < b.path.text ? -1 : 1));
}

function checkPartial(filter: Filter): void {
  for (const clause of conjuncts(filter)) {
    const served =
      (clause.kind === 'exists' && clause.exists) ||
      clause.kind === 'in' ||
      (clause.kind === 'compare' && clause.operator === '$eq');
    if (!served) {
      throw unsupported('this partialFilterExpression', 'use { field: { $exists: true } }, equality or $in');
    }
  }
}

function pathsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.clauses.flatMap(pathsOf);
    case 'not':
      return pathsOf(filter.clause);
    case 'text':
      return [];
    default:
      return [filter.path.text];
  }
}

/** What listIndexes says of every index, and of every text index. */
const VERSIONS = { v: 2, textIndexVersion: 3 } as const;

interface RawSpec {
  key?: RawValue;
  name?: string;
  unique: boolean;
  sparse: boolean;
  expireAfterSeconds: number | null;
  partial?: RawValue;
  weights?: RawValue;
}

function readSpec(document: RawValue): RawSpec {
  const spec: RawSpec = { unique: false, sparse: false, expireAfterSeconds: null };
  for (const [name, value] of fieldsOf(document)) {
    switch (name) {
      case 'key':
      case 'partialFilterExpression':
      case 'weights':
        if (value.type !== BsonType.object)
          throw new StoreError('TypeMismatch', `index option ${name} must be an object`);
        spec[name === 'partialFilterExpression' ? 'partial' : name] = value;
        break;
      case 'name':
        if (value.type !== BsonType.string) throw new StoreError('TypeMismatch', 'index option name must be a string');
        spec.name = stringOf(value);
        break;
      case 'unique':
      case 'sparse':
        spec[name] = isTruthy(value);
        break;
      case 'expireAfterSeconds':
        spec.expireAfterSeconds = integerOf(name, value);
        break;
      case 'default_language':
        if (stringOf(value) !== 'english') throw unsupported(`text indexes in ${stringOf(value)}`, 'use english');
        break;
      case 'language_override':
        if (stringOf(value) !== 'language') throw unsupported('language_override', 'leave it out');
        break;
      case 'v':
      case 'textIndexVersion':
        if (integerOf(name, value) !== VERSIONS[name])
          throw unsupported(`${name} ${integerOf(name, value)} of an index`, `leave it out or use ${VERSIONS[name]}`);
        break;
      case 'collation':
      case 'hidden':
      case 'storageEngine':
      case 'wildcardProjection':
      case 'bits':
      case 'min':
      case 'max':
      case '2dsphereIndexVersion':
      case 'prepareUnique':
      case 'clustered':
      case 'background':
        throw unsupported(`the index option ${name}`, 'leave it out');
      default:
        throw new StoreError(
          'InvalidIndexSpecificationOption',
          `The field '${name}' is not valid for an index specification.`,
        );
    }
  }
  return spec;
}

function defaultName(key: readonly [string, RawValue][]): string {
  return key
    .map(
      ([name, value]) =>
        `${name}_${value.type === BsonType.string ? stringOf(value) : doubleOf(value.type, value.bytes, value.start)}`,
    )
    .join('_');
}

function writeSpec(name: string, spec: RawSpec, key: RawValue, weights: readonly TextWeight[] | null): Buffer {
  const writer = new BsonWriter().int32('v', 2);
  if (weights === null) writer.raw('key', key);
  else writer.beginObject('key').string('_fts', 'text').int32('_ftsx', 1).end();
  writer.string('name', name);
  if (spec.unique) writer.boolean('unique', true);
  if (spec.sparse) writer.boolean('sparse', true);
  if (spec.expireAfterSeconds !== null) writer.int32('expireAfterSeconds', spec.expireAfterSeconds);
  if (spec.partial !== undefined) writer.raw('partialFilterExpression', spec.partial);
  if (weights !== null) {
    writer.beginObject('weights');
    for (const { path, weight } of weights) writer.int32(path.text, weight);
    writer
      .end()
      .string('default_language', 'english')
      .string('language_override', 'language')
      .int32('textIndexVersion', 3);
  }
  return writer.finish();
}

const MAX_EXPIRE_SECONDS = 0x7fffffff;

/** What an index on _id may say of itself. */
const ID_INDEX_OPTIONS: readonly string[] = ['key', 'name', 'v'];

/** An index on _id alone is the one there is, so nothing else may be asked of it. */
function checkIdIndex({ fields: [first, second] }: IndexDefinition, document: RawValue): void {
  if (first?.path.text !== '_id' || second !== undefined) return;
  if (first.descending)
    throw new StoreError('BadValue', "The field 'key' for an _id index must be {_id: 1}, but got {_id: -1}");
  const odd = fieldsOf(document).find(([name]) => !ID_INDEX_OPTIONS.includes(name));
  if (odd === undefined) return;
  throw new StoreError(
    'InvalidIndexSpecificationOption',
    `The field '${odd[0]}' is not valid for an _id index specification.`,
  );
}

const MAX_INDEX_FIELDS = 32;

/** Reads the specification of an index that is to be made: {@link parseIndexDefinition}, and what holds for new ones. */
export function parseNewIndex(document: RawValue): IndexDefinition {
  const definition = parseIndexDefinition(document);
  const { name, fields, weights } = definition;
  if (name === '') throw cannotCreate('index name cannot be empty');
  if (name === '*') throw new StoreError('BadValue', "The index name '*' is not valid.");
  if (fields.length > MAX_INDEX_FIELDS) throw cannotCreate(`an index has at most ${MAX_INDEX_FIELDS} fields`);
  const paths = [...fields, ...(weights ?? [])].map(({ path }) => path);
  if (paths.some(({ parts }) => parts.some((part) => part.name === '')))
    throw cannotCreate('Index keys cannot contain an empty field.');
  checkIdIndex(definition, document);
  return definition;
}

/** Reads one index specification and refuses by name what is not served. */
export function parseIndexDefinition(document: RawValue): IndexDefinition {
  const spec = readSpec(document);
  if (spec.key === undefined)
    throw new StoreError('FailedToParse', "The 'key' field is a required property of an index specification");
  const key = fieldsOf(spec.key);
  if (key.length === 0) throw cannotCreate('Index keys cannot be empty.');
  const isText = key.some(([, value]) => value.type === BsonType.string && stringOf(value) === 'text');
  const name = spec.name ?? defaultName(key);
  const isStored = key[0]?.[0] === '_fts';
  const textKey = isStored ? [] : key;
  if (isText && textKey.some(([, value]) => value.type !== BsonType.string)) {
    throw unsupported('a text index with other parts', 'make two indexes');
  }
  const weights = isText ? parseWeights(textKey, spec.weights) : null;
  if (!isText && spec.weights !== undefined) throw cannotCreate('weights belong to a text index');
  const fields = isText ? [] : key.map(([path, value]) => orderedField(path, value));
  if (isText && spec.unique) throw cannotCreate('text indexes cannot be unique');
  if (spec.expireAfterSeconds !== null && (fields.length !== 1 || spec.expireAfterSeconds < 0)) {
    throw cannotCreate('expireAfterSeconds needs a single-field index and a value of at least 0');
  }
  if (spec.expireAfterSeconds !== null && spec.expireAfterSeconds > MAX_EXPIRE_SECONDS)
    throw cannotCreate(`expireAfterSeconds must be at most ${MAX_EXPIRE_SECONDS}`);
  if (spec.sparse && spec.partial !== undefined)
    throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options');
  const partial = spec.partial === undefined ? null : parseFilter(ownCopy(spec.partial));
  if (partial !== null) checkPartial(partial);
  const paths = [
    ...fields.map(({ path }) => path.text),
    ...(weights ?? []).map(({ path }) => path.text),
    ...(partial === null ? [] : pathsOf(partial)),
  ];
  return {
    name,
    spec: writeSpec(name, spec, spec.key, weights),
    unique: spec.unique,
    sparse: spec.sparse,
    expireAfterSeconds: spec.expireAfterSeconds,
    partial,
    matchesPartial: partial === null ? null : compileFilter(partial),
    fields,
    weights,
    dependsOn: new Set(paths.map((path) => fieldPath(path).parts[0]?.name ?? path)),
  };
}

/** The filter outlives the message it came in, so it must not keep the whole message in memory. */
function ownCopy(value: RawValue): RawValue {
  return documentValue(Buffer.from(value.body()));
}

/** The key pattern of an index as `[path, direction]`, in order. */
export function keyPattern(definition: IndexDefinition): [string, number][] {
  return definition.fields.map(({ path, descending }) => [path.text, descending ? -1 : 1]);
}

/** True when both definitions index the same keys in the same way, whatever their names. */
export function sameKeys(left: IndexDefinition, right: IndexDefinition): boolean {
  const leftKey = keyBytes(left);
  const rightKey = keyBytes(right);
  return leftKey.equals(rightKey);
}

function keyBytes({ spec, weights }: IndexDefinition): Buffer {
  if (weights !== null) return Buffer.from('text');
  const cursor = new FieldCursor(spec);
  while (cursor.advance()) {
    if (cursor.name() === 'key') {
      const parts = fieldsOf(cursor.value()).map(
        ([name, value]) => `${name}:${Math.sign(doubleOf(value.type, value.bytes, value.start))}`,
      );
      return Buffer.from(parts.join(','));
    }
  }
  return spec;
}
