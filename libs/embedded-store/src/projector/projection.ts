import { BsonType, isNumberType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { isTruthy } from '../documents/options';
import { FieldCursor, fieldsOf } from '../documents/raw-document';
import { type RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';

/** Names the fields an answer has; `score` is what the text search gave the document. */
export type Projector = (document: Buffer, score: number) => Buffer;

interface Projection {
  /** True to keep the named fields only, false to leave them out. */
  readonly inclusive: boolean;
  readonly names: ReadonlySet<string>;
  readonly withId: boolean;
  /** Fields that carry the text score. */
  readonly scores: readonly string[];
}

function isTextScore(name: string, value: RawValue): boolean {
  if (value.type !== BsonType.object) return false;
  const fields = fieldsOf(value);
  const [first] = fields;
  if (fields.length === 1 && first?.[0] === '$meta' && first[1].type === BsonType.string) {
    if (stringOf(first[1]) === 'textScore') return true;
    throw unsupported(`{ $meta: "${stringOf(first[1])}" } in a projection`, 'only textScore is served');
  }
  throw unsupported(`the projection of "${name}" by an expression`, 'use 1, 0 or { $meta: "textScore" }');
}

function parse(document: RawValue): Projection | null {
  const names = new Set<string>();
  const scores: string[] = [];
  let inclusive: boolean | null = null;
  let withId: boolean | null = null;
  for (const [name, value] of fieldsOf(document)) {
    if (isTextScore(name, value)) {
      scores.push(name);
      continue;
    }
    if (value.type !== BsonType.bool && !isNumberType(value.type)) {
      throw unsupported(`the projection of "${name}" by a computed value`, 'use 1 or 0');
    }
    if (name === '') throw new StoreError('BadValue', 'FieldPath cannot be constructed with empty string');
    const keep = isTruthy(value);
    if (name === '_id') {
      withId = keep;
      continue;
    }
    if (name.includes('.'))
      throw unsupported(`a projection below the top level ("${name}")`, 'project the whole top-level field');
    if (name.startsWith('$')) throw unsupported(`the projection of "${name}"`, 'name a field');
    if (inclusive !== null && inclusive !== keep) {
      throw keep
        ? new StoreError('Location31253', `Cannot do inclusion on field ${name} in exclusion projection`)
        : new StoreError('Location31254', `Cannot do exclusion on field ${name} in inclusion projection`);
    }
    inclusive = keep;
    names.add(name);
  }
  if (inclusive === null && withId === null && scores.length === 0) return null;
  // Only { _id: 1 } asks for nothing else; a score alone keeps the other fields.
  const onlyId = inclusive === null && withId === true;
  return { inclusive: inclusive ?? onlyId, names, withId: withId ?? true, scores };
}

/** Builds the projector of a projection document, or null when whole documents are wanted. */
export function compileProjection(document: RawValue | null): Projector | null {
  const projection = document === null ? null : parse(document);
  if (projection === null) return null;
  const { inclusive, withId, scores } = projection;
  const names = [...projection.names].map((name) => Buffer.from(name));
  const replaced = scores.map((name) => Buffer.from(name));
  const idName = Buffer.from('_id');
  return (source, score) => {
    const writer = new BsonWriter(inclusive ? 512 : source.length + 64);
    const cursor = new FieldCursor(source);
    while (cursor.advance()) {
      const isNamed = (name: Buffer): boolean => cursor.isNamed(name);
      const keep = isNamed(idName) ? withId : names.some(isNamed) === inclusive;
      if (keep && !replaced.some(isNamed)) writer.rawFields(source, cursor.fieldStart, cursor.end);
    }
    for (const name of scores) writer.double(name, score);
    return writer.finish();
  };
}

/** Whether a projection asks for the text score. */
export function wantsScore(document: RawValue | null): boolean {
  return document !== null && (parse(document)?.scores.length ?? 0) > 0;
}
