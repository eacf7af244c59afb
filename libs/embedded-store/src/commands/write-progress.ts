import { BsonWriter } from '../documents/bson-writer';
import { elementsOf, fieldsOf } from '../documents/raw-document';
import { documentValue, type RawValue } from '../documents/raw-value';
import type { StoreError } from '../errors/store-error';
import { writeErrorFields } from './replies';

/** What a command of many statements has done so far; it is what a repeated command goes on from. */
export class Progress {
  next = 0;
  matched = 0;
  modified = 0;
  readonly upserted: { index: number; id: RawValue }[] = [];
  readonly errors: Buffer[] = [];
  /** `matched` and `modified` as they were after a statement, for replies that tell what each came to. */
  readonly marks: { matched: number; modified: number }[] = [];

  static decode(saved: Buffer): Progress {
    const progress = new Progress();
    for (const [name, value] of fieldsOf(documentValue(saved))) {
      if (name === 'next' || name === 'matched' || name === 'modified')
        progress[name] = value.bytes.readInt32LE(value.start);
      else if (name === 'errors') progress.errors.push(...elementsOf(value).map((error) => error.body()));
      else if (name === 'marks') {
        for (const entry of elementsOf(value)) {
          const mark = { matched: 0, modified: 0 };
          for (const [field, count] of fieldsOf(entry)) {
            if (field === 'matched' || field === 'modified') mark[field] = count.bytes.readInt32LE(count.start);
          }
          progress.marks.push(mark);
        }
      } else if (name === 'upserted') {
        for (const entry of elementsOf(value)) {
          const [[, index], [, id]] = fieldsOf(entry) as [[string, RawValue], [string, RawValue]];
          progress.upserted.push({ index: index.bytes.readInt32LE(index.start), id });
        }
      }
    }
    return progress;
  }

  encode(): Buffer {
    const writer = new BsonWriter()
      .int32('next', this.next)
      .int32('matched', this.matched)
      .int32('modified', this.modified);
    this.writeUpserted(writer);
    this.#writeErrors(writer, 'errors');
    this.#writeMarks(writer);
    return writer.finish();
  }

  #writeMarks(writer: BsonWriter): void {
    if (this.marks.length === 0) return;
    writer.beginArray('marks');
    for (const [position, { matched, modified }] of this.marks.entries())
      writer.beginObject(String(position)).int32('matched', matched).int32('modified', modified).end();
    writer.end();
  }

  writeUpserted(writer: BsonWriter): void {
    if (this.upserted.length === 0) return;
    writer.beginArray('upserted');
    for (const [position, { index, id }] of this.upserted.entries()) {
      writer.beginObject(String(position)).int32('index', index).raw('_id', id).end();
    }
    writer.end();
  }

  #writeErrors(writer: BsonWriter, name: string): void {
    if (this.errors.length === 0) return;
    writer.beginArray(name);
    for (const [position, error] of this.errors.entries()) writer.document(String(position), error);
    writer.end();
  }

  writeErrorList(writer: BsonWriter): void {
    this.#writeErrors(writer, 'writeErrors');
  }

  addError(index: number, error: StoreError): void {
    const writer = new BsonWriter().int32('index', index).int32('code', error.code);
    writeErrorFields(writer, error);
    this.errors.push(writer.finish());
  }
}
