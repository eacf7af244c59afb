import { BsonType, isNumberType } from '../documents/bson-type';
import { EMPTY_DOCUMENT } from '../documents/bson-writer';
import { checkedFieldPath } from '../documents/field-path';
import { doubleOf } from '../documents/number-value';
import { fieldsOf } from '../documents/raw-document';
import { documentValue, type RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import type { SortPart } from '../planner/plan';

export const EVERYTHING = documentValue(EMPTY_DOCUMENT);

function parseSortPart(name: string, value: RawValue): SortPart {
  if (value.type === BsonType.object) {
    const [meta] = fieldsOf(value);
    if (meta?.[0] === '$meta' && meta[1].type === BsonType.string && stringOf(meta[1]) === 'textScore')
      return { textScore: true };
    throw unsupported(`sorting "${name}" by an expression`, 'use 1, -1 or { $meta: "textScore" }');
  }
  if (!isNumberType(value.type)) throw new StoreError('Location15974', `Illegal key in $sort specification: ${name}`);
  const direction = doubleOf(value.type, value.bytes, value.start);
  if (direction !== 1 && direction !== -1)
    throw new StoreError(
      'Location15975',
      `$sort key ordering must be 1 (for ascending) or -1 (for descending), at "${name}"`,
    );
  const path = checkedFieldPath(name);
  if (path.parts.some(({ index }) => index !== null)) {
    throw unsupported(`sorting by the array position "${name}"`, 'sort by a field');
  }
  return { field: { path, descending: direction === -1 } };
}

/** Reads a sort pattern. */
export function parseSort(document: RawValue | null): SortPart[] {
  if (document === null) return [];
  const parts = fieldsOf(document).map(([name, value]) => parseSortPart(name, value));
  if (parts.length > 32) throw new StoreError('BadValue', 'a sort pattern has at most 32 fields');
  const scoreLater = parts.findIndex((part) => 'textScore' in part) > 0;
  if (scoreLater) throw unsupported('a sort with textScore behind other fields', 'put textScore first');
  return parts;
}

/** A skip, limit or batch size: not negative. */
export function notNegative(name: string, value: number | null): number | null {
  if (value !== null && value < 0)
    throw new StoreError('Location51024', `BSON field '${name}' value must be >= 0, actual value '${value}'`);
  return value;
}
