import { BsonType } from './bson-type';
import type { RawValue } from './raw-value';

/** No text needs more bytes of UTF-8 for one unit of its length. */
const MOST_BYTES = 3;

/** Writes a text where enough room was reserved for it; returns where it ends. */
function writeText(target: Buffer, text: string, start: number): number {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return start + target.write(text, start, 'utf8');
    target[start + at] = unit;
  }
  return start + text.length;
}

/** Builds one BSON document front to back; values that exist as bytes are copied as they are. */
export class BsonWriter {
  #bytes: Buffer;
  #length = 0;
  readonly #open: number[] = [];

  constructor(capacity = 128) {
    this.#bytes = Buffer.allocUnsafe(capacity);
    this.#begin();
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #begin(): void {
    this.#reserve(4);
    this.#open.push(this.#length);
    this.#length += 4;
  }

  #header(type: number, name: string | Buffer, bodySize: number): void {
    this.#reserve(name.length * (typeof name === 'string' ? MOST_BYTES : 1) + 2 + bodySize);
    const start = this.#length + 1;
    this.#bytes[start - 1] = type;
    const end = typeof name === 'string' ? writeText(this.#bytes, name, start) : start + name.copy(this.#bytes, start);
    this.#bytes[end] = 0;
    this.#length = end + 1;
  }

  /** Adds a field with a value that lies in another buffer. */
  raw(name: string | Buffer, value: RawValue): this {
    return this.rawBody(name, value.type, value.bytes, value.start, value.end);
  }

  rawBody(name: string | Buffer, type: number, bytes: Buffer, start: number, end: number): this {
    this.#header(type, name, end - start);
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
    return this;
  }

  /** Adds whole fields (type, name and body) as they lie in another document. */
  rawFields(bytes: Buffer, start: number, end: number): this {
    this.#reserve(end - start);
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
    return this;
  }

  document(name: string | Buffer, bytes: Buffer): this {
    return this.rawBody(name, BsonType.object, bytes, 0, bytes.length);
  }

  int32(name: string, value: number): this {
    this.#header(BsonType.int32, name, 4);
    this.#length = this.#bytes.writeInt32LE(value, this.#length);
    return this;
  }

  int64(name: string, value: bigint): this {
    this.#header(BsonType.int64, name, 8);
    this.#length = this.#bytes.writeBigInt64LE(value, this.#length);
    return this;
  }

  double(name: string, value: number): this {
    this.#header(BsonType.double, name, 8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
    return this;
  }

  boolean(name: string, value: boolean): this {
    this.#header(BsonType.bool, name, 1);
    this.#length = this.#bytes.writeUInt8(value ? 1 : 0, this.#length);
    return this;
  }

  string(name: string, value: string): this {
    this.#header(BsonType.string, name, value.length * MOST_BYTES + 5);
    const start = this.#length + 4;
    const end = writeText(this.#bytes, value, start);
    this.#bytes.writeInt32LE(end + 1 - start, this.#length);
    this.#bytes[end] = 0;
    this.#length = end + 1;
    return this;
  }

  beginObject(name: string | Buffer): this {
    this.#header(BsonType.object, name, 4);
    this.#begin();
    return this;
  }

  beginArray(name: string | Buffer): this {
    this.#header(BsonType.array, name, 4);
    this.#begin();
    return this;
  }

  /** Closes the object or array begun last. */
  end(): this {
    const start = this.#open.pop();
    if (start === undefined) throw new Error('a BSON writer was closed twice');
    this.#reserve(1);
    this.#bytes[this.#length] = 0;
    this.#length += 1;
    this.#bytes.writeInt32LE(this.#length - start, start);
    return this;
  }

  /** Closes the document and returns its bytes; the writer is spent. */
  finish(): Buffer {
    while (this.#open.length > 0) this.end();
    return this.#bytes.subarray(0, this.#length);
  }
}

/** An empty document. */
export const EMPTY_DOCUMENT = new BsonWriter(8).finish();
