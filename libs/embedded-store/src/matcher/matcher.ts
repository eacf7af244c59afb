import { BsonType, typeClass } from '../documents/bson-type';
import { compareRaw } from '../documents/compare-values';
import type { FieldPath } from '../documents/field-path';
import { isNaNValue } from '../documents/number-value';
import { FieldCursor, findField } from '../documents/raw-document';
import type { RawValue } from '../documents/raw-value';
import type { Comparison, Filter } from './filter';

/** Says whether the raw document starting at byte 0 matches. */
export type Matcher = (document: Buffer) => boolean;

interface LeafTest {
  /** Whether a document without the field passes. */
  readonly missing: boolean;
  test(type: number, bytes: Buffer, start: number, end: number): boolean;
}

function testLeaf(leaf: LeafTest, value: RawValue): boolean {
  const { type, bytes, start, end } = value;
  if (leaf.test(type, bytes, start, end)) return true;
  if (type !== BsonType.array) return false;
  const cursor = new FieldCursor(bytes, start);
  while (cursor.advance()) {
    if (leaf.test(cursor.type, bytes, cursor.start, cursor.end)) return true;
  }
  return false;
}

function testPath(bytes: Buffer, start: number, path: FieldPath, depth: number, leaf: LeafTest): boolean {
  const part = path.parts[depth];
  if (part === undefined) return false;
  const value = findField(bytes, start, part.bytes);
  return value === null ? leaf.missing : testValue(value, path, depth, leaf);
}

function testValue(value: RawValue, path: FieldPath, depth: number, leaf: LeafTest): boolean {
  if (depth === path.parts.length - 1) return testLeaf(leaf, value);
  if (value.type === BsonType.object) return testPath(value.bytes, value.start, path, depth + 1, leaf);
  if (value.type === BsonType.array) return testArray(value, path, depth, leaf);
  return leaf.missing;
}

/** The element at the position a path names: at the end of the path itself alone, even when it is an array. */
function testElement(element: RawValue, path: FieldPath, depth: number, leaf: LeafTest): boolean {
  const { type, bytes, start, end } = element;
  if (depth === path.parts.length - 1) return leaf.test(type, bytes, start, end);
  // A scalar in an array has nothing below it, not even a missing field.
  return (type === BsonType.object || type === BsonType.array) && testValue(element, path, depth, leaf);
}

/** An array on the way: its objects are entered, and a number in the path also means a position. */
function testArray(array: RawValue, path: FieldPath, depth: number, leaf: LeafTest): boolean {
  const wanted = path.parts[depth + 1]?.index ?? null;
  const cursor = new FieldCursor(array.bytes, array.start);
  for (let position = 0; cursor.advance(); position += 1) {
    if (position === wanted && testElement(cursor.value(), path, depth + 1, leaf)) return true;
    if (cursor.type === BsonType.object && testPath(array.bytes, cursor.start, path, depth + 1, leaf)) return true;
  }
  return false;
}

function exists(bytes: Buffer, start: number, path: FieldPath, depth: number): boolean {
  const part = path.parts[depth];
  if (part === undefined) return true;
  const value = findField(bytes, start, part.bytes);
  return value !== null && existsBelow(value, path, depth);
}

function existsBelow(value: RawValue, path: FieldPath, depth: number): boolean {
  if (depth === path.parts.length - 1) return true;
  if (value.type === BsonType.object) return exists(value.bytes, value.start, path, depth + 1);
  if (value.type !== BsonType.array) return false;
  const wanted = path.parts[depth + 1]?.index ?? null;
  const cursor = new FieldCursor(value.bytes, value.start);
  for (let position = 0; cursor.advance(); position += 1) {
    if (position === wanted && existsBelow(cursor.value(), path, depth + 1)) return true;
    if (cursor.type === BsonType.object && exists(value.bytes, cursor.start, path, depth + 1)) return true;
  }
  return false;
}

const isNullish = (type: number): boolean => type === BsonType.null || type === BsonType.undefined;

function equalityTest(value: RawValue): LeafTest {
  if (value.type === BsonType.null) return { missing: true, test: isNullish };
  const kind = typeClass(value.type);
  return {
    missing: false,
    test: (type, bytes, start, end) =>
      typeClass(type) === kind &&
      compareRaw(type, bytes, start, end, value.type, value.bytes, value.start, value.end) === 0,
  };
}

function rangeTest(operator: Exclude<Comparison, '$eq'>, value: RawValue): LeafTest {
  const inclusive = operator === '$gte' || operator === '$lte';
  const above = operator === '$gt' || operator === '$gte';
  if (value.type === BsonType.null) return inclusive ? equalityTest(value) : { missing: false, test: () => false };
  const kind = typeClass(value.type);
  const isNaN = isNaNValue(value.type, value.bytes, value.start);
  return {
    missing: false,
    test: (type, bytes, start, end) => {
      // A range stays inside the type of its bound.
      if (typeClass(type) !== kind) return false;
      const order = compareRaw(type, bytes, start, end, value.type, value.bytes, value.start, value.end);
      if (order === 0) return inclusive;
      return !isNaN && !isNaNValue(type, bytes, start) && above === order > 0;
    },
  };
}

function membershipTest(values: readonly RawValue[]): LeafTest {
  const tests = values.map(equalityTest);
  return {
    missing: tests.some(({ missing }) => missing),
    test: (type, bytes, start, end) => tests.some((leaf) => leaf.test(type, bytes, start, end)),
  };
}

const onPath =
  (path: FieldPath, leaf: LeafTest): Matcher =>
  (document) =>
    testPath(document, 0, path, 0, leaf);

/** Builds the test for a filter. Text search is settled by the text index before documents are read, so it always holds. */
export function compileFilter(filter: Filter): Matcher {
  switch (filter.kind) {
    case 'and': {
      const tests = filter.clauses.map(compileFilter);
      return (document) => tests.every((test) => test(document));
    }
    case 'or': {
      const tests = filter.clauses.map(compileFilter);
      return (document) => tests.some((test) => test(document));
    }
    case 'not': {
      const test = compileFilter(filter.clause);
      return (document) => !test(document);
    }
    case 'compare':
      return onPath(
        filter.path,
        filter.operator === '$eq' ? equalityTest(filter.value) : rangeTest(filter.operator, filter.value),
      );
    case 'in':
      return onPath(filter.path, membershipTest(filter.values));
    case 'exists': {
      const { path, exists: wanted } = filter;
      return (document) => exists(document, 0, path, 0) === wanted;
    }
    case 'text':
      return () => true;
  }
}
