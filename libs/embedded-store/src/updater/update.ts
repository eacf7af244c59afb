import { BsonType, isNumberType, typeName } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { compareValues } from '../documents/compare-values';
import { type FieldPath, fieldPath, type PathPart } from '../documents/field-path';
import { isNaNValue } from '../documents/number-value';
import { FieldCursor, fieldsOf, findId, MAX_NESTING, nestingOf } from '../documents/raw-document';
import { documentValue, NULL_VALUE, RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { isOperatorObject, type Filter } from '../matcher/filter';
import { addNumbers } from './add-numbers';
import { MutableContainer, type MutableValue, toRaw } from './mutable-document';
import { parsePush, type Push, pushed } from './push';

const OPERATORS = ['$set', '$unset', '$inc', '$setOnInsert', '$push'] as const;
type Operator = (typeof OPERATORS)[number];

type Change =
  | { readonly operator: Exclude<Operator, '$push'>; readonly path: FieldPath; readonly operand: RawValue }
  | { readonly operator: '$push'; readonly path: FieldPath; readonly push: Push };

/** An update statement taken apart. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: RawValue }
  | {
      readonly kind: 'operators';
      readonly changes: readonly Change[];
      /** Names of the top-level fields it can change. */
      readonly touched: ReadonlySet<string>;
    };

function checkPath(path: FieldPath): void {
  for (const { name } of path.parts) {
    if (name === '')
      throw new StoreError(
        'EmptyFieldName',
        `The update path '${path.text}' contains an empty field name, which is not allowed.`,
      );
    if (name === '$' || name.startsWith('$['))
      throw unsupported(`the positional operator in '${path.text}'`, 'name the position or write the whole array');
  }
}

function checkDepth(path: FieldPath, added: number): void {
  if (path.parts.length + added <= MAX_NESTING) return;
  throw new StoreError('Overflow', `Document exceeds maximum nesting depth of ${MAX_NESTING}`);
}

function parseChange(operator: Operator, path: FieldPath, operand: RawValue): Change {
  if (operator === '$push') {
    const push = parsePush(path, operand);
    checkDepth(path, 1 + push.values.reduce((deepest, value) => Math.max(deepest, nestingOf(value)), 0));
    return { operator, path, push };
  }
  if (operator !== '$unset') checkDepth(path, nestingOf(operand));
  if (operator === '$inc' && !isNumberType(operand.type)) {
    throw new StoreError(
      'TypeMismatch',
      `Cannot increment with non-numeric argument: {${path.text}: ${typeName(operand.type)}}`,
    );
  }
  return { operator, path, operand };
}

/** MongoDB adds new fields in this order: numbers by value, then names by their text. */
function compareParts(a: PathPart, b: PathPart): number {
  if (a.index !== null && b.index !== null) return a.index - b.index;
  if (a.index !== null || b.index !== null) return a.index !== null ? -1 : 1;
  return a.bytes.compare(b.bytes);
}

function comparePaths(a: FieldPath, b: FieldPath): number {
  for (const [depth, part] of a.parts.entries()) {
    const other = b.parts[depth];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.parts.length - b.parts.length;
}

function checkConflicts(sorted: readonly Change[]): void {
  for (const [position, { path }] of sorted.entries()) {
    const next = sorted[position + 1]?.path;
    if (next === undefined) return;
    if (next.text === path.text || next.text.startsWith(`${path.text}.`)) {
      throw new StoreError(
        'ConflictingUpdateOperators',
        `Updating the path '${next.text}' would create a conflict at '${path.text}'`,
      );
    }
  }
}

function parseOperators(document: RawValue): Change[] {
  const changes: Change[] = [];
  for (const [name, fields] of fieldsOf(document)) {
    const operator = OPERATORS.find((known) => known === name);
    if (operator === undefined) {
      if (name.startsWith('$')) throw unsupported(`the update operator ${name}`, `${OPERATORS.join(', ')} are served`);
      throw new StoreError(
        'FailedToParse',
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (fields.type !== BsonType.object) {
      throw new StoreError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeName(fields.type)} instead.`,
      );
    }
    for (const [text, operand] of fieldsOf(fields)) {
      const path = fieldPath(text);
      checkPath(path);
      changes.push(parseChange(operator, path, operand));
    }
  }
  changes.sort((a, b) => comparePaths(a.path, b.path));
  checkConflicts(changes);
  return changes;
}

/** Takes the `u` of an update statement apart and refuses by name what is not served. */
export function parseUpdate(value: RawValue): Update {
  if (value.type === BsonType.array) throw unsupported('updates by an aggregation pipeline', 'use update operators');
  if (value.type !== BsonType.object)
    throw new StoreError('FailedToParse', 'Update argument must be either an object or an array');
  if (isOperatorObject(value)) {
    const changes = parseOperators(value);
    return { kind: 'operators', changes, touched: new Set(changes.map(({ path }) => path.parts[0]?.name ?? '')) };
  }
  return { kind: 'replacement', document: value };
}

function notViable(part: PathPart, holder: string, found: MutableValue): StoreError {
  const type = found instanceof RawValue ? typeName(found.type) : 'array';
  return new StoreError('PathNotViable', `Cannot create field '${part.name}' in element {${holder}: (${type})}`);
}

const MAX_ARRAY_PADDING = 1_500_000;

/** What a container holds under a part of a path. */
function childOf(container: MutableContainer, part: PathPart, path: FieldPath): MutableValue | undefined {
  if (container.isArray && part.index === null && /^\d+$/.test(part.name))
    throw unsupported(`the array position '${part.name}' in '${path.text}'`, 'write it without leading zeros');
  return container.get(part.name);
}

/** The container at the parent of a path; created on the way when `create` is set, otherwise null when something is missing. */
function parentOf(root: MutableContainer, path: FieldPath, create: boolean): MutableContainer | null {
  let container = root;
  for (const [depth, part] of path.parts.slice(0, -1).entries()) {
    let next = childOf(container, part, path);
    if (next === undefined) {
      if (!create) return null;
      next = new MutableContainer(false, []);
      place(container, part, next, path);
    } else if (next instanceof RawValue) {
      if (next.type !== BsonType.object && next.type !== BsonType.array) {
        if (!create) return null;
        const below = path.parts[depth + 1] ?? part;
        throw notViable(below, part.name, next);
      }
      next = MutableContainer.of(next);
      container.set(part.name, next);
    }
    container = next;
  }
  return container;
}

/** Puts a value into a container; beyond the end of an array the gap is filled with nulls. */
function place(container: MutableContainer, part: PathPart, value: MutableValue, path: FieldPath): void {
  if (container.isArray) {
    if (part.index === null) {
      const holder = path.parts[path.parts.indexOf(part) - 1]?.name ?? '';
      throw new StoreError('PathNotViable', `Cannot create field '${part.name}' in element {${holder}: (array)}`);
    }
    if (part.index - container.fields.length > MAX_ARRAY_PADDING)
      throw new StoreError('CannotBackfillArray', `can't backfill more than ${MAX_ARRAY_PADDING} elements`);
    for (let gap = container.fields.length; gap < part.index; gap += 1)
      container.fields.push([String(gap), NULL_VALUE]);
  }
  container.set(part.name, value);
}

function lastPart(path: FieldPath): PathPart {
  const last = path.parts.at(-1);
  if (last === undefined) throw new Error('a path has at least one part');
  return last;
}

function unset(root: MutableContainer, path: FieldPath): void {
  const parent = parentOf(root, path, false);
  const part = lastPart(path);
  if (parent === null || childOf(parent, part, path) === undefined) return;
  if (parent.isArray) parent.set(part.name, NULL_VALUE);
  else parent.remove(part.name);
}

function incremented(current: MutableValue | undefined, path: FieldPath, operand: RawValue): RawValue {
  if (current === undefined) return operand;
  if (!(current instanceof RawValue) || !isNumberType(current.type)) {
    const type = current instanceof RawValue ? typeName(current.type) : 'object';
    throw new StoreError(
      'TypeMismatch',
      `Cannot apply $inc to a value of non-numeric type. The field '${path.text}' has type ${type}`,
    );
  }
  return addNumbers(current, operand);
}

function newValue(change: Change, current: MutableValue | undefined): MutableValue {
  switch (change.operator) {
    case '$inc':
      return incremented(current, change.path, change.operand);
    case '$push':
      return pushed(current, change.path, change.push);
    default:
      return change.operand;
  }
}

function applyChange(root: MutableContainer, change: Change): void {
  if (change.operator === '$unset') {
    unset(root, change.path);
    return;
  }
  const parent = parentOf(root, change.path, true);
  if (parent === null) return;
  const part = lastPart(change.path);
  const current = childOf(parent, part, change.path);
  place(parent, part, newValue(change, current), change.path);
}

/** More changes than these are carried out on the document taken apart. */
const FEW_CHANGES = 8;

/** A field that is changed in place: the bytes it takes, and what comes there, or null for nothing. */
interface Patch {
  readonly name: Buffer;
  readonly from: number;
  readonly to: number;
  readonly value: RawValue | null;
}

function patchOf(before: Buffer, change: Change): Patch | null {
  const { bytes } = lastPart(change.path);
  const cursor = new FieldCursor(before);
  let found = cursor.advance();
  while (found && !cursor.isNamed(bytes)) found = cursor.advance();
  if (change.operator === '$unset')
    return found ? { name: bytes, from: cursor.fieldStart, to: cursor.end, value: null } : null;
  const value = toRaw(newValue(change, found ? cursor.value() : undefined));
  const end = before.length - 1;
  if (!found) return { name: bytes, from: end, to: end, value };
  return { name: bytes, from: cursor.fieldStart, to: cursor.end, value };
}

/** Carries out changes of top-level fields without taking the document apart; what lies between them is copied as it is. */
function patched(before: Buffer, changes: readonly Change[]): Buffer {
  const patches: Patch[] = [];
  for (const change of changes) {
    const patch = patchOf(before, change);
    if (patch !== null) patches.push(patch);
  }
  // New fields stay in their order behind the last one.
  patches.sort((a, b) => a.from - b.from);
  const writer = new BsonWriter(before.length + 64);
  let copied = 4;
  for (const { name, from, to, value } of patches) {
    writer.rawFields(before, copied, from);
    if (value !== null) writer.raw(name, value);
    copied = to;
  }
  return writer.rawFields(before, copied, before.length - 1).finish();
}

function applyAll(before: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length <= FEW_CHANGES && changes.every(({ path }) => path.parts.length === 1))
    return patched(before, changes);
  const root = MutableContainer.of(documentValue(before));
  for (const change of changes) applyChange(root, change);
  return root.toBuffer();
}

/** Changes MongoDB counts even when the bytes stay: an increment that ends in NaN, and the unsetting of an element that is null. */
function countsAnyway({ operator, path }: Change, root: MutableContainer): boolean {
  if (operator !== '$inc' && operator !== '$unset') return false;
  const parent = parentOf(root, path, false);
  const value = parent?.get(lastPart(path).name);
  if (operator === '$unset') return parent?.isArray === true && value !== undefined;
  return value instanceof RawValue && isNaNValue(value.type, value.bytes, value.start);
}

/** Refuses another `_id`. MongoDB may or may not keep the type of an equal number, so that is refused by name. */
function checkSameId(before: RawValue | null, after: RawValue | null): void {
  if (before === null || (after !== null && before.isIdenticalTo(after))) return;
  if (after !== null && compareValues(before, after) === 0)
    throw unsupported('a change of the type of _id', 'send the _id as it was stored');
  throw new StoreError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

/** Refuses names that a document which is there must not get; one that is made by an upsert may have them. */
function checkDollarNames(names: Iterable<string>): void {
  for (const name of names) {
    if (!name.startsWith('$')) continue;
    throw new StoreError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
}

const DOLLAR = 0x24;

/** The top-level names that start with a dollar; others are not even decoded. */
function* dollarNames(document: RawValue): Generator<string> {
  const cursor = new FieldCursor(document.bytes, document.start);
  while (cursor.advance()) if (document.bytes[cursor.nameStart] === DOLLAR) yield cursor.name();
}

const ID_NAME = Buffer.from('_id');

function checkIdNames(id: RawValue): void {
  if (id.type !== BsonType.object && id.type !== BsonType.array) return;
  for (const [name, value] of fieldsOf(id)) {
    if (name.startsWith('$'))
      throw new StoreError('DollarPrefixedFieldName', `_id fields may not contain '$'-prefixed fields: ${name}`);
    checkIdNames(value);
  }
}

/**
 * Puts `_id` first, taking it from `id` when the document has none.
 * @throws StoreError for an _id with names of operators, and for an empty timestamp, in whose place MongoDB puts the current time.
 */
export function withIdFirst(document: RawValue, id: RawValue | null): Buffer {
  const { bytes, start } = document;
  const own = findId(bytes, start);
  const chosen = own ?? id;
  if (chosen !== null) checkIdNames(chosen);
  const cursor = new FieldCursor(bytes, start);
  let isIdFirst = false;
  let ids = 0;
  for (let position = 0; cursor.advance(); position += 1) {
    const isId = cursor.isNamed(ID_NAME);
    if (isId) ids += 1;
    if (position === 0) isIdFirst = isId;
    if (!isId && cursor.type === BsonType.timestamp && bytes.readBigInt64LE(cursor.start) === 0n)
      throw unsupported(`the empty timestamp in "${cursor.name()}"`, 'name the time');
  }
  if (ids > 1) throw new StoreError('BadValue', "can't have multiple _id fields in one document");
  return isIdFirst || chosen === null ? Buffer.from(document.body()) : withFirst(document, chosen);
}

/** The fields of a document behind the given `_id`. */
function withFirst({ bytes, start, end }: RawValue, id: RawValue): Buffer {
  const writer = new BsonWriter(end - start + 32).raw(ID_NAME, id);
  const cursor = new FieldCursor(bytes, start);
  while (cursor.advance()) if (!cursor.isNamed(ID_NAME)) writer.rawFields(bytes, cursor.fieldStart, cursor.end);
  return writer.finish();
}

/** The document after an update; `before` itself when nothing changes. @throws StoreError as MongoDB refuses. */
export function applyUpdate(update: Update, before: Buffer): Buffer {
  const id = findId(before);
  if (update.kind === 'replacement') {
    const { document } = update;
    // Only a replacement that names the _id can be what is there already.
    if (before.equals(document.body())) return before;
    checkSameId(id, findId(document.bytes, document.start) ?? id);
    checkDollarNames(dollarNames(document));
    return withIdFirst(document, id);
  }
  const changes = update.changes.filter(({ operator }) => operator !== '$setOnInsert');
  if (changes.length === 0) return before;
  const after = applyAll(before, changes);
  if (changes.some(({ path }) => path.parts[0]?.name === '_id')) checkSameId(id, findId(after));
  checkDollarNames(changes.flatMap(({ operator, path }) => (operator === '$unset' ? [] : (path.parts[0]?.name ?? []))));
  if (!after.equals(before)) return after;
  const root = MutableContainer.of(documentValue(after));
  return changes.some((change) => countsAnyway(change, root)) ? after : before;
}

function seedClauses(filter: Filter, into: [FieldPath, RawValue][]): void {
  if (filter.kind === 'and') for (const clause of filter.clauses) seedClauses(clause, into);
  else if (filter.kind === 'compare' && filter.operator === '$eq') into.push([filter.path, filter.value]);
  else if (filter.kind === 'in' && filter.values.length === 1 && filter.values[0] !== undefined)
    into.push([filter.path, filter.values[0]]);
}

/** The equalities of a filter by path, in the order MongoDB adds them to a new document: by the bytes of the path. */
function seedsOf(filter: Filter): [FieldPath, RawValue][] {
  const seeds: [FieldPath, RawValue][] = [];
  seedClauses(filter, seeds);
  return seeds.sort(([a], [b]) => Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)));
}

function matchedTwice(path: FieldPath): StoreError {
  return new StoreError(
    'NotSingleValueField',
    `cannot infer query fields to set, path '${path.text}' is matched twice`,
  );
}

function seedFrom(filter: Filter): MutableContainer {
  const seeds = seedsOf(filter);
  const root = new MutableContainer(false, []);
  const known = new Map<string, RawValue>();
  for (const [path, value] of seeds) {
    const other = [...known.keys()].find(
      (text) => text === path.text || text.startsWith(`${path.text}.`) || path.text.startsWith(`${text}.`),
    );
    if (other !== undefined) throw matchedTwice(path);
    known.set(path.text, value);
    const parent = parentOf(root, path, true);
    if (parent !== null) place(parent, lastPart(path), value, path);
  }
  return root;
}

/** The `_id` a filter asks for, when it asks for one. */
function seededId(filter: Filter): RawValue | null {
  const [seed, other] = seedsOf(filter).filter(([path]) => path.parts[0]?.name === '_id');
  if (seed === undefined) return null;
  const [path, id] = seed;
  if (path.parts.length > 1)
    throw new StoreError(
      'NotExactValueField',
      `field at '_id' must be exactly specified, field at sub-path '${path.text}'found`,
    );
  if (other !== undefined) throw matchedTwice(path);
  return id;
}

/** The document an upsert inserts when its filter matched nothing; without `_id` when neither side gives one. */
export function upsertDocument(update: Update, filter: Filter): Buffer {
  if (update.kind === 'replacement') {
    const id = seededId(filter);
    checkSameId(id, findId(update.document.bytes, update.document.start) ?? id);
    return withIdFirst(update.document, id);
  }
  const root = seedFrom(filter);
  const seeded = root.get('_id');
  const id = seeded === undefined ? null : toRaw(seeded);
  for (const change of update.changes) applyChange(root, change);
  const after = root.toBuffer();
  checkSameId(id, findId(after));
  return withIdFirst(documentValue(after), null);
}
