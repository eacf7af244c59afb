import { CLOSED_LIST, type ClosedListKind } from '../closed-list';
import { BsonType, isNumberType, typeName } from '../documents/bson-type';
import { doubleOf } from '../documents/number-value';
import { isTruthy } from '../documents/options';
import { elementsOf, fieldsOf } from '../documents/raw-document';
import { type RawValue, stringOf } from '../documents/raw-value';

/** One thing a command uses, in the closed list's words, and where in the command it stands. Fields of documents show as `*`. */
export interface ShapeUse {
  readonly kind: ClosedListKind;
  readonly name: string;
  readonly place: string;
}

/** A command without its values: what of the closed list it uses, or of what is not on it. */
export interface CommandShape {
  readonly command: string;
  readonly uses: readonly ShapeUse[];
}

/** Documents that came in sections of their own, by name. */
export type Sequences = ReadonlyMap<string, readonly RawValue[]>;

const GENERIC = new Set(CLOSED_LIST.filter(({ kind }) => kind === 'option of any command').map(({ name }) => name));

/** Types that no filter takes as an operand. */
const ODD_OPERANDS: ReadonlySet<number> = new Set([
  BsonType.regex,
  BsonType.minKey,
  BsonType.maxKey,
  BsonType.undefined,
  BsonType.dbPointer,
  BsonType.codeWithScope,
]);

type Fields = [name: string, value: RawValue][];

const objectFields = (value: RawValue): Fields => (value.type === BsonType.object ? fieldsOf(value) : []);
const arrayElements = (value: RawValue): RawValue[] => (value.type === BsonType.array ? elementsOf(value) : []);
const isOperator = (name: string): boolean => name.startsWith('$');

/** Gathers the uses of one command, each place and name once. */
class ShapeReader {
  readonly #uses = new Map<string, ShapeUse>();

  get uses(): ShapeUse[] {
    return [...this.#uses.keys()].sort().flatMap((key) => this.#uses.get(key) ?? []);
  }

  #use(kind: ClosedListKind, name: string, place: string): void {
    this.#uses.set(`${place}\n${kind}\n${name}`, { kind, name, place });
  }

  command(body: RawValue, sequences: Sequences, place: string): void {
    const [first, ...rest] = fieldsOf(body);
    const command = first?.[0] ?? '';
    const here = `${place}${command}`;
    this.#use('command', command, here);
    const options: [string, RawValue | null][] = [
      ...rest,
      ...[...sequences.keys()].map((name) => [name, null] as [string, null]),
    ];
    for (const [name, value] of options) {
      if (GENERIC.has(name)) this.#use('option of any command', name, here);
      else {
        this.#use('command option', `${command}.${name}`, here);
        const values = value === null ? (sequences.get(name) ?? []) : [value];
        this.#option(command, name, value === null ? values : arrayElements(value), value, `${here}.${name}`);
      }
    }
    if (command === 'explain' && first !== undefined && first[1].type === BsonType.object)
      this.command(first[1], new Map(), `${here}.`);
  }

  #option(command: string, name: string, elements: readonly RawValue[], value: RawValue | null, place: string): void {
    switch (name) {
      case 'filter':
      case 'query':
        if (value !== null) this.#filter('filter', value, place);
        return;
      case 'sort':
        if (value !== null) this.#sort(value, place);
        return;
      case 'projection':
      case 'fields':
        if (value !== null) this.#projection(value, place);
        return;
      case 'update':
        if (value !== null && command === 'findAndModify') this.#update(value, place);
        return;
      case 'updates':
      case 'deletes':
        for (const element of elements) this.#statement(name === 'updates' ? 'update' : 'delete', element, place);
        return;
      case 'ops':
      case 'nsInfo':
        for (const element of elements) this.#statement('bulkWrite', element, place);
        return;
      case 'pipeline':
        for (const element of elements) this.#stage(element, place);
        return;
      case 'indexes':
        for (const element of elements) this.#index(element, place);
        return;
      default:
    }
  }

  #statement(command: 'update' | 'delete' | 'bulkWrite', statement: RawValue, place: string): void {
    for (const [name, value] of objectFields(statement)) {
      this.#use('statement option', `${command}.${name}`, place);
      if (name === 'q' || name === 'filter') this.#filter('filter', value, `${place}.${name}`);
      else if (name === 'u' || name === 'updateMods') this.#update(value, `${place}.${name}`);
    }
  }

  #filter(kind: 'filter' | 'partial filter', filter: RawValue, place: string): void {
    for (const [name, value] of objectFields(filter)) {
      if (!isOperator(name)) this.#condition(kind, value, `${place}.*`);
      else {
        this.#use(kind, name, place);
        if (name === '$text')
          for (const [option] of objectFields(value)) this.#use('text search', option, `${place}.$text`);
        else for (const branch of arrayElements(value)) this.#filter(kind, branch, `${place}.${name}`);
      }
    }
  }

  #condition(kind: 'filter' | 'partial filter', value: RawValue, place: string): void {
    const fields = objectFields(value);
    const operators = fields[0] !== undefined && isOperator(fields[0][0]) ? fields : [];
    if (operators.length === 0) this.#operand(kind, 'equality', value, place);
    for (const [name, operand] of operators) this.#operand(kind, name, operand, place);
  }

  #operand(kind: 'filter' | 'partial filter', name: string, operand: RawValue, place: string): void {
    this.#use(kind, name, place);
    const members = name === '$in' || name === '$nin' ? arrayElements(operand) : [operand];
    for (const { type } of members) if (ODD_OPERANDS.has(type)) this.#use(kind, `${typeName(type)} value`, place);
  }

  #update(update: RawValue, place: string): void {
    if (update.type === BsonType.array) this.#use('update', 'pipeline', place);
    const fields = objectFields(update);
    if (update.type === BsonType.object && !fields.some(([name]) => isOperator(name)))
      this.#use('update', 'replacement', place);
    for (const [name, changes] of fields) {
      if (!isOperator(name)) continue;
      this.#use('update', name, place);
      for (const [path, operand] of objectFields(changes)) {
        if (path.split('.').some(isOperator)) this.#use('update', 'positional path', `${place}.${name}`);
        if (name === '$set' || name === '$setOnInsert') continue;
        for (const [modifier] of objectFields(operand))
          if (isOperator(modifier)) this.#use('update', modifier, `${place}.${name}`);
      }
    }
  }

  #sort(sort: RawValue, place: string): void {
    for (const [, value] of objectFields(sort)) this.#use('sort', metaName(value) ?? 'field', place);
  }

  #projection(projection: RawValue, place: string): void {
    for (const [name, value] of objectFields(projection)) {
      if (name.includes('.')) this.#use('projection', 'dotted path', place);
      const [first] = objectFields(value);
      if (value.type === BsonType.bool || isNumberType(value.type))
        this.#use('projection', isTruthy(value) ? 'inclusion' : 'exclusion', place);
      else this.#use('projection', metaName(value) ?? first?.[0] ?? 'computed value', place);
    }
  }

  #stage(stage: RawValue, place: string): void {
    for (const [name, value] of objectFields(stage)) {
      this.#use('stage', name, place);
      if (name === '$match') this.#filter('filter', value, `${place}.$match`);
      else if (name === '$group') this.#group(value, `${place}.$group`);
      else if (name === '$sort') this.#sort(value, `${place}.$sort`);
      else if (name === '$project') this.#projection(value, `${place}.$project`);
    }
  }

  #group(group: RawValue, place: string): void {
    for (const [name, value] of objectFields(group)) {
      if (name === '_id') this.#expression(value, `${place}._id`);
      else {
        for (const [operator, operand] of objectFields(value)) {
          this.#use('group operator', operator, place);
          this.#expression(operand, `${place}.${operator}`);
        }
      }
    }
  }

  #expression(value: RawValue, place: string): void {
    const text = value.type === BsonType.string ? stringOf(value) : '';
    const isComputed = objectFields(value).length + arrayElements(value).length > 0;
    if (isComputed) this.#use('expression', objectFields(value)[0]?.[0] ?? 'array', place);
    else if (text.startsWith('$$')) this.#use('expression', 'variable', place);
    else this.#use('expression', text.startsWith('$') ? 'field path' : 'constant', place);
  }

  #index(index: RawValue, place: string): void {
    for (const [name, value] of objectFields(index)) {
      this.#use('index option', name, place);
      if (name === 'key') for (const [path, by] of objectFields(value)) this.#indexKey(path, by, `${place}.key`);
      else if (name === 'partialFilterExpression') this.#filter('partial filter', value, `${place}.${name}`);
    }
  }

  #indexKey(path: string, by: RawValue, place: string): void {
    if (path.includes('*')) this.#use('index key', 'wildcard', place);
    else if (by.type === BsonType.string) this.#use('index key', stringOf(by), place);
    else if (!isNumberType(by.type)) this.#use('index key', typeName(by.type), place);
    else this.#use('index key', doubleOf(by.type, by.bytes, by.start) < 0 ? 'descending' : 'ascending', place);
  }
}

function metaName(value: RawValue): string | null {
  const [first] = objectFields(value);
  if (first?.[0] !== '$meta') return null;
  return `$meta ${first[1].type === BsonType.string ? stringOf(first[1]) : typeName(first[1].type)}`;
}

/** Reduces a command to its shape: names of commands, options and operators at their places, and no values. */
export function commandShape(body: RawValue, sequences: Sequences = new Map()): CommandShape {
  const reader = new ShapeReader();
  reader.command(body, sequences, '');
  return { command: fieldsOf(body)[0]?.[0] ?? '', uses: reader.uses };
}
