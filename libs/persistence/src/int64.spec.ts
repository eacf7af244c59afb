import { mongo } from 'mongoose';
import { fromInt64, fromNullableInt64 } from './int64';

describe('fromInt64', () => {
  it.each([
    [5n, 5n],
    [-7, -7n],
    [mongo.Long.fromString('9223372036854775807'), 9_223_372_036_854_775_807n],
  ])('takes an int64 in whatever shape the driver gives it: %s', (stored, value) => {
    expect(fromInt64(stored, 'volume_num')).toBe(value);
  });

  it.each([0.5, 2 ** 60, Number.NaN])('refuses %s, naming the field', (stored) => {
    expect(() => fromInt64(stored, 'volume_num')).toThrow(/^volume_num /);
  });

  it('refuses text, naming the field', () => {
    expect(() => fromInt64('5' as never, 'spread')).toThrow(/^spread /);
  });

  it.each([null, undefined])('keeps %s as null', (stored) => {
    expect(fromNullableInt64(stored, 'spread')).toBeNull();
  });
});
