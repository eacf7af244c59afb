import { BsonType } from '../documents/bson-type';
import type { FieldPath } from '../documents/field-path';
import { elementsOf, findField } from '../documents/raw-document';
import { stringOf, type RawValue } from '../documents/raw-value';

function textsAt(bytes: Buffer, start: number, path: FieldPath, depth: number): string[] {
  const part = path.parts[depth];
  if (part === undefined) return [];
  const value = findField(bytes, start, part.bytes);
  return value === null ? [] : textsIn(value, path, depth);
}

function textsIn(value: RawValue, path: FieldPath, depth: number): string[] {
  if (value.type === BsonType.array) {
    return elementsOf(value)
      .filter(({ type }) => type !== BsonType.array)
      .flatMap((element) => textsIn(element, path, depth));
  }
  const isLast = depth === path.parts.length - 1;
  if (isLast) return value.type === BsonType.string ? [stringOf(value)] : [];
  return value.type === BsonType.object ? textsAt(value.bytes, value.start, path, depth + 1) : [];
}

/** The strings a document offers to one field of a text index. */
export const stringsAt = (document: Buffer, path: FieldPath): string[] => textsAt(document, 0, path, 0);

/** The text a document offers to one field of a text index; several strings of an array on lines of their own. */
export function textAt(document: Buffer, path: FieldPath): string {
  return stringsAt(document, path).join('\n');
}
