import { BsonType, isNumberType } from '../documents/bson-type';
import { doubleOf } from '../documents/number-value';
import { stringOf } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import { Arguments } from './arguments';

/** Here all of them mean what is committed: there is one server, and it has acknowledged nothing it may lose. */
const READ_CONCERNS = new Set(['local', 'available', 'majority', 'linearizable']);

function checkReadConcern(args: Arguments): void {
  const concern = args.document('readConcern');
  if (concern === null || args.get('autocommit') !== null) return;
  const options = new Arguments('readConcern', concern);
  if (options.get('level') === null) return;
  const level = options.string('level');
  if (level === 'snapshot')
    throw unsupported('the read concern "snapshot" outside of a transaction', 'read in a transaction');
  if (!READ_CONCERNS.has(level))
    throw new StoreError(
      'BadValue',
      `Enumeration value '${level}' for field 'readConcern.level' is not a valid value.`,
    );
}

function checkWriteConcern(args: Arguments): void {
  const concern = args.document('writeConcern');
  const w = concern === null ? null : new Arguments('writeConcern', concern).get('w');
  if (w === null) return;
  const copies = isNumberType(w.type) ? doubleOf(w.type, w.bytes, w.start) : null;
  const isMet =
    copies === null ? w.type === BsonType.string && stringOf(w) === 'majority' : copies === 0 || copies === 1;
  if (!isMet) throw unsupported('a write concern for more than one server', 'use w: 1 or w: "majority"');
}

function checkSession(args: Arguments): void {
  args.document('lsid');
  const number = args.get('txnNumber');
  if (number !== null && number.type !== BsonType.int64)
    throw new StoreError('TypeMismatch', "BSON field 'txnNumber' is the wrong type, expected type 'long'");
}

/**
 * Checks what any command may carry. How long it may take is a wish that is not kept, everything else holds.
 * @throws StoreError when a value makes no sense or asks for more than one server can give
 */
export function checkCommonOptions(args: Arguments): void {
  checkSession(args);
  checkReadConcern(args);
  checkWriteConcern(args);
  const patience = args.integer('maxTimeMS');
  if (patience !== null && patience < 0)
    throw new StoreError('BadValue', `${patience} value for maxTimeMS is out of range [0, 2147483647]`);
}
