/** MongoDB's numbers for the error code names this store answers with. */
export const ERROR_CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  IllegalOperation: 20,
  LockTimeout: 24,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  CannotBackfillArray: 34,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  WriteConflict: 112,
  NotExactValueField: 111,
  OperationFailed: 96,
  CommandNotSupported: 115,
  CommandFailed: 125,
  CannotIndexParallelArrays: 171,
  InvalidIndexSpecificationOption: 197,
  IndexBuildAborted: 276,
  QueryExceededMemoryLimit: 292,
  NotImplemented: 238,
  InvalidUUID: 207,
  NotSingleValueField: 54,
  QueryPlanKilled: 175,
  TransactionTooOld: 225,
  SnapshotUnavailable: 246,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  TransactionTooLarge: 257,
  OperationNotSupportedInTransaction: 263,
  TemporarilyUnavailable: 365,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  Location15947: 15947,
  Location15952: 15952,
  Location15955: 15955,
  Location15958: 15958,
  Location15959: 15959,
  Location15969: 15969,
  Location15973: 15973,
  Location15974: 15974,
  Location15975: 15975,
  Location15976: 15976,
  Location15998: 15998,
  Location16410: 16410,
  Location17217: 17217,
  Location17313: 17313,
  Location31249: 31249,
  Location31250: 31250,
  Location31253: 31253,
  Location31254: 31254,
  Location40156: 40156,
  Location40158: 40158,
  Location40160: 40160,
  Location40234: 40234,
  Location40235: 40235,
  Location40236: 40236,
  Location40238: 40238,
  Location40323: 40323,
  Location40324: 40324,
  Location40352: 40352,
  Location40353: 40353,
  Location40414: 40414,
  Location40602: 40602,
  Location40415: 40415,
  Location51024: 51024,
  Location51272: 51272,
  Location5107200: 5107200,
  Location5107201: 5107201,
  Location5447000: 5447000,
  Location50739: 50739,
  Location50740: 50740,
  Location50741: 50741,
  Location50768: 50768,
  Location50911: 50911,
} as const;

export type ErrorCodeName = keyof typeof ERROR_CODES;

/** An answer of the store that refuses a command or one of its statements, in MongoDB's shape. */
export class StoreError extends Error {
  readonly code: number;

  constructor(
    readonly codeName: ErrorCodeName,
    message: string,
    /** Further fields of the error as sent to the client, such as keyPattern and keyValue. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'StoreError';
    this.code = ERROR_CODES[codeName];
  }
}

/** A part of MongoDB that is known and deliberately not served; `instead` says what to use. */
export function unsupported(what: string, instead: string): StoreError {
  return new StoreError('CommandNotSupported', `the embedded store does not support ${what}; ${instead}`);
}
