import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { FieldCursor } from '../documents/raw-document';
import { documentValue, RawValue } from '../documents/raw-value';

/** A value under change: untouched bytes, or a container taken apart because something below it changes. */
export type MutableValue = RawValue | MutableContainer;

/** An object or array taken apart one level deep; the parts stay raw until they are entered. */
export class MutableContainer {
  constructor(
    readonly isArray: boolean,
    readonly fields: [name: string, value: MutableValue][],
  ) {}

  static of(value: RawValue): MutableContainer {
    const fields: [string, MutableValue][] = [];
    const cursor = new FieldCursor(value.bytes, value.start);
    while (cursor.advance()) fields.push([cursor.name(), cursor.value()]);
    return new MutableContainer(value.type === BsonType.array, fields);
  }

  get(name: string): MutableValue | undefined {
    return this.fields.find(([field]) => field === name)?.[1];
  }

  set(name: string, value: MutableValue): void {
    const field = this.fields.find(([known]) => known === name);
    if (field === undefined) this.fields.push([name, value]);
    else field[1] = value;
  }

  remove(name: string): boolean {
    const position = this.fields.findIndex(([known]) => known === name);
    if (position === -1) return false;
    this.fields.splice(position, 1);
    return true;
  }

  writeTo(writer: BsonWriter): void {
    for (const [name, value] of this.fields) {
      if (value instanceof RawValue) writer.raw(name, value);
      else {
        if (value.isArray) writer.beginArray(name);
        else writer.beginObject(name);
        value.writeTo(writer);
        writer.end();
      }
    }
  }

  toBuffer(): Buffer {
    const writer = new BsonWriter(2048);
    this.writeTo(writer);
    return writer.finish();
  }
}

/** The bytes of a value, whether it was taken apart or not. */
export function toRaw(value: MutableValue): RawValue {
  if (value instanceof RawValue) return value;
  const raw = documentValue(value.toBuffer());
  return value.isArray ? new RawValue(BsonType.array, raw.bytes, raw.start, raw.end) : raw;
}
