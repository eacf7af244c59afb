import { mongo } from 'mongoose';

/** An int64 as it may come back: the driver gives a number while it is exact, a Long beyond, a bigint when asked to. */
export type StoredInt64 = bigint | number | mongo.Long;

/**
 * Returns the exact integer a stored int64 holds.
 * @throws RangeError naming the field when what is stored is no whole number: corrupt money is worse than no answer.
 */
export function fromInt64(value: StoredInt64, field: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value);
    throw new RangeError(`${field} holds ${value}, which is no exact integer`);
  }
  if (mongo.Long.isLong(value)) return value.toBigInt();
  throw new RangeError(`${field} holds a ${typeof value} where an int64 belongs`);
}

/** {@link fromInt64}, with null and absent as null. */
export function fromNullableInt64(value: StoredInt64 | null | undefined, field: string): bigint | null {
  return value == null ? null : fromInt64(value, field);
}
