import { BsonType, isNumberType, typeName } from '../documents/bson-type';
import type { FieldPath } from '../documents/field-path';
import { doubleOf } from '../documents/number-value';
import { elementsOf, fieldsOf } from '../documents/raw-document';
import { RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { MutableContainer, type MutableValue } from './mutable-document';

/** What a `$push` adds to an array, and how many elements it leaves. */
export interface Push {
  readonly values: readonly RawValue[];
  /** Elements kept: the first ones, counted from the end when negative; null for all. */
  readonly slice: number | null;
}

function sliceOf(value: RawValue): number {
  const slice = isNumberType(value.type) ? doubleOf(value.type, value.bytes, value.start) : NaN;
  if (Number.isInteger(slice)) return slice;
  throw new StoreError(
    'BadValue',
    `The value for $slice must be an integer value but was given type: ${typeName(value.type)}`,
  );
}

/** Reads the operand of a `$push`: one value, or `$each` with an optional `$slice`. */
export function parsePush(path: FieldPath, operand: RawValue): Push {
  const clauses = operand.type === BsonType.object ? fieldsOf(operand) : [];
  if (!clauses.some(([name]) => name === '$each')) return { values: [operand], slice: null };
  let values: RawValue[] = [];
  let slice: number | null = null;
  for (const [position, [name, value]] of clauses.entries()) {
    if (clauses.findIndex(([other]) => other === name) !== position)
      throw new StoreError('BadValue', `Only one ${name} is supported.`);
    if (name === '$slice') slice = sliceOf(value);
    else if (name === '$sort' || name === '$position')
      throw unsupported(`$push with ${name} on '${path.text}'`, 'use $each and $slice');
    else if (name !== '$each') throw new StoreError('BadValue', `Unrecognized clause in $push: ${name}`);
    else if (value.type === BsonType.array) values = elementsOf(value);
    else {
      throw new StoreError(
        'BadValue',
        `The argument to $each in $push must be an array but it was of type: ${typeName(value.type)}`,
      );
    }
  }
  return { values, slice };
}

/** The array after a push; `current` is what the field holds. @throws StoreError BadValue when that is no array. */
export function pushed(current: MutableValue | undefined, path: FieldPath, { values, slice }: Push): MutableContainer {
  const array = current instanceof RawValue && current.type === BsonType.array ? MutableContainer.of(current) : current;
  if (array instanceof RawValue || array?.isArray === false) {
    const type = current instanceof RawValue ? typeName(current.type) : 'object';
    throw new StoreError('BadValue', `The field '${path.text}' must be an array but is of type ${type}`);
  }
  const all = [...(array?.fields ?? []).map(([, value]) => value), ...values];
  const kept = slice === null ? all : slice < 0 ? all.slice(slice) : all.slice(0, slice);
  return new MutableContainer(
    true,
    kept.map((value, position) => [String(position), value]),
  );
}
