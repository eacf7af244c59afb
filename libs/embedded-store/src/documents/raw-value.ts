import { BsonType } from './bson-type';

/** One BSON value where it lies: its type and the byte range of its body inside a buffer that is never changed. */
export class RawValue {
  constructor(
    readonly type: number,
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {}

  /** The body alone, sharing memory with the buffer it lies in. */
  body(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** True when type and bytes are the same: the only equality that keeps 1 and 1.0 apart. */
  isIdenticalTo(other: RawValue): boolean {
    return (
      this.type === other.type && this.bytes.compare(other.bytes, other.start, other.end, this.start, this.end) === 0
    );
  }
}

/** Byte at a position that is known to lie inside the buffer. */
export function byteAt(bytes: Uint8Array, position: number): number {
  return bytes[position] ?? 0;
}

/** Text of a string, symbol or code value. */
export function stringOf(value: RawValue): string {
  return value.bytes.toString('utf8', value.start + 4, value.end - 1);
}

function scalar(type: number, body: Buffer): RawValue {
  return new RawValue(type, body, 0, body.length);
}

export function int32Value(value: number): RawValue {
  const body = Buffer.allocUnsafe(4);
  body.writeInt32LE(value);
  return scalar(BsonType.int32, body);
}

export function int64Value(value: bigint): RawValue {
  const body = Buffer.allocUnsafe(8);
  body.writeBigInt64LE(value);
  return scalar(BsonType.int64, body);
}

export function doubleValue(value: number): RawValue {
  const body = Buffer.allocUnsafe(8);
  body.writeDoubleLE(value);
  return scalar(BsonType.double, body);
}

export function objectIdValue(bytes: Uint8Array): RawValue {
  return scalar(BsonType.objectId, Buffer.from(bytes));
}

/** A whole BSON document as an object value. */
export function documentValue(bytes: Buffer): RawValue {
  return new RawValue(BsonType.object, bytes, 0, bytes.length);
}

export const NULL_VALUE = scalar(BsonType.null, Buffer.alloc(0));
export const UNDEFINED_VALUE = scalar(BsonType.undefined, Buffer.alloc(0));
