/** BSON element types as they stand on the wire and on disk. */
export const BsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  bool: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

const ORDER: Readonly<Record<number, number>> = {
  [BsonType.minKey]: 0x01,
  [BsonType.undefined]: 0x03,
  [BsonType.null]: 0x05,
  [BsonType.double]: 0x0a,
  [BsonType.int32]: 0x0a,
  [BsonType.int64]: 0x0a,
  [BsonType.decimal128]: 0x0a,
  [BsonType.string]: 0x0f,
  [BsonType.symbol]: 0x0f,
  [BsonType.object]: 0x14,
  [BsonType.array]: 0x19,
  [BsonType.binary]: 0x1e,
  [BsonType.objectId]: 0x23,
  [BsonType.bool]: 0x28,
  [BsonType.date]: 0x2d,
  [BsonType.timestamp]: 0x2f,
  [BsonType.regex]: 0x32,
  [BsonType.dbPointer]: 0x37,
  [BsonType.code]: 0x3c,
  [BsonType.codeWithScope]: 0x41,
  [BsonType.maxKey]: 0xf0,
};

const CLASS_OF_TYPE = Uint8Array.from({ length: 256 }, (_, type) => ORDER[type] ?? 0);

/** The class byte of numbers in the order of types. */
export const NUMBER_CLASS = 0x0a;

/** The byte that ranks a BSON type among all types, equal for types MongoDB compares by value; 0 for unknown types. */
export function typeClass(type: number): number {
  return CLASS_OF_TYPE[type] ?? 0;
}

export function isNumberType(type: number): boolean {
  return typeClass(type) === NUMBER_CLASS;
}

const NAMES: Readonly<Record<number, string>> = Object.fromEntries([
  ...Object.entries(BsonType).map(([name, type]) => [type, name]),
  [BsonType.int32, 'int'],
  [BsonType.int64, 'long'],
  [BsonType.decimal128, 'decimal'],
  [BsonType.binary, 'binData'],
]) as Record<number, string>;

/** MongoDB's name of a BSON type, for messages. */
export function typeName(type: number): string {
  return NAMES[type] ?? `type ${type}`;
}
