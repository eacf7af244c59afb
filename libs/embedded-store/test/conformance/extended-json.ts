import { EJSON } from 'bson';

/** How values are read from the wire where types matter: nothing becomes a plain number. */
export const RAW_TYPES = { promoteValues: false, bsonRegExp: true } as const;

/** The canonical text of a value: two values have the same text when types, values and the order of fields are the same. */
export function canonical(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false });
}

// `{ "$regex": "x" }` is also the first version's notation of a regular expression value. In a command it is the operator, so the
// key wears a mask while the text is parsed.
const MASK = '\u{e000}regex';

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !('_bsontype' in value) && !(value instanceof Date);
}

function unmasked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmasked);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name === MASK ? '$regex' : name, unmasked(inner)]),
  );
}

/** Reads one line of canonical Extended JSON. */
export function parseCanonical(line: string): unknown {
  return unmasked(EJSON.parse(line.replaceAll('"$regex":', `"${MASK}":`), { relaxed: false }));
}

const byText = (a: unknown, b: unknown): number => (canonical(a) < canonical(b) ? -1 : 1);

/** Puts values whose order means nothing into a fixed order. */
export function inFixedOrder(values: readonly unknown[]): unknown[] {
  return [...values].sort(byText);
}

/** Puts the elements of every array inside a value into a fixed order. */
export function withSortedArrays(value: unknown): unknown {
  if (Array.isArray(value)) return inFixedOrder(value.map(withSortedArrays));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withSortedArrays(inner)]));
}
