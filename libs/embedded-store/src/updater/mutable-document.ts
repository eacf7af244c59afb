import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { FieldCursor } from '../documents/raw-document';
import { documentValue, RawValue } from '../documents/raw-value';

/** A value under change: untouched bytes, or a container taken apart because something below it changes. */
export type MutableValue = RawValue | MutableContainer;

/** A field, and where it starts in the bytes its container was made of, as long as it is what stands there. */
export type MutableField = [name: string, value: MutableValue, untouchedFrom?: number];

/** An object or array taken apart one level deep; the parts stay raw until they are entered. */
export class MutableContainer {
  constructor(
    readonly isArray: boolean,
    readonly fields: MutableField[],
    private readonly source: Buffer | null = null,
  ) {}

  static of({ type, bytes, start }: RawValue): MutableContainer {
    const fields: MutableField[] = [];
    const cursor = new FieldCursor(bytes, start);
    while (cursor.advance()) fields.push([cursor.name(), cursor.value(), cursor.fieldStart]);
    return new MutableContainer(type === BsonType.array, fields, bytes);
  }

  get(name: string): MutableValue | undefined {
    return this.fields.find(([field]) => field === name)?.[1];
  }

  set(name: string, value: MutableValue): void {
    const field = this.fields.find(([known]) => known === name);
    if (field === undefined) this.fields.push([name, value]);
    else field.splice(1, 2, value);
  }

  remove(name: string): boolean {
    const position = this.fields.findIndex(([known]) => known === name);
    if (position === -1) return false;
    this.fields.splice(position, 1);
    return true;
  }

  writeTo(writer: BsonWriter): void {
    // Untouched fields that lie beside each other go in one piece.
    let start = 0;
    let end = 0;
    for (const [name, value, from] of this.fields) {
      const isUntouched = from !== undefined && value instanceof RawValue;
      if (!isUntouched || from !== end) {
        this.#copyTo(writer, start, end);
        start = from ?? 0;
        end = start;
      }
      if (isUntouched) end = value.end;
      else if (value instanceof RawValue) writer.raw(name, value);
      else {
        if (value.isArray) writer.beginArray(name);
        else writer.beginObject(name);
        value.writeTo(writer);
        writer.end();
      }
    }
    this.#copyTo(writer, start, end);
  }

  #copyTo(writer: BsonWriter, start: number, end: number): void {
    if (this.source !== null && end > start) writer.rawFields(this.source, start, end);
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
