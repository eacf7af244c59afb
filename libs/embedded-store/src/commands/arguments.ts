import { BsonType, typeName } from '../documents/bson-type';
import { knownName } from '../documents/known-name';
import { integerOf, isTruthy } from '../documents/options';
import { elementsOf, FieldCursor } from '../documents/raw-document';
import type { RawValue } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';

/** Fields every command may carry. They are read where they matter and otherwise have no effect here. */
const GENERIC = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
]);

function wrongType(name: string, value: RawValue, wanted: string): StoreError {
  return new StoreError(
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value.type)}', expected type '${wanted}'`,
  );
}

/** The fields of a command or statement, read by name with MongoDB's leniency about number types. */
export class Arguments {
  /** Commands have few fields: going through them costs less than filling a map. */
  readonly #names: string[] = [];
  readonly #values: RawValue[] = [];

  constructor(
    readonly subject: string,
    document: RawValue,
    private readonly sequences: ReadonlyMap<string, readonly RawValue[]> = new Map(),
  ) {
    const cursor = new FieldCursor(document.bytes, document.start);
    while (cursor.advance()) {
      this.#names.push(cursor.name());
      this.#values.push(cursor.value());
    }
  }

  /** The value of a field, of the last one when there are several; null when it is null or not there. */
  get(name: string): RawValue | null {
    const position = this.#names.lastIndexOf(name);
    // Reading an array at -1 would be a lookup of a property by name.
    const value = position === -1 ? undefined : this.#values[position];
    return value === undefined || value.type === BsonType.null ? null : value;
  }

  string(name: string): string {
    const value = this.get(name);
    if (value === null) throw this.missing(name);
    if (value.type !== BsonType.string) throw wrongType(`${this.subject}.${name}`, value, 'string');
    // What commands say by strings are mostly the few names of databases and collections.
    return knownName(value.bytes, value.start + 4, value.end - 1);
  }

  integer(name: string): number | null {
    const value = this.get(name);
    return value === null ? null : integerOf(name, value);
  }

  boolean(name: string, otherwise = false): boolean {
    const value = this.get(name);
    return value === null ? otherwise : isTruthy(value);
  }

  document(name: string): RawValue | null {
    const value = this.get(name);
    if (value !== null && value.type !== BsonType.object) throw wrongType(`${this.subject}.${name}`, value, 'object');
    return value;
  }

  /** A field that a command or statement cannot do without. */
  required(name: string): RawValue {
    const value = this.get(name);
    if (value === null) throw this.missing(name);
    return value;
  }

  /** Elements of an array field, whether they came in the body or in a section of their own. */
  list(name: string): readonly RawValue[] {
    const sequence = this.sequences.get(name);
    if (sequence !== undefined) return sequence;
    const value = this.get(name);
    if (value === null) throw this.missing(name);
    if (value.type !== BsonType.array) throw wrongType(`${this.subject}.${name}`, value, 'array');
    return elementsOf(value);
  }

  missing(name: string): StoreError {
    return new StoreError('Location40414', `BSON field '${this.subject}.${name}' is missing but a required field`);
  }

  /**
   * Refuses every field that is not listed: `served` ones are read by the command, `ignored` ones change nothing here, `refused` ones
   * would change the answer and are refused unless empty or false.
   */
  allow(
    served: readonly string[],
    { ignored = [], refused = [] }: { ignored?: readonly string[]; refused?: readonly string[] } = {},
  ): void {
    const check = (name: string): void => {
      if (name === this.subject || GENERIC.has(name) || served.includes(name) || ignored.includes(name)) return;
      if (!refused.includes(name))
        throw new StoreError('Location40415', `BSON field '${this.subject}.${name}' is an unknown field.`);
      if (!this.#isEmpty(name)) throw unsupported(`the option ${name} of ${this.subject}`, 'leave it out');
    };
    for (const name of this.#names) check(name);
    for (const name of this.sequences.keys()) check(name);
  }

  #isEmpty(name: string): boolean {
    const value = this.get(name);
    if (value === null) return true;
    if (value.type === BsonType.object || value.type === BsonType.array) return value.end - value.start === 5;
    return !isTruthy(value);
  }
}
