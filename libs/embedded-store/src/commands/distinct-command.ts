import { BsonType } from '../documents/bson-type';
import { type FieldPath, fieldPath } from '../documents/field-path';
import { elementsOf, findField } from '../documents/raw-document';
import { RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { encodeValue } from '../keys/key-writer';
import { LazySort } from '../planner/lazy-sort';
import { consume } from './breather';
import { readFindQuery } from './read-commands';
import { okReply } from './replies';
import { type CommandHandler, readViewOf } from './request';

const MAX_VALUES_BYTES = 16 * 1024 * 1024;

/** Hands over every value at the end of a path; arrays on the way and at the end stand for their elements. */
function eachValue(
  bytes: Buffer,
  start: number,
  path: FieldPath,
  depth: number,
  take: (value: RawValue) => void,
): void {
  const part = path.parts[depth];
  const value = part === undefined ? null : findField(bytes, start, part.bytes);
  if (value === null) return;
  const isLast = depth === path.parts.length - 1;
  const values = value.type === BsonType.array ? elementsOf(value) : [value];
  for (const element of values) {
    if (isLast) take(element);
    else if (element.type === BsonType.object) eachValue(bytes, element.start, path, depth + 1, take);
  }
}

/** The different values of a field in MongoDB's order; of equal ones, such as 1 and 1.0, the first met. */
export const distinct: CommandHandler = async (engine, request) => {
  const { args, database } = request;
  args.allow(['distinct', 'key', 'query'], { refused: ['hint', 'collation'] });
  const path = fieldPath(args.string('key'));
  if (path.parts.slice(1).some(({ index }) => index !== null))
    throw unsupported(`distinct by the array position in ${path.text}`, 'name a field');
  const { filter } = readFindQuery(args, 'query');
  const view = readViewOf(engine, request);
  const collection = view.find(database, args.string('distinct'));
  const values = new Map<string, { key: Buffer; value: RawValue }>();
  let size = 0;
  const take = (value: RawValue): void => {
    const key = encodeValue(value);
    const name = key.toString('latin1');
    if (values.has(name)) return;
    size += value.end - value.start + 8;
    if (size > MAX_VALUES_BYTES) throw new StoreError('Location17217', 'distinct too big, 16mb cap');
    // A copy, so that the value does not keep its whole document.
    values.set(name, { key, value: new RawValue(value.type, Buffer.from(value.body()), 0, value.end - value.start) });
  };
  if (collection !== null) {
    const query = { filter, sort: [], window: { skip: 0, limit: null } };
    await consume(view.rows(view.plan(collection, query), query), (rows) => {
      for (const { document } of rows) eachValue(document, 0, path, 0, take);
    });
  }
  const order = new LazySort<{ key: Buffer; value: RawValue }>((a, b) => a.key.compare(b.key));
  await consume(values.values(), (entry) => void order.add(entry));
  const sorted: RawValue[] = [];
  await consume(order.sorted(), (piece) => {
    for (const { value } of piece) sorted.push(value);
  });
  return okReply((writer) => {
    writer.beginArray('values');
    for (const [position, value] of sorted.entries()) writer.raw(String(position), value);
    writer.end();
  });
};
