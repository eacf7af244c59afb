import { BsonType } from '../documents/bson-type';
import type { FieldPath } from '../documents/field-path';
import { FieldCursor, findField } from '../documents/raw-document';
import { NULL_VALUE, RawValue, UNDEFINED_VALUE } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { KeyWriter } from './key-writer';

/** One ordered part of an index. */
export interface IndexField {
  readonly path: FieldPath;
  readonly descending: boolean;
}

/** What one document puts into one index. */
export interface DocumentKeys {
  readonly keys: readonly Buffer[];
  /** Position of the index field that met an array, or -1. */
  readonly multikeyField: number;
}

const NO_KEYS: DocumentKeys = { keys: [], multikeyField: -1 };

interface FieldValues {
  values: RawValue[];
  sawArray: boolean;
  sawValue: boolean;
}

function collect(bytes: Buffer, start: number, path: FieldPath, depth: number, into: FieldValues): void {
  const part = path.parts[depth];
  if (part === undefined) return;
  const value = findField(bytes, start, part.bytes);
  if (value === null) {
    into.values.push(NULL_VALUE);
    return;
  }
  const isLast = depth === path.parts.length - 1;
  if (value.type === BsonType.array) {
    into.sawArray = true;
    collectElements(value, path, depth, isLast, into);
  } else if (isLast) {
    into.values.push(value);
    into.sawValue = true;
  } else if (value.type === BsonType.object) collect(bytes, value.start, path, depth + 1, into);
  else into.values.push(NULL_VALUE);
}

function collectElements(array: RawValue, path: FieldPath, depth: number, isLast: boolean, into: FieldValues): void {
  const cursor = new FieldCursor(array.bytes, array.start);
  let empty = true;
  while (cursor.advance()) {
    empty = false;
    if (isLast) {
      into.values.push(cursor.value());
      into.sawValue = true;
    } else if (cursor.type === BsonType.object) collect(array.bytes, cursor.start, path, depth + 1, into);
    else into.values.push(NULL_VALUE);
  }
  if (empty) {
    into.values.push(isLast ? UNDEFINED_VALUE : NULL_VALUE);
    into.sawValue ||= isLast;
  }
}

function valuesAt(document: Buffer, path: FieldPath): FieldValues {
  const found: FieldValues = { values: [], sawArray: false, sawValue: false };
  collect(document, 0, path, 0, found);
  return found;
}

const writer = new KeyWriter();

function singleKey(fields: readonly IndexField[], values: readonly FieldValues[]): Buffer {
  writer.reset();
  for (const [position, field] of fields.entries()) {
    writer.part(values[position]?.values[0] ?? NULL_VALUE, field.descending);
  }
  return writer.take();
}

function distinct(keys: Buffer[]): Buffer[] {
  if (keys.length < 2) return keys;
  const seen = new Set<string>();
  return keys.filter((key) => {
    const text = key.toString('latin1');
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function multikeyKeys(fields: readonly IndexField[], values: readonly FieldValues[], arrayField: number): Buffer[] {
  const elements = values[arrayField]?.values ?? [];
  const keys = elements.map((element) => {
    writer.reset();
    for (const [position, field] of fields.entries()) {
      const value = position === arrayField ? element : values[position]?.values[0];
      writer.part(value ?? NULL_VALUE, field.descending);
    }
    return writer.take();
  });
  return distinct(keys);
}

/**
 * The keys of a document in an index: one, or one for every distinct element of the array it meets, or none when the index is
 * sparse and all its fields are missing.
 * @throws StoreError CannotIndexParallelArrays when two fields meet different arrays.
 */
export function documentKeys(document: Buffer, fields: readonly IndexField[], sparse: boolean): DocumentKeys {
  const values = fields.map((field) => valuesAt(document, field.path));
  if (sparse && !values.some(({ sawValue }) => sawValue)) return NO_KEYS;
  const arrayField = values.findIndex(({ sawArray }) => sawArray);
  if (arrayField === -1) return { keys: [singleKey(fields, values)], multikeyField: -1 };
  const other = values.findIndex(({ sawArray }, position) => sawArray && position !== arrayField);
  if (other !== -1) throw parallelArrays(fields[arrayField]?.path, fields[other]?.path);
  return { keys: multikeyKeys(fields, values, arrayField), multikeyField: arrayField };
}

function parallelArrays(first: FieldPath | undefined, second: FieldPath | undefined): Error {
  const [a, b] = [first?.text ?? '', second?.text ?? ''];
  if (first?.parts[0]?.name === second?.parts[0]?.name) {
    return unsupported(`a compound index over ${a} and ${b} of the same array`, 'index one of them');
  }
  return new StoreError('CannotIndexParallelArrays', `cannot index parallel arrays [${b}] [${a}]`);
}

/** Key bytes that sort a document by a sort pattern: the least element of an array ascending, the greatest descending. */
export function sortKey(document: Buffer, fields: readonly IndexField[]): Buffer {
  const parts = fields.map((field) => {
    const { values } = valuesAt(document, field.path);
    const encoded = values.map((value) => writer.reset().part(value, field.descending).take());
    return encoded.reduce((least, next) => (next.compare(least) < 0 ? next : least));
  });
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
