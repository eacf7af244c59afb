import { isUtf8 } from 'node:buffer';
import { StoreError } from '../errors/store-error';
import { BsonType } from './bson-type';
import { knownName } from './known-name';
import { byteAt, RawValue } from './raw-value';

/** A document and the objects and arrays in it may stand this deep in one another, as in MongoDB. */
export const MAX_NESTING = 180;

/** No honest document of 16 MB has more: nulls in an array, under their positions. Each one read costs many times its two to eight bytes. */
export const MAX_ELEMENTS = 2_100_000;

/** Where the value that starts at `start` ends. The bytes must have passed {@link validateDocument}. */
export function valueEnd(type: number, bytes: Buffer, start: number): number {
  switch (type) {
    case BsonType.int32:
      return start + 4;
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      return start + 8;
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return start + 4 + bytes.readInt32LE(start);
    case BsonType.object:
    case BsonType.array:
    case BsonType.codeWithScope:
      return start + bytes.readInt32LE(start);
    case BsonType.bool:
      return start + 1;
    case BsonType.null:
    case BsonType.undefined:
    case BsonType.minKey:
    case BsonType.maxKey:
      return start;
    case BsonType.objectId:
      return start + 12;
    case BsonType.binary:
      return start + 5 + bytes.readInt32LE(start);
    case BsonType.decimal128:
      return start + 16;
    case BsonType.regex:
      return bytes.indexOf(0, bytes.indexOf(0, start) + 1) + 1;
    case BsonType.dbPointer:
      return start + 4 + bytes.readInt32LE(start) + 12;
    default:
      throw new StoreError('FailedToParse', `unknown BSON type ${type}`);
  }
}

/** Walks the fields of one document or array in place, without decoding them. */
export class FieldCursor {
  type = 0;
  nameStart = 0;
  nameEnd = 0;
  start = 0;
  end: number;

  constructor(
    readonly bytes: Buffer,
    documentStart = 0,
  ) {
    this.end = documentStart + 4;
  }

  /** Moves to the next field; false after the last. */
  advance(): boolean {
    const { bytes } = this;
    const at = this.end;
    const type = byteAt(bytes, at);
    if (type === 0) return false;
    let name = at + 1;
    this.nameStart = name;
    while (bytes[name] !== 0) name += 1;
    this.type = type;
    this.nameEnd = name;
    this.start = name + 1;
    this.end = valueEnd(type, bytes, name + 1);
    return true;
  }

  name(): string {
    return knownName(this.bytes, this.nameStart, this.nameEnd);
  }

  value(): RawValue {
    return new RawValue(this.type, this.bytes, this.start, this.end);
  }

  /** Where the whole field starts: its type byte. */
  get fieldStart(): number {
    return this.nameStart - 1;
  }

  isNamed(name: Buffer): boolean {
    const { bytes, nameStart } = this;
    const { length } = name;
    if (this.nameEnd - nameStart !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (bytes[nameStart + index] !== name[index]) return false;
    }
    return true;
  }
}

/** The field of that name in the document starting at `documentStart`, or null. */
export function findField(bytes: Buffer, documentStart: number, name: Buffer): RawValue | null {
  const cursor = new FieldCursor(bytes, documentStart);
  while (cursor.advance()) {
    if (cursor.isNamed(name)) return cursor.value();
  }
  return null;
}

const ID_NAME = Buffer.from('_id');

/** The `_id` of a document, or null when it has none. */
export function findId(bytes: Buffer, documentStart = 0): RawValue | null {
  return findField(bytes, documentStart, ID_NAME);
}

/** All fields of an object or array value in their order. */
export function fieldsOf(value: RawValue): [name: string, value: RawValue][] {
  const fields: [string, RawValue][] = [];
  const cursor = new FieldCursor(value.bytes, value.start);
  while (cursor.advance()) fields.push([cursor.name(), cursor.value()]);
  return fields;
}

/** The elements of an array value in their order. */
export function elementsOf(value: RawValue): RawValue[] {
  const elements: RawValue[] = [];
  const cursor = new FieldCursor(value.bytes, value.start);
  while (cursor.advance()) elements.push(cursor.value());
  return elements;
}

function malformed(what: string, at: number): StoreError {
  return new StoreError('FailedToParse', `malformed BSON at byte ${at}: ${what}`);
}

function fixedSize(type: number): number {
  switch (type) {
    case BsonType.int32:
      return 4;
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      return 8;
    case BsonType.bool:
      return 1;
    case BsonType.objectId:
      return 12;
    case BsonType.decimal128:
      return 16;
    case BsonType.null:
    case BsonType.undefined:
    case BsonType.minKey:
    case BsonType.maxKey:
      return 0;
    default:
      return -1;
  }
}

/** Up to this length looking at the bytes costs less than a call out of JavaScript. */
const SHORT_TEXT_BYTES = 128;

function isText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > SHORT_TEXT_BYTES) return isUtf8(bytes.subarray(start, end));
  let seen = 0;
  for (let at = start; at < end; at += 1) seen |= byteAt(bytes, at);
  return seen <= 0x7f || isUtf8(bytes.subarray(start, end));
}

function checkedString(bytes: Buffer, start: number, limit: number): number {
  if (start + 4 > limit) throw malformed('string length is cut off', start);
  const length = bytes.readInt32LE(start);
  const end = start + 4 + length;
  if (length < 1 || end > limit || bytes[end - 1] !== 0) throw malformed('string does not fit its length', start);
  return end;
}

/** Names are short, so their bytes are looked at one by one. */
function checkedCstring(bytes: Buffer, start: number, limit: number): number {
  let end = start;
  let seen = 0;
  for (let byte = bytes[end]; end < limit && byte !== 0; byte = bytes[end]) {
    seen |= byte ?? 0;
    end += 1;
  }
  if (end >= limit) throw malformed('name is not terminated', start);
  if (seen > 0x7f && !isUtf8(bytes.subarray(start, end))) throw malformed('name is not UTF-8', start);
  return end + 1;
}

function checkedValue(type: number, bytes: Buffer, start: number, limit: number, levels: number): number {
  const size = fixedSize(type);
  if (size !== -1) {
    if (start + size > limit) throw malformed('value is cut off', start);
    if (type === BsonType.bool && byteAt(bytes, start) > 1) throw malformed('a boolean is 0 or 1', start);
    return start + size;
  }
  switch (type) {
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol: {
      const end = checkedString(bytes, start, limit);
      if (!isText(bytes, start + 4, end - 1)) throw malformed('string is not UTF-8', start);
      return end;
    }
    case BsonType.object:
    case BsonType.array:
      return checkedDocument(bytes, start, limit, levels);
    case BsonType.binary: {
      if (start + 5 > limit) throw malformed('binary length is cut off', start);
      const length = bytes.readInt32LE(start);
      if (length < 0 || start + 5 + length > limit) throw malformed('binary does not fit its length', start);
      return start + 5 + length;
    }
    case BsonType.regex:
      return checkedCstring(bytes, checkedCstring(bytes, start, limit), limit);
    case BsonType.dbPointer: {
      const end = checkedString(bytes, start, limit) + 12;
      if (end > limit) throw malformed('DBPointer is cut off', start);
      return end;
    }
    case BsonType.codeWithScope: {
      if (start + 4 > limit) throw malformed('code length is cut off', start);
      const end = start + bytes.readInt32LE(start);
      if (end > limit || end < start + 14) throw malformed('code does not fit its length', start);
      const scope = checkedString(bytes, start + 4, end);
      if (checkedDocument(bytes, scope, end, levels) !== end) throw malformed('code does not fit its scope', start);
      return end;
    }
    default:
      throw malformed(`unknown type ${type}`, start);
  }
}

let elementsLeft = 0;

function checkedDocument(bytes: Buffer, start: number, limit: number, levels: number): number {
  if (levels === 0) throw new StoreError('Overflow', `BSONObj exceeds maximum nested object depth: ${MAX_NESTING}`);
  if (start + 5 > limit) throw malformed('document length is cut off', start);
  const end = start + bytes.readInt32LE(start);
  if (end < start + 5 || end > limit || bytes[end - 1] !== 0)
    throw malformed('document does not fit its length', start);
  let at = start + 4;
  for (;;) {
    const type = byteAt(bytes, at);
    if (type === 0) {
      if (at !== end - 1) throw malformed('document ends before its length', at);
      return end;
    }
    elementsLeft -= 1;
    if (elementsLeft < 0) throw malformed(`more than ${MAX_ELEMENTS} fields`, start);
    at = checkedValue(type, bytes, checkedCstring(bytes, at + 1, end - 1), end - 1, levels - 1);
  }
}

/**
 * Checks lengths, terminators, UTF-8 and nesting of the document at `start`, so that everything behind this door may walk
 * it without checks. Returns where it ends.
 * @throws StoreError FailedToParse or Overflow.
 */
export function validateDocument(bytes: Buffer, start: number, limit: number, levels = MAX_NESTING): number {
  elementsLeft = MAX_ELEMENTS;
  return checkedDocument(bytes, start, limit, levels);
}

/** How many objects and arrays stand in one another in a value; 0 for a scalar. */
export function nestingOf(value: RawValue): number {
  if (value.type !== BsonType.object && value.type !== BsonType.array) return 0;
  let deepest = 0;
  const cursor = new FieldCursor(value.bytes, value.start);
  while (cursor.advance()) {
    if (cursor.type === BsonType.object || cursor.type === BsonType.array)
      deepest = Math.max(deepest, nestingOf(cursor.value()));
  }
  return deepest + 1;
}
