import { BsonType, NUMBER_CLASS, typeClass } from '../documents/bson-type';
import { unordered } from '../documents/compare-values';
import { doubleOf, isSafeInt64, numberParts } from '../documents/number-value';
import { FieldCursor } from '../documents/raw-document';
import type { RawValue } from '../documents/raw-value';

const EXACT = 0x02;
const BELOW = 0x01;
const ABOVE = 0x03;

/**
 * Writes values so that comparing the bytes compares the values in MongoDB's order. Every part is prefix-free: parts of a
 * compound key follow each other without separator, and a descending part is the ascending one with all bits inverted.
 * No part starts with FF, so a key prefix followed by FF lies behind all keys with that prefix. Code with a scope and pointers have no keys.
 */
export class KeyWriter {
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;

  reset(): this {
    this.#length = 0;
    return this;
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets everything behind a length noted before. */
  truncate(length: number): void {
    this.#length = length;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** Appends bytes that are part of a key already. */
  append(part: Buffer): this {
    this.#reserve(part.length);
    part.copy(this.#bytes, this.#length);
    this.#length += part.length;
    return this;
  }

  /** Appends one part of a compound key. */
  part(value: RawValue, descending: boolean): this {
    const from = this.#length;
    this.#value(value.type, value.bytes, value.start, value.end);
    if (descending) this.#invert(from);
    return this;
  }

  #invert(from: number): void {
    for (let at = from; at < this.#length; at += 1) this.#bytes[at] = ~(this.#bytes[at] ?? 0) & 0xff;
  }

  #value(type: number, bytes: Buffer, start: number, end: number): void {
    const kind = typeClass(type);
    this.byte(kind);
    if (kind === NUMBER_CLASS) {
      this.#number(type, bytes, start);
      return;
    }
    switch (type) {
      case BsonType.string:
      case BsonType.symbol:
      case BsonType.code:
        this.#text(bytes, start + 4, end - 1);
        break;
      case BsonType.object:
        this.#fields(bytes, start, true);
        break;
      case BsonType.array:
        this.#fields(bytes, start, false);
        break;
      case BsonType.binary:
        this.#reserve(end - start);
        this.#bytes.writeUInt32BE(bytes.readUInt32LE(start), this.#length);
        bytes.copy(this.#bytes, this.#length + 4, start + 4, end);
        this.#length += end - start;
        break;
      case BsonType.date:
        this.#reserve(8);
        this.#bytes.writeUInt32BE((bytes.readUInt32LE(start + 4) ^ 0x80000000) >>> 0, this.#length);
        this.#bytes.writeUInt32BE(bytes.readUInt32LE(start), this.#length + 4);
        this.#length += 8;
        break;
      case BsonType.timestamp:
        this.#reserve(8);
        this.#bytes.writeUInt32BE(bytes.readUInt32LE(start + 4), this.#length);
        this.#bytes.writeUInt32BE(bytes.readUInt32LE(start), this.#length + 4);
        this.#length += 8;
        break;
      case BsonType.codeWithScope:
      case BsonType.dbPointer:
        throw unordered(type);
      default:
        // Null, booleans, ids and regular expressions: their bytes are in order and end themselves.
        this.#reserve(end - start);
        bytes.copy(this.#bytes, this.#length, start, end);
        this.#length += end - start;
    }
  }

  #double(value: number): void {
    this.#reserve(8);
    const at = this.#length;
    if (Number.isNaN(value)) {
      this.#bytes.fill(0, at, at + 8);
    } else {
      // Adding zero turns -0 into 0, which compares equal.
      this.#bytes.writeDoubleBE(value + 0, at);
      if (((this.#bytes[at] ?? 0) & 0x80) === 0) this.#bytes[at] = (this.#bytes[at] ?? 0) | 0x80;
      else {
        this.#length = at + 8;
        this.#invert(at);
      }
    }
    this.#length = at + 8;
  }

  #number(type: number, bytes: Buffer, start: number): void {
    if (type === BsonType.int32 || type === BsonType.double || (type === BsonType.int64 && isSafeInt64(bytes, start))) {
      this.#double(doubleOf(type, bytes, start));
      this.byte(EXACT);
      return;
    }
    const { high, middle, low, beyond } = numberParts(type, bytes, start);
    this.#double(high);
    if (middle === 0) {
      this.byte(EXACT);
      return;
    }
    this.byte(middle < 0 ? BELOW : ABOVE);
    if (beyond !== null) {
      this.append(beyond);
      return;
    }
    this.#double(middle);
    this.#double(low);
  }

  #text(bytes: Buffer, start: number, end: number): void {
    this.#reserve((end - start) * 2 + 2);
    const target = this.#bytes;
    let length = this.#length;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      target[length] = byte;
      length += 1;
      if (byte === 0) {
        target[length] = 0xff;
        length += 1;
      }
    }
    target[length] = 0;
    target[length + 1] = 0;
    this.#length = length + 2;
  }

  #fields(bytes: Buffer, start: number, named: boolean): void {
    const cursor = new FieldCursor(bytes, start);
    while (cursor.advance()) {
      if (!named) {
        this.#value(cursor.type, bytes, cursor.start, cursor.end);
        continue;
      }
      this.byte(typeClass(cursor.type));
      this.append(bytes.subarray(cursor.nameStart, cursor.nameEnd)).byte(0);
      this.#value(cursor.type, bytes, cursor.start, cursor.end);
    }
    this.byte(0);
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }
}

const scratch = new KeyWriter();

/** The order-preserving bytes of one value. */
export function encodeValue(value: RawValue, descending = false): Buffer {
  return scratch.reset().part(value, descending).take();
}
