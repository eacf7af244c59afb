import { BsonType, typeName } from '../documents/bson-type';
import { fieldPath, type FieldPath } from '../documents/field-path';
import { elementsOf, FieldCursor, fieldsOf } from '../documents/raw-document';
import { byteAt, RawValue, stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { isTruthy } from '../documents/options';

export type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

/** A filter taken apart. Values still lie in the message they came in. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly clauses: readonly Filter[] }
  | { readonly kind: 'not'; readonly clause: Filter }
  | { readonly kind: 'compare'; readonly path: FieldPath; readonly operator: Comparison; readonly value: RawValue }
  | { readonly kind: 'in'; readonly path: FieldPath; readonly values: readonly RawValue[] }
  | { readonly kind: 'exists'; readonly path: FieldPath; readonly exists: boolean }
  | { readonly kind: 'text'; readonly search: string };

const SERVED = '$eq, $ne, $in, $nin, $gt, $gte, $lt, $lte and $exists are served';

function checkedOperand(path: FieldPath, value: RawValue): RawValue {
  switch (value.type) {
    case BsonType.regex:
      throw unsupported(`regular expressions (filter on "${path.text}")`, 'use $text or an exact value');
    case BsonType.minKey:
    case BsonType.maxKey:
    case BsonType.undefined:
    case BsonType.dbPointer:
    case BsonType.codeWithScope:
      throw unsupported(`a filter on "${path.text}" by a ${typeName(value.type)} value`, 'use another type');
    default:
      return value;
  }
}

function checkedMember(operator: string, path: FieldPath, value: RawValue): RawValue {
  if (isOperatorObject(value)) throw new StoreError('BadValue', `cannot nest $ under ${operator}`);
  return checkedOperand(path, value);
}

function parseIn(path: FieldPath, operator: string, operand: RawValue): Filter {
  if (operand.type !== BsonType.array) throw new StoreError('BadValue', `${operator} needs an array`);
  return { kind: 'in', path, values: elementsOf(operand).map((value) => checkedMember(operator, path, value)) };
}

function parseOperator(path: FieldPath, operator: string, operand: RawValue): Filter {
  switch (operator) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return { kind: 'compare', path, operator, value: checkedOperand(path, operand) };
    case '$ne':
      return {
        kind: 'not',
        clause: { kind: 'compare', path, operator: '$eq', value: checkedOperand(path, operand) },
      };
    case '$in':
      return parseIn(path, operator, operand);
    case '$nin':
      return { kind: 'not', clause: parseIn(path, operator, operand) };
    case '$exists':
      return { kind: 'exists', path, exists: isTruthy(operand) };
    default:
      throw unsupported(`the query operator ${operator}`, SERVED);
  }
}

/** True for an object value whose first field is an operator. */
export function isOperatorObject(value: RawValue): boolean {
  return (
    value.type === BsonType.object &&
    byteAt(value.bytes, value.start + 4) !== 0 &&
    byteAt(value.bytes, value.start + 5) === 0x24
  );
}

function parseField(name: string, value: RawValue): Filter[] {
  const path = fieldPath(name);
  if (!isOperatorObject(value)) return [{ kind: 'compare', path, operator: '$eq', value: checkedOperand(path, value) }];
  const fields = fieldsOf(value);
  if (fields[0]?.[0] === '$ref' || fields[0]?.[0] === '$id') throw unsupported('DBRef filters', 'use the id itself');
  return fields.map(([operator, operand]) => {
    if (!operator.startsWith('$')) throw new StoreError('BadValue', `unknown operator: ${operator}`);
    return parseOperator(path, operator, operand);
  });
}

function parseBranches(operator: string, value: RawValue): Filter[] {
  if (value.type !== BsonType.array) throw new StoreError('BadValue', `${operator} must be an array`);
  const branches = elementsOf(value);
  if (branches.length === 0) throw new StoreError('BadValue', '$and/$or/$nor must be a nonempty array');
  return branches.map((branch) => {
    if (branch.type !== BsonType.object)
      throw new StoreError('BadValue', `${operator} argument's entries must be objects`);
    return parseFilter(branch, true);
  });
}

function parseText(value: RawValue): Filter {
  if (value.type !== BsonType.object) throw new StoreError('TypeMismatch', '$text expects an object');
  let search: string | null = null;
  for (const [name, option] of fieldsOf(value)) {
    if (name === '$search' && option.type === BsonType.string) search = stringOf(option);
    else if (name === '$search') throw new StoreError('TypeMismatch', '$search must be a string');
    else throw unsupported(`the $text option ${name}`, 'only $search is served');
  }
  if (search === null) throw new StoreError('FailedToParse', '$text needs $search');
  return { kind: 'text', search };
}

/**
 * Takes a filter document apart and refuses by name what is not served.
 * @param nested true inside $and or $or, where $text has no place.
 */
export function parseFilter(document: RawValue, nested = false): Filter {
  const clauses: Filter[] = [];
  const cursor = new FieldCursor(document.bytes, document.start);
  while (cursor.advance()) {
    const name = cursor.name();
    if (!name.startsWith('$')) clauses.push(...parseField(name, cursor.value()));
    else if (name === '$and') clauses.push(...parseBranches(name, cursor.value()));
    else if (name === '$or') {
      const branches = parseBranches(name, cursor.value());
      const [only] = branches;
      clauses.push(branches.length === 1 && only !== undefined ? only : { kind: 'or', clauses: branches });
    } else if (name === '$text' && !nested) clauses.push(parseText(cursor.value()));
    else if (name === '$text') throw unsupported('$text inside $and or $or', 'put it at the top of the filter');
    else throw unsupported(`the query operator ${name}`, '$and, $or and $text are served');
  }
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return only;
  const flat = clauses.flatMap((clause) => (clause.kind === 'and' ? clause.clauses : [clause]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'and', clauses: flat };
}

/** The clauses that must all hold. */
export function conjuncts(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.clauses : [filter];
}
