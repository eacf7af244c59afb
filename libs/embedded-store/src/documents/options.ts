import { StoreError } from '../errors/store-error';
import { BsonType, isNumberType, typeName } from './bson-type';
import { doubleOf } from './number-value';
import { byteAt, type RawValue } from './raw-value';

/** Whether MongoDB takes a value for true. */
export function isTruthy(value: RawValue): boolean {
  if (value.type === BsonType.bool) return byteAt(value.bytes, value.start) === 1;
  if (isNumberType(value.type)) return doubleOf(value.type, value.bytes, value.start) !== 0;
  return value.type !== BsonType.null && value.type !== BsonType.undefined;
}

/** A whole number given as any of the number types. @throws StoreError naming the option. */
export function integerOf(name: string, value: RawValue): number {
  if (!isNumberType(value.type)) {
    throw new StoreError('TypeMismatch', `"${name}" must be a number, found ${typeName(value.type)}`);
  }
  const number = doubleOf(value.type, value.bytes, value.start);
  if (!Number.isFinite(number)) throw new StoreError('BadValue', `"${name}" must be a finite number`);
  return Math.trunc(number);
}
