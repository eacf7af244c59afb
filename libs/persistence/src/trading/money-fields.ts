import { microPrice, type MicroPrice, microShares, type MicroShares, microUsdc, type MicroUsdc } from '@app/domain';
import { fromInt64, fromNullableInt64, StoredInt64 } from '../int64';

/** Fields of a stored document that hold int64 values. */
type Int64Field<Stored> = {
  [Field in keyof Stored]: Stored[Field] extends StoredInt64 | null ? Field : never;
}[keyof Stored] &
  string;

type RequiredInt64Field<Stored> = {
  [Field in keyof Stored]: Stored[Field] extends StoredInt64 ? Field : never;
}[keyof Stored] &
  string;

/** Reads the amounts, prices and quantities of one stored document; an error names the field. */
export interface MoneyReader<Stored> {
  usdc(field: RequiredInt64Field<Stored>): MicroUsdc;
  shares(field: RequiredInt64Field<Stored>): MicroShares;
  price(field: RequiredInt64Field<Stored>): MicroPrice;
  nullableUsdc(field: Int64Field<Stored>): MicroUsdc | null;
  nullableShares(field: Int64Field<Stored>): MicroShares | null;
  nullablePrice(field: Int64Field<Stored>): MicroPrice | null;
  nullableInteger(field: Int64Field<Stored>): bigint | null;
}

/** @param path put before the names of fields in errors, for parts of documents */
export function readMoney<Stored extends object>(stored: Stored, path = ''): MoneyReader<Stored> {
  const required = (field: RequiredInt64Field<Stored>): bigint =>
    fromInt64(stored[field] as StoredInt64, `${path}${field}`);
  const optional = (field: Int64Field<Stored>): bigint | null =>
    fromNullableInt64(stored[field] as StoredInt64 | null, `${path}${field}`);
  const branded = <T>(value: bigint | null, brand: (value: bigint) => T): T | null =>
    value === null ? null : brand(value);
  return {
    usdc: (field) => microUsdc(required(field)),
    shares: (field) => microShares(required(field)),
    price: (field) => microPrice(required(field)),
    nullableUsdc: (field) => branded(optional(field), microUsdc),
    nullableShares: (field) => branded(optional(field), microShares),
    nullablePrice: (field) => branded(optional(field), microPrice),
    nullableInteger: optional,
  };
}
