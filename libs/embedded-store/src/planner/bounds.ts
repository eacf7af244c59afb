import { BsonType, NUMBER_CLASS, typeClass } from '../documents/bson-type';
import { compareValues } from '../documents/compare-values';
import { isNaNValue } from '../documents/number-value';
import type { RawValue } from '../documents/raw-value';
import type { IndexField } from '../keys/index-keys';
import { encodeValue } from '../keys/key-writer';
import type { Comparison, Filter } from '../matcher/filter';

/** Keys from `lower` up to but without `upper`. */
export interface KeyRange {
  readonly lower: Buffer;
  readonly upper: Buffer;
}

export type CompareFilter = Extract<Filter, { kind: 'compare' }>;
export type InFilter = Extract<Filter, { kind: 'in' }>;

/** What the filter says about one index field. */
export interface FieldBounds {
  /** Encoded values the field may have, in key order; null when it is a range. */
  readonly points: readonly Buffer[] | null;
  readonly range: KeyRange | null;
  /** Clauses that hold for every key inside the bounds. */
  readonly settled: readonly Filter[];
  /** True when all clauses used exclude documents without the field. */
  readonly needsValue: boolean;
  /** How much the bounds narrow, for choosing among indexes. */
  readonly weight: number;
}

const AFTER = Buffer.from([0xff]);

/** Values whose equality and order the keys reproduce exactly. */
function hasExactKey(value: RawValue): boolean {
  switch (value.type) {
    case BsonType.array:
    case BsonType.object:
    case BsonType.null:
    case BsonType.undefined:
    case BsonType.regex:
    case BsonType.code:
      return false;
    default:
      return !isNaNValue(value.type, value.bytes, value.start);
  }
}

function inKeyOrder(points: readonly Buffer[]): Buffer[] {
  const sorted = [...points].sort((a, b) => a.compare(b));
  return sorted.filter((point, position) => position === 0 || !point.equals(sorted[position - 1] ?? AFTER));
}

const NULL_POINTS = {
  ascending: [Buffer.from([0x03]), Buffer.from([0x05])],
  descending: [Buffer.from([0xfa]), Buffer.from([0xfc])],
};

function pointsOf(values: readonly RawValue[], descending: boolean): Buffer[] | null {
  const points: Buffer[] = [];
  for (const value of values) {
    // Missing fields, null and empty arrays lie beside each other; the matcher tells them apart.
    if (value.type === BsonType.null) points.push(...NULL_POINTS[descending ? 'descending' : 'ascending']);
    else if (hasExactKey(value)) points.push(encodeValue(value, descending));
    else return null;
  }
  return inKeyOrder(points);
}

function pointBounds(
  clause: CompareFilter | InFilter,
  values: readonly RawValue[],
  descending: boolean,
): FieldBounds | null {
  const points = pointsOf(values, descending);
  if (points === null) return null;
  const hasNull = values.some(({ type }) => type === BsonType.null);
  const onlyBooleans = values.every(({ type }) => type === BsonType.bool);
  const weight = onlyBooleans ? (points.length === 1 ? 1 : 0.25) : 4 / Math.sqrt(Math.max(1, points.length));
  return { points, range: null, settled: hasNull ? [] : [clause], needsValue: !hasNull, weight };
}

/** The one value clauses leave an index field, as it stands in keys, with the clause that says so; null when there is none. */
export function pointOf(
  { path, descending }: IndexField,
  clauses: readonly Filter[],
): { bytes: Buffer; clause: CompareFilter } | null {
  for (const clause of clauses) {
    if (clause.kind !== 'compare' || clause.operator !== '$eq' || clause.path.text !== path.text) continue;
    if (hasExactKey(clause.value)) return { bytes: encodeValue(clause.value, descending), clause };
  }
  return null;
}

interface RangeEnds {
  lower: Buffer;
  upper: Buffer;
}

/** All values of one type class, without NaN among the numbers. */
function wholeClass(kind: number, descending: boolean): RangeEnds {
  const nan = Buffer.alloc(9);
  nan[0] = NUMBER_CLASS;
  if (!descending) {
    const lower = kind === NUMBER_CLASS ? Buffer.concat([nan, AFTER]) : Buffer.from([kind]);
    return { lower, upper: Buffer.from([kind + 1]) };
  }
  const inverted = ~kind & 0xff;
  const upper = kind === NUMBER_CLASS ? Buffer.from(nan.map((byte) => ~byte & 0xff)) : Buffer.from([inverted + 1]);
  return { lower: Buffer.from([inverted]), upper };
}

const afterPart = (part: Buffer): Buffer => Buffer.concat([part, AFTER]);

function applyBound(ends: RangeEnds, operator: Exclude<Comparison, '$eq'>, part: Buffer, descending: boolean): void {
  const above = operator === '$gt' || operator === '$gte';
  const inclusive = operator === '$gte' || operator === '$lte';
  if (above !== descending) {
    const lower = inclusive ? part : afterPart(part);
    if (lower.compare(ends.lower) > 0) ends.lower = lower;
  } else {
    const upper = inclusive ? afterPart(part) : part;
    if (upper.compare(ends.upper) < 0) ends.upper = upper;
  }
}

function rangeBounds(clauses: readonly CompareFilter[], descending: boolean, multikey: boolean): FieldBounds | null {
  const usable = clauses.filter(({ operator, value }) => operator !== '$eq' && hasExactKey(value));
  const [first] = usable;
  if (first === undefined) return null;
  const kind = typeClass(first.value.type);
  // Two elements of an array can satisfy the two ends of a range, so only one end may narrow the keys.
  const used = multikey ? [first] : usable.filter(({ value }) => typeClass(value.type) === kind);
  const ends = wholeClass(kind, descending);
  for (const { operator, value } of used) {
    if (operator !== '$eq') applyBound(ends, operator, encodeValue(value, descending), descending);
  }
  return { points: null, range: ends, settled: used, needsValue: true, weight: used.length > 1 ? 2 : 1 };
}

/** What the clauses on a field's path allow its keys to be, or null when they do not bound it. */
export function fieldBounds(field: IndexField, clauses: readonly Filter[], multikey: boolean): FieldBounds | null {
  const comparisons = clauses.filter((clause): clause is CompareFilter => clause.kind === 'compare');
  for (const clause of comparisons) {
    if (clause.operator !== '$eq') continue;
    const bounds = pointBounds(clause, [clause.value], field.descending);
    if (bounds !== null) return bounds;
  }
  const sets = clauses.filter((clause): clause is InFilter => clause.kind === 'in');
  for (const clause of [...sets].sort((a, b) => a.values.length - b.values.length)) {
    const bounds = pointBounds(clause, clause.values, field.descending);
    if (bounds !== null) return bounds;
  }
  return rangeBounds(comparisons, field.descending, multikey);
}

const isNull = (value: RawValue): boolean => value.type === BsonType.null || value.type === BsonType.undefined;

/** Whether documents matching the query clauses surely satisfy one clause of a partial index. */
export function implies(query: readonly Filter[], wanted: Filter): boolean {
  return query.some((clause) => {
    if (wanted.kind === 'exists') {
      if (clause.kind === 'exists') return clause.exists && clause.path.text === wanted.path.text;
      if (clause.kind === 'compare') return clause.path.text === wanted.path.text && !isNull(clause.value);
      return clause.kind === 'in' && clause.path.text === wanted.path.text && !clause.values.some(isNull);
    }
    const allowed = valuesOf(wanted);
    const given = valuesOf(clause);
    if (allowed === null || given === null || allowed.path.text !== given.path.text) return false;
    return given.values.every((value) => allowed.values.some((other) => compareValues(value, other) === 0));
  });
}

function valuesOf(clause: Filter): { path: CompareFilter['path']; values: readonly RawValue[] } | null {
  if (clause.kind === 'in') return clause;
  return clause.kind === 'compare' && clause.operator === '$eq' ? { path: clause.path, values: [clause.value] } : null;
}
