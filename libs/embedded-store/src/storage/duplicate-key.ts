import { Binary, Decimal128, ObjectId } from 'bson';
import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { type FieldPath, plainValueAt } from '../documents/field-path';
import { elementsOf, fieldsOf } from '../documents/raw-document';
import { byteAt, NULL_VALUE, type RawValue, stringOf } from '../documents/raw-value';
import { StoreError } from '../errors/store-error';
import { KeyWriter } from '../keys/key-writer';
import { sortKey, type IndexField } from '../keys/index-keys';
import type { CollectionRecord, IndexRecord } from './catalog';
import { keyPattern } from './index-definition';

/** A value as MongoDB's messages print it. */
export function printed(value: RawValue): string {
  const { type, bytes, start, end } = value;
  switch (type) {
    case BsonType.string:
      return `"${stringOf(value)}"`;
    case BsonType.int32:
      return String(bytes.readInt32LE(start));
    case BsonType.int64:
      return String(bytes.readBigInt64LE(start));
    case BsonType.double: {
      const number = bytes.readDoubleLE(start);
      return Number.isInteger(number) && Math.abs(number) < 1e15 ? number.toFixed(1) : String(number);
    }
    case BsonType.decimal128:
      return new Decimal128(Uint8Array.prototype.slice.call(bytes, start, end)).toString();
    case BsonType.bool:
      return byteAt(bytes, start) === 1 ? 'true' : 'false';
    case BsonType.null:
      return 'null';
    case BsonType.undefined:
      return 'undefined';
    case BsonType.objectId:
      return `ObjectId('${new ObjectId(bytes.subarray(start, end)).toHexString()}')`;
    case BsonType.date:
      return `new Date(${bytes.readBigInt64LE(start)})`;
    case BsonType.object:
      return `{ ${fieldsOf(value)
        .map(([name, inner]) => `${name}: ${printed(inner)}`)
        .join(', ')} }`;
    case BsonType.array:
      return `[ ${elementsOf(value).map(printed).join(', ')} ]`;
    case BsonType.binary:
      return `BinData(${byteAt(bytes, start + 4)}, ${new Binary(bytes.subarray(start + 5, end)).toString('hex').toUpperCase()})`;
    default:
      return '?';
  }
}

const writer = new KeyWriter();

/** The element of an array field that gave this key, or the value itself. */
function valueInKey(document: Buffer, field: IndexField, key: Buffer, from: number): RawValue {
  const value = plainValueAt(document, field.path) ?? NULL_VALUE;
  if (value.type !== BsonType.array) return value;
  const matching = elementsOf(value).find((element) => {
    const part = writer.reset().part(element, field.descending).take();
    return key.subarray(from, from + part.length).equals(part);
  });
  return matching ?? NULL_VALUE;
}

function keyValues(document: Buffer, fields: readonly IndexField[], key: Buffer): [FieldPath, RawValue][] {
  let from = 0;
  return fields.map((field) => {
    const value = valueInKey(document, field, key, from);
    from +=
      value === NULL_VALUE
        ? sortKey(document, [field]).length
        : writer.reset().part(value, field.descending).take().length;
    return [field.path, value];
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
