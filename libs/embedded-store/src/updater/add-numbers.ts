import { BsonType, isNumberType } from '../documents/bson-type';
import { doubleOf } from '../documents/number-value';
import { doubleValue, int32Value, int64Value, type RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';

const integerOf = (value: RawValue): bigint =>
  value.type === BsonType.int32
    ? BigInt(value.bytes.readInt32LE(value.start))
    : value.bytes.readBigInt64LE(value.start);

/** Adds two number values as MongoDB does: the wider type wins, int32 grows into int64. @throws StoreError when an int64 overflows. */
export function addNumbers(left: RawValue, right: RawValue): RawValue {
  if (!isNumberType(left.type) || !isNumberType(right.type)) throw new Error('only numbers can be added');
  if (left.type === BsonType.decimal128 || right.type === BsonType.decimal128) {
    throw unsupported('arithmetic on Decimal128', 'store whole micro-units as int64');
  }
  if (left.type === BsonType.double || right.type === BsonType.double) {
    return doubleValue(doubleOf(left.type, left.bytes, left.start) + doubleOf(right.type, right.bytes, right.start));
  }
  const sum = integerOf(left) + integerOf(right);
  if (left.type === BsonType.int32 && right.type === BsonType.int32 && BigInt.asIntN(32, sum) === sum) {
    return int32Value(Number(sum));
  }
  if (BigInt.asIntN(64, sum) !== sum)
    throw new StoreError('BadValue', 'Failed to apply $inc operations to current value: the sum overflows int64');
  return int64Value(sum);
}
