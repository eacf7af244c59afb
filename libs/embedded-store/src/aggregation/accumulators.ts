import { BsonType, isNumberType } from '../documents/bson-type';
import { compareValues } from '../documents/compare-values';
import { checkedFieldPath, type FieldPath } from '../documents/field-path';
import { doubleOf } from '../documents/number-value';
import { findField } from '../documents/raw-document';
import { doubleValue, int32Value, int64Value, NULL_VALUE, RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';

/** A constant or the value of a field. */
export type Expression = { readonly constant: RawValue } | { readonly path: FieldPath };

/** Reads an expression of a group: a constant or `"$field"`. */
export function parseExpression(where: string, value: RawValue): Expression {
  if (value.type === BsonType.string) {
    const text = stringOf(value);
    if (!text.startsWith('$')) return { constant: value };
    if (text.startsWith('$$') || text === '$') throw unsupported(`the variable ${text} in ${where}`, 'use a field');
    return { path: checkedFieldPath(text.slice(1)) };
  }
  if (value.type === BsonType.object || value.type === BsonType.array) {
    if (value.end - value.start === 5) return { constant: value };
    throw unsupported(`a computed expression in ${where}`, 'use a constant or "$field"');
  }
  return { constant: value };
}

/** The value of an expression on a document; null when the field is missing. */
export function evaluate(expression: Expression, document: Buffer): RawValue | null {
  if ('constant' in expression) return expression.constant;
  let value: RawValue | null = null;
  let start = 0;
  for (const part of expression.path.parts) {
    if (value?.type === BsonType.array) {
      throw unsupported(`the path "$${expression.path.text}" through an array`, 'group by a field outside arrays');
    }
    if (value !== null && value.type !== BsonType.object) return null;
    value = findField(document, start, part.bytes);
    if (value === null) return null;
    start = value.start;
  }
  return value;
}

/** Gathers one value out of the documents of a group. */
export interface Accumulator {
  add(value: RawValue | null): void;
  result(): RawValue;
}

/** Sums as MongoDB does: the widest type met decides, integers grow from int32 over int64 to double. */
class Sum implements Accumulator {
  #whole = 0n;
  #type: number = BsonType.int32;
  #double = 0;
  #lost = 0;

  add(value: RawValue | null): void {
    if (value === null || !isNumberType(value.type)) return;
    if (value.type === BsonType.decimal128)
      throw unsupported('$sum over Decimal128', 'store whole micro-units as int64');
    if (value.type === BsonType.double) {
      this.#type = BsonType.double;
      this.#addDouble(doubleOf(value.type, value.bytes, value.start));
      return;
    }
    if (value.type === BsonType.int64 && this.#type === BsonType.int32) this.#type = BsonType.int64;
    this.#whole +=
      value.type === BsonType.int32
        ? BigInt(value.bytes.readInt32LE(value.start))
        : value.bytes.readBigInt64LE(value.start);
  }

  /** Keeps what a plain addition would lose, so that the order of documents hardly matters. */
  #addDouble(value: number): void {
    const sum = this.#double + value;
    if (Number.isFinite(sum)) {
      this.#lost += Math.abs(this.#double) >= Math.abs(value) ? this.#double - sum + value : value - sum + this.#double;
    }
    this.#double = sum;
  }

  result(): RawValue {
    if (this.#type === BsonType.double) {
      this.#addDouble(Number(this.#whole));
      return doubleValue(this.#double + this.#lost);
    }
    if (this.#type === BsonType.int32 && BigInt.asIntN(32, this.#whole) === this.#whole)
      return int32Value(Number(this.#whole));
    return BigInt.asIntN(64, this.#whole) === this.#whole ? int64Value(this.#whole) : doubleValue(Number(this.#whole));
  }
}

/** Least or greatest value in MongoDB's order of types; null and missing do not count. */
class Extreme implements Accumulator {
  #best: RawValue | null = null;

  constructor(private readonly sign: 1 | -1) {}

  add(value: RawValue | null): void {
    if (value === null || value.type === BsonType.null || value.type === BsonType.undefined) return;
    if (this.#best === null || compareValues(value, this.#best) * this.sign < 0) {
      this.#best = new RawValue(value.type, Buffer.from(value.body()), 0, value.end - value.start);
    }
  }

  result(): RawValue {
    return this.#best ?? NULL_VALUE;
  }
}

/** Makes an accumulator by its operator. */
export function createAccumulator(operator: string): Accumulator {
  switch (operator) {
    case '$sum':
      return new Sum();
    case '$min':
      return new Extreme(1);
    case '$max':
      return new Extreme(-1);
    default:
      if (!operator.startsWith('$')) throw new StoreError('Location15952', `unknown group operator '${operator}'`);
      throw unsupported(`the accumulator ${operator}`, '$sum, $min and $max are served');
  }
}
