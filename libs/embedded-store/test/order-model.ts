import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { compareMeanings, meaningOf } from './conformance/generated/exact-number';

/** The ranks of types in the order MongoDB's manual gives ("Comparison/Sort Order"). */
function rankOf(value: unknown): number {
  if (value instanceof MinKey) return 0;
  if (value === null) return 1;
  if (value instanceof Int32 || value instanceof Double || value instanceof Long || value instanceof Decimal128) {
    // Timestamps are Longs to the bson package.
    return value instanceof Timestamp ? 10 : 2;
  }
  if (typeof value === 'string' || value instanceof BSONSymbol) return 3;
  if (Array.isArray(value)) return 5;
  if (value instanceof Binary) return 6;
  if (value instanceof ObjectId) return 7;
  if (typeof value === 'boolean') return 8;
  if (value instanceof Date) return 9;
  if (value instanceof BSONRegExp) return 11;
  if (value instanceof Code) return 12;
  if (value instanceof MaxKey) return 13;
  return 4;
}

const firstOf = (...orders: readonly number[]): number => orders.find((order) => order !== 0) ?? 0;

function compareLists<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): number {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const order = compare(left[at] as T, right[at] as T);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

const compareText = (left: string, right: string): number => Buffer.from(left).compare(Buffer.from(right));

/** Compares two values as MongoDB orders them, worked out on decoded values without any code of the store. */
export function compareByModel(left: unknown, right: unknown): number {
  const byRank = Math.sign(rankOf(left) - rankOf(right));
  if (byRank !== 0) return byRank;
  const [a, b] = [meaningOf(left), meaningOf(right)];
  if (rankOf(left) === 2 && a !== null && b !== null) return compareMeanings(a, b);
  if (typeof left === 'string' || left instanceof BSONSymbol) return compareText(String(left), String(right));
  if (left instanceof Code) return compareText(left.code, (right as Code).code);
  if (Array.isArray(left)) return compareLists(left, right as unknown[], compareByModel);
  if (left instanceof Binary) {
    const other = right as Binary;
    return firstOf(
      Math.sign(left.length() - other.length()),
      Math.sign(left.sub_type - other.sub_type),
      Buffer.from(left.value()).compare(Buffer.from(other.value())),
    );
  }
  if (left instanceof ObjectId) return compareText(left.toHexString(), (right as ObjectId).toHexString());
  if (typeof left === 'boolean') return Math.sign(Number(left) - Number(right));
  if (left instanceof Date) return Math.sign(left.getTime() - (right as Date).getTime());
  if (left instanceof Timestamp) {
    const other = right as Timestamp;
    return firstOf(Math.sign(left.t - other.t), Math.sign(left.i - other.i));
  }
  if (left instanceof BSONRegExp) {
    const other = right as BSONRegExp;
    return firstOf(compareText(left.pattern, other.pattern), compareText(left.options, other.options));
  }
  if (left === null || left instanceof MinKey || left instanceof MaxKey) return 0;
  return compareLists(Object.entries(left as object), Object.entries(right as object), ([name, x], [other, y]) =>
    firstOf(Math.sign(rankOf(x) - rankOf(y)), compareText(name, other), compareByModel(x, y)),
  );
}
