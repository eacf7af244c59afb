import { type StoreError, unsupported } from '../errors/store-error';
import { BsonType, NUMBER_CLASS, typeClass, typeName } from './bson-type';
import { compareNumbers } from './number-value';
import { FieldCursor } from './raw-document';
import { byteAt, type RawValue } from './raw-value';

function compareBytes(
  left: Buffer,
  leftStart: number,
  leftEnd: number,
  right: Buffer,
  from: number,
  to: number,
): number {
  return left.compare(right, from, to, leftStart, leftEnd);
}

function compareDocuments(left: Buffer, leftStart: number, right: Buffer, rightStart: number, named: boolean): number {
  const a = new FieldCursor(left, leftStart);
  const b = new FieldCursor(right, rightStart);
  for (;;) {
    const hasLeft = a.advance();
    const hasRight = b.advance();
    if (!hasLeft || !hasRight) return Number(hasLeft) - Number(hasRight);
    const byType = typeClass(a.type) - typeClass(b.type);
    if (byType !== 0) return byType;
    if (named) {
      const byName = compareBytes(left, a.nameStart, a.nameEnd, right, b.nameStart, b.nameEnd);
      if (byName !== 0) return byName;
    }
    const byValue = compareRaw(a.type, left, a.start, a.end, b.type, right, b.start, b.end);
    if (byValue !== 0) return byValue;
  }
}

function compareInt64(left: Buffer, leftStart: number, right: Buffer, rightStart: number): number {
  return (
    left.readInt32LE(leftStart + 4) - right.readInt32LE(rightStart + 4) ||
    left.readUInt32LE(leftStart) - right.readUInt32LE(rightStart)
  );
}

function compareTimestamps(left: Buffer, leftStart: number, right: Buffer, rightStart: number): number {
  return (
    left.readUInt32LE(leftStart + 4) - right.readUInt32LE(rightStart + 4) ||
    left.readUInt32LE(leftStart) - right.readUInt32LE(rightStart)
  );
}

/** The refusal of the order among values of a type nobody has used for long. */
export const unordered = (type: number): StoreError =>
  unsupported(`the order of ${typeName(type)} values`, 'order by another field');

/**
 * Compares two values that lie in buffers, in MongoDB's order over all types. Strings compare by their UTF-8 bytes.
 * @throws StoreError for two different pieces of code with a scope, and for two different pointers
 */
export function compareRaw(
  leftType: number,
  left: Buffer,
  leftStart: number,
  leftEnd: number,
  rightType: number,
  right: Buffer,
  rightStart: number,
  rightEnd: number,
): number {
  const kind = typeClass(leftType);
  const byType = kind - typeClass(rightType);
  if (byType !== 0) return byType;
  if (kind === NUMBER_CLASS) return compareNumbers(leftType, left, leftStart, rightType, right, rightStart);
  switch (leftType) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.code:
      return compareBytes(left, leftStart + 4, leftEnd - 1, right, rightStart + 4, rightEnd - 1);
    case BsonType.object:
      return compareDocuments(left, leftStart, right, rightStart, true);
    case BsonType.array:
      return compareDocuments(left, leftStart, right, rightStart, false);
    case BsonType.binary:
      return (
        left.readInt32LE(leftStart) - right.readInt32LE(rightStart) ||
        compareBytes(left, leftStart + 4, leftEnd, right, rightStart + 4, rightEnd)
      );
    case BsonType.bool:
      return byteAt(left, leftStart) - byteAt(right, rightStart);
    case BsonType.date:
      return compareInt64(left, leftStart, right, rightStart);
    case BsonType.timestamp:
      return compareTimestamps(left, leftStart, right, rightStart);
    case BsonType.codeWithScope:
    case BsonType.dbPointer:
      if (compareBytes(left, leftStart, leftEnd, right, rightStart, rightEnd) === 0) return 0;
      throw unordered(leftType);
    default:
      return compareBytes(left, leftStart, leftEnd, right, rightStart, rightEnd);
  }
}

/** Compares two values in MongoDB's order: negative, zero or positive. */
export function compareValues(left: RawValue, right: RawValue): number {
  return compareRaw(left.type, left.bytes, left.start, left.end, right.type, right.bytes, right.start, right.end);
}
