import { BsonWriter } from '../documents/bson-writer';
import { StoreError } from '../errors/store-error';

/** `{ ok: 1 }` behind whatever `fill` writes. */
export function okReply(fill: (writer: BsonWriter) => void = () => undefined): Buffer {
  const writer = new BsonWriter();
  fill(writer);
  return writer.double('ok', 1).finish();
}

/** The reply of a command that opens or continues a cursor; `fill` writes what else it says. */
export function cursorReply(
  batchName: 'firstBatch' | 'nextBatch',
  namespace: string,
  id: bigint,
  batch: readonly Buffer[],
  fill: (writer: BsonWriter) => void = () => undefined,
): Buffer {
  const size = batch.reduce((sum, { length }) => sum + length + 8, 256);
  const writer = new BsonWriter(size).beginObject('cursor').beginArray(batchName);
  for (const [position, document] of batch.entries()) writer.document(String(position), document);
  writer.end().int64('id', id).string('ns', namespace).end();
  fill(writer);
  return writer.double('ok', 1).finish();
}

/** Writes code, message and details of an error into an open document. */
export function writeErrorFields(writer: BsonWriter, error: StoreError): void {
  for (const [name, value] of Object.entries(error.details)) {
    if (Buffer.isBuffer(value)) writer.document(name, value);
    else if (typeof value === 'object' && value !== null) {
      writer.beginObject(name);
      for (const [key, direction] of Object.entries(value)) writer.int32(key, Number(direction));
      writer.end();
    }
  }
  writer.string('errmsg', error.message);
}

/** An error as its own reply: `{ ok: 0, errmsg, code, codeName, errorLabels? }`. */
export function errorReply(error: StoreError, labels: readonly string[] = []): Buffer {
  const writer = new BsonWriter().double('ok', 0);
  writeErrorFields(writer, error);
  writer.int32('code', error.code).string('codeName', error.codeName);
  if (labels.length > 0) {
    writer.beginArray('errorLabels');
    for (const [position, label] of labels.entries()) writer.string(String(position), label);
    writer.end();
  }
  return writer.finish();
}

/** Any thrown value as an error a client may see: the store's own ones as they are, others without inner detail. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/no such table/.test(text)) {
    return new StoreError('QueryPlanKilled', 'the collection or its index was dropped while it was read');
  }
  if (/database or disk is full/.test(text))
    return new StoreError('OutOfDiskSpace', 'no space is left for the data file');
  return new StoreError('InternalError', `the embedded store failed: ${text}`);
}
