import { BsonType, isNumberType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { checkedFieldPath, type FieldPath } from '../documents/field-path';
import { isTruthy } from '../documents/options';
import { FieldCursor, fieldsOf } from '../documents/raw-document';
import { type RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';

/** Names the fields an answer has; `score` is what the text search gave the document. */
export type Projector = (document: Buffer, score: number) => Buffer;

/** One name of a projection and what it names below; a whole value when there is nothing below. */
interface Branch {
  readonly name: string;
  readonly bytes: Buffer;
  readonly below: Branch[];
}

interface Projection {
  /** True to keep the named fields only, false to leave them out. */
  readonly inclusive: boolean;
  readonly branches: readonly Branch[];
  /** Fields that carry the text score. */
  readonly scores: readonly string[];
}

function isTextScore(name: string, value: RawValue): boolean {
  if (value.type !== BsonType.object) return false;
  const fields = fieldsOf(value);
  const [first] = fields;
  if (fields.length === 1 && first?.[0] === '$meta' && first[1].type === BsonType.string) {
    if (name.includes('.')) throw unsupported(`the text score in the nested field "${name}"`, 'name a top-level field');
    if (stringOf(first[1]) === 'textScore') return true;
    throw unsupported(`{ $meta: "${stringOf(first[1])}" } in a projection`, 'only textScore is served');
  }
  throw unsupported(`the projection of "${name}" by an expression`, 'use 1, 0 or { $meta: "textScore" }');
}

/** Adds a path to the tree of names. @throws StoreError when a path names a part of another one. */
function addPath(root: Branch[], { text, parts }: FieldPath): void {
  let branches = root;
  for (const [depth, { name, bytes }] of parts.entries()) {
    const isLast = depth === parts.length - 1;
    const known = branches.find((branch) => branch.name === name);
    if (known === undefined) {
      const added = { name, bytes, below: [] };
      branches.push(added);
      branches = added.below;
    } else if (isLast) throw new StoreError('Location31250', `Path collision at ${text}`);
    else if (known.below.length === 0) {
      const remaining = parts.slice(depth + 1).map((part) => part.name);
      throw new StoreError('Location31249', `Path collision at ${text} remaining portion ${remaining.join('.')}`);
    } else branches = known.below;
  }
}

function parse(document: RawValue): Projection | null {
  const branches: Branch[] = [];
  const scores: string[] = [];
  let inclusive: boolean | null = null;
  let withId: boolean | null = null;
  for (const [name, value] of fieldsOf(document)) {
    const isScore = isTextScore(name, value);
    if (!isScore && value.type !== BsonType.bool && !isNumberType(value.type))
      throw unsupported(`the projection of "${name}" by a computed value`, 'use 1 or 0');
    if (name.split('.').includes('$'))
      throw unsupported(`the positional projection "${name}"`, 'project the whole array');
    addPath(branches, checkedFieldPath(name));
    if (isScore) scores.push(name);
    else if (name === '_id') withId = isTruthy(value);
    else {
      const keep = isTruthy(value);
      if (inclusive !== null && inclusive !== keep) {
        throw keep
          ? new StoreError('Location31253', `Cannot do inclusion on field ${name} in exclusion projection`)
          : new StoreError('Location31254', `Cannot do exclusion on field ${name} in inclusion projection`);
      }
      inclusive = keep;
    }
  }
  if (branches.length === 0) return null;
  // Only { _id: 1 } asks for nothing else; a score alone keeps the other fields.
  const keeps = inclusive ?? withId === true;
  return { inclusive: keeps, branches: settled(branches, keeps, withId, scores), scores };
}

/** The names as they act: an `_id` nobody spoke of is kept, and a field that gives way to the score is not. */
function settled(
  branches: readonly Branch[],
  inclusive: boolean,
  withId: boolean | null,
  scores: readonly string[],
): Branch[] {
  const hasId = branches.some(({ name }) => name === '_id');
  const acting = branches.filter(({ name }) => {
    if (name === '_id' && withId !== null) return withId === inclusive;
    return !inclusive || !scores.includes(name);
  });
  return inclusive && !hasId ? [{ name: '_id', bytes: Buffer.from('_id'), below: [] }, ...acting] : acting;
}

function writeFields(
  writer: BsonWriter,
  bytes: Buffer,
  start: number,
  branches: readonly Branch[],
  inclusive: boolean,
): void {
  const cursor = new FieldCursor(bytes, start);
  while (cursor.advance()) {
    const branch = branches.find((known) => cursor.isNamed(known.bytes));
    if (branch === undefined || branch.below.length === 0) {
      if ((branch === undefined) !== inclusive) writer.rawFields(bytes, cursor.fieldStart, cursor.end);
    } else writePart(writer, bytes.subarray(cursor.nameStart, cursor.nameEnd), cursor, branch.below, inclusive);
  }
}

/** Writes what is kept of the value a cursor stands on; false when that is nothing at all. */
function writePart(
  writer: BsonWriter,
  name: string | Buffer,
  { type, bytes, start, end }: FieldCursor,
  branches: readonly Branch[],
  inclusive: boolean,
): boolean {
  if (type === BsonType.object) {
    writer.beginObject(name);
    writeFields(writer, bytes, start, branches, inclusive);
    writer.end();
  } else if (type === BsonType.array) {
    writer.beginArray(name);
    const element = new FieldCursor(bytes, start);
    for (let position = 0; element.advance();)
      if (writePart(writer, String(position), element, branches, inclusive)) position += 1;
    writer.end();
  } else if (inclusive) return false;
  else writer.rawBody(name, type, bytes, start, end);
  return true;
}

/** Builds the projector of a projection document, or null when whole documents are wanted. */
export function compileProjection(document: RawValue | null): Projector | null {
  const projection = document === null ? null : parse(document);
  if (projection === null) return null;
  const { inclusive, branches, scores } = projection;
  return (source, score) => {
    const writer = new BsonWriter(inclusive ? 512 : source.length + 64);
    writeFields(writer, source, 0, branches, inclusive);
    for (const name of scores) writer.double(name, score);
    return writer.finish();
  };
}

/** Whether a projection asks for the text score. */
export function wantsScore(document: RawValue | null): boolean {
  return document !== null && (parse(document)?.scores.length ?? 0) > 0;
}
