import { Decimal128, ObjectId } from 'bson';
import { BsonType, typeName } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import type { FieldPath } from '../documents/field-path';
import { elementsOf, fieldsOf, findField } from '../documents/raw-document';
import { byteAt, NULL_VALUE, type RawValue, stringOf, UNDEFINED_VALUE } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { KeyWriter } from '../keys/key-writer';
import type { IndexField } from '../keys/index-keys';
import type { CollectionRecord, IndexRecord } from './catalog';
import { keyPattern } from './index-definition';

/** A double as MongoDB prints it: sixteen digits at most, and always a sign that it is a double. */
function printedDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan.0' : value > 0 ? 'inf.0' : '-inf.0';
  const [digits = '', power] = value.toPrecision(16).split('e');
  const shortest = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  if (power === undefined) return shortest.includes('.') ? shortest : `${Object.is(value, -0) ? '-' : ''}${shortest}.0`;
  const exponent = `${power.startsWith('-') ? '-' : '+'}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
  return shortest.includes('.') ? `${shortest}e${exponent}` : `${shortest}e${exponent}.0`;
}

function printedList(inner: readonly string[], open: string, close: string): string {
  return inner.length === 0 ? `${open}${close}` : `${open} ${inner.join(', ')} ${close}`;
}

/** A value as MongoDB's messages print it. */
export function printed(value: RawValue): string {
  const { type, bytes, start, end } = value;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
      return `"${stringOf(value)}"`;
    case BsonType.code:
      return stringOf(value);
    case BsonType.int32:
      return String(bytes.readInt32LE(start));
    case BsonType.int64:
      return String(bytes.readBigInt64LE(start));
    case BsonType.double:
      return printedDouble(bytes.readDoubleLE(start));
    case BsonType.decimal128:
      return new Decimal128(Uint8Array.prototype.slice.call(bytes, start, end)).toString();
    case BsonType.bool:
      return byteAt(bytes, start) === 1 ? 'true' : 'false';
    case BsonType.objectId:
      return `ObjectId('${new ObjectId(bytes.subarray(start, end)).toHexString()}')`;
    case BsonType.date:
      return `new Date(${bytes.readBigInt64LE(start)})`;
    case BsonType.timestamp:
      return `Timestamp(${bytes.readUInt32LE(start + 4)}, ${bytes.readUInt32LE(start)})`;
    case BsonType.minKey:
      return 'MinKey';
    case BsonType.maxKey:
      return 'MaxKey';
    case BsonType.regex: {
      const [pattern = '', options = ''] = value.body().toString('utf8').split('\0');
      return `/${pattern}/${options}`;
    }
    case BsonType.object:
      return printedList(
        fieldsOf(value).map(([name, inner]) => `${name}: ${printed(inner)}`),
        '{',
        '}',
      );
    case BsonType.array:
      return printedList(elementsOf(value).map(printed), '[', ']');
    case BsonType.binary:
      return `BinData(${byteAt(bytes, start + 4)}, ${bytes.toString('hex', start + 5, end).toUpperCase()})`;
    default:
      return typeName(type);
  }
}

const writer = new KeyWriter();

/** Every value an index on a path can have taken from a document, as keys are made: null for what is not there. */
function* valuesAt(bytes: Buffer, start: number, path: FieldPath, depth = 0): Generator<RawValue> {
  const part = path.parts[depth];
  const value = part === undefined ? null : findField(bytes, start, part.bytes);
  const isLast = depth === path.parts.length - 1;
  const found = value === null ? [NULL_VALUE] : value.type === BsonType.array ? elementsOf(value) : [value];
  if (value?.type === BsonType.array && found.length === 0) yield isLast ? UNDEFINED_VALUE : NULL_VALUE;
  for (const one of found) {
    if (isLast || one === NULL_VALUE) yield one;
    else if (one.type === BsonType.object) yield* valuesAt(one.bytes, one.start, path, depth + 1);
    else yield NULL_VALUE;
  }
}

/** The values that gave a key, part by part; for a key of another document the first value that each path leads to. */
function keyValues(document: Buffer, fields: readonly IndexField[], key: Buffer): [FieldPath, RawValue][] {
  let from = 0;
  return fields.map(({ path, descending }) => {
    const values = [...valuesAt(document, 0, path)];
    const partOf = (value: RawValue): Buffer => writer.reset().part(value, descending).take();
    const isInKey = (part: Buffer): boolean => key.subarray(from, from + part.length).equals(part);
    const value = values.find((one) => isInKey(partOf(one))) ?? values[0] ?? NULL_VALUE;
    from += partOf(value).length;
    return [path, value];
  });
}

/** A key of a document as MongoDB's messages print it: every field of the index with its value. */
export function printedKey(document: Buffer, fields: readonly IndexField[], key: Buffer): string {
  const parts = keyValues(document, fields, key).map(([path, value]) => `${path.text}: ${printed(value)}`);
  return `{ ${parts.join(', ')} }`;
}

/** The error MongoDB gives when a unique key is taken. */
export function duplicateKeyError(
  collection: CollectionRecord,
  index: IndexRecord,
  document: Buffer,
  key: Buffer,
): StoreError {
  const values = keyValues(document, index.definition.fields, key);
  const keyValue = new BsonWriter();
  for (const [path, value] of values) keyValue.raw(path.text, value);
  return new StoreError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: ${printedKey(document, index.definition.fields, key)}`,
    { keyPattern: Object.fromEntries(keyPattern(index.definition)), keyValue: keyValue.finish() },
  );
}
