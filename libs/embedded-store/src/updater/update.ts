import { BsonType, isNumberType, typeName } from '../documents/bson-type';

import { compareValues } from '../documents/compare-values';
import { type FieldPath, fieldPath, type PathPart } from '../documents/field-path';
import { isNaNValue } from '../documents/number-value';
import { fieldsOf, findId } from '../documents/raw-document';
import { documentValue, NULL_VALUE, RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { isOperatorObject, type Filter } from '../matcher/filter';
import { addNumbers } from './add-numbers';
import { MutableContainer, type MutableValue, toRaw } from './mutable-document';

const OPERATORS = ['$set', '$unset', '$inc', '$setOnInsert'] as const;
type Operator = (typeof OPERATORS)[number];

interface Change {
  readonly operator: Operator;
  readonly path: FieldPath;
  readonly operand: RawValue;
}

/** An update statement taken apart. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: RawValue }
  | { readonly kind: 'operators'; readonly changes: readonly Change[] };

function checkPath(path: FieldPath): void {
  for (const { name } of path.parts) {
    if (name === '')
      throw new StoreError(
        'EmptyFieldName',
        `The update path '${path.text}' contains an empty field name, which is not allowed.`,
      );
    if (name === '$' || name.startsWith('$['))
      throw unsupported(`the positional operator in '${path.text}'`, 'name the position or write the whole array');
    if (name.startsWith('$')) {
      throw new StoreError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${path.text}' is not allowed in the context of an update.`,
      );
    }
  }
}

function checkOperand(operator: Operator, path: FieldPath, operand: RawValue): void {
  if (operator === '$inc' && !isNumberType(operand.type)) {
    throw new StoreError(
      'TypeMismatch',
      `Cannot increment with non-numeric argument: {${path.text}: ${typeName(operand.type)}}`,
    );
  }
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
      checkOperand(operator, path, operand);
      changes.push({ operator, path, operand });
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
  if (isOperatorObject(value)) return { kind: 'operators', changes: parseOperators(value) };
  for (const [name] of fieldsOf(value)) {
    if (name.startsWith('$')) {
      throw new StoreError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of a replacement.`,
      );
    }
  }
  return { kind: 'replacement', document: value };
}

function notViable(part: PathPart, holder: string, found: MutableValue): StoreError {
  const type = found instanceof RawValue ? typeName(found.type) : 'array';
  return new StoreError('PathNotViable', `Cannot create field '${part.name}' in element {${holder}: (${type})}`);
}

const MAX_ARRAY_PADDING = 1_500_000;

/** The container at the parent of a path; created on the way when `create` is set, otherwise null when something is missing. */
function parentOf(root: MutableContainer, path: FieldPath, create: boolean): MutableContainer | null {
  let container = root;
  for (const [depth, part] of path.parts.slice(0, -1).entries()) {
    let next = container.get(part.name);
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
      throw new StoreError('BadValue', `can't backfill more than ${MAX_ARRAY_PADDING} elements of '${path.text}'`);
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
  const current = parent?.get(part.name);
  if (parent === null || current === undefined) return;
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

function applyChange(root: MutableContainer, change: Change): void {
  if (change.operator === '$unset') {
    unset(root, change.path);
    return;
  }
  const parent = parentOf(root, change.path, true);
  if (parent === null) return;
  const part = lastPart(change.path);
  const current = parent.get(part.name);
  const value = change.operator === '$inc' ? incremented(current, change.path, change.operand) : change.operand;
  if (value !== current) place(parent, part, value, change.path);
}

function staysNaN({ operator, path }: Change, root: MutableContainer): boolean {
  if (operator !== '$inc') return false;
  const value = parentOf(root, path, false)?.get(lastPart(path).name);
  return value instanceof RawValue && isNaNValue(value.type, value.bytes, value.start);
}

function checkSameId(before: RawValue | null, after: Buffer): void {
  const id = findId(after);
  if (before === null || (id !== null && compareValues(before, id) === 0 && before.isIdenticalTo(id))) return;
  throw new StoreError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

/** Puts `_id` first, taking it from `id` when the document has none. */
export function withIdFirst(document: RawValue, id: RawValue | null): Buffer {
  const container = MutableContainer.of(document);
  const own = container.get('_id');
  const chosen = own ?? id;
  if (chosen === null || chosen === undefined) return Buffer.from(document.body());
  if (container.fields[0]?.[0] === '_id') return Buffer.from(document.body());
  container.remove('_id');
  container.fields.unshift(['_id', chosen]);
  return container.toBuffer();
}

/** The document after an update; `before` itself when nothing changes. @throws StoreError as MongoDB refuses. */
export function applyUpdate(update: Update, before: Buffer): Buffer {
  const id = findId(before);
  if (update.kind === 'replacement') {
    const given = findId(update.document.bytes, update.document.start);
    if (given !== null && id !== null && compareValues(given, id) !== 0) {
      throw new StoreError(
        'ImmutableField',
        "After applying the update, the (immutable) field '_id' was found to have been altered",
      );
    }
    const replaced = withIdFirst(update.document, id);
    return replaced.equals(before) ? before : replaced;
  }
  const changes = update.changes.filter(({ operator }) => operator !== '$setOnInsert');
  if (changes.length === 0) return before;
  const root = MutableContainer.of(documentValue(before));
  for (const change of changes) applyChange(root, change);
  const after = root.toBuffer();
  if (changes.some(({ path }) => path.parts[0]?.name === '_id')) checkSameId(id, after);
  // MongoDB counts an increment that ends in NaN as a change, although the bytes stay.
  return after.equals(before) && !changes.some((change) => staysNaN(change, root)) ? before : after;
}

function seedClauses(filter: Filter, into: [FieldPath, RawValue][]): void {
  if (filter.kind === 'and') for (const clause of filter.clauses) seedClauses(clause, into);
  else if (filter.kind === 'compare' && filter.operator === '$eq') into.push([filter.path, filter.value]);
  else if (filter.kind === 'in' && filter.values.length === 1 && filter.values[0] !== undefined)
    into.push([filter.path, filter.values[0]]);
}

function seedFrom(filter: Filter): MutableContainer {
  const seeds: [FieldPath, RawValue][] = [];
  seedClauses(filter, seeds);
  const root = new MutableContainer(false, []);
  const known = new Map<string, RawValue>();
  for (const [path, value] of seeds) {
    const other = [...known.keys()].find(
      (text) => text === path.text || text.startsWith(`${path.text}.`) || path.text.startsWith(`${text}.`),
    );
    if (other !== undefined)
      throw new StoreError(
        'NotSingleValueField',
        `cannot infer query fields to set, path '${path.text}' is matched twice`,
      );
    known.set(path.text, value);
    const parent = parentOf(root, path, true);
    if (parent !== null) place(parent, lastPart(path), value, path);
  }
  return root;
}

/** The document an upsert inserts when its filter matched nothing; without `_id` when neither side gives one. */
export function upsertDocument(update: Update, filter: Filter): Buffer {
  if (update.kind === 'replacement') {
    const seeds: [FieldPath, RawValue][] = [];
    seedClauses(filter, seeds);
    const id = seeds.find(([path]) => path.text === '_id')?.[1] ?? null;
    const given = findId(update.document.bytes, update.document.start);
    if (id !== null && given !== null && compareValues(id, given) !== 0) {
      throw new StoreError('ImmutableField', 'The _id field cannot be changed from the one in the filter');
    }
    return withIdFirst(update.document, id);
  }
  const root = seedFrom(filter);
  const seededId = root.get('_id');
  const idBefore = seededId === undefined ? null : toRaw(seededId);
  for (const change of update.changes) applyChange(root, change);
  const after = root.toBuffer();
  if (idBefore !== null) checkSameId(idBefore, after);
  return withIdFirst(documentValue(after), null);
}
