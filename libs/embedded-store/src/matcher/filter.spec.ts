import { BSONRegExp, MinKey } from 'bson';
import { rawObject } from '../../test/bson-samples';
import { StoreError } from '../errors/store-error';
import { parseFilter } from './filter';

function refusal(filter: Record<string, unknown>): StoreError {
  try {
    parseFilter(rawObject(filter));
  } catch (error) {
    if (error instanceof StoreError) return error;
  }
  throw new Error('the filter was not refused');
}

describe('filters off the closed list', () => {
  it.each([
    ['$regex', { a: { $regex: 'x' } }],
    ['$not', { a: { $not: { $gt: 1 } } }],
    ['$size', { a: { $size: 1 } }],
    ['$all', { a: { $all: [1] } }],
    ['$elemMatch', { a: { $elemMatch: { b: 1 } } }],
    ['$type', { a: { $type: 'string' } }],
    ['$mod', { a: { $mod: [2, 0] } }],
    ['$where', { $where: 'true' }],
    ['$expr', { $expr: { $eq: [1, 1] } }],
    ['$nor', { $nor: [{ a: 1 }] }],
    ['$jsonSchema', { $jsonSchema: {} }],
  ])('refuses %s by name', (name, filter) => {
    const { codeName, message } = refusal(filter);
    expect([codeName, message.includes(name)]).toEqual(['CommandNotSupported', true]);
  });

  it('refuses values it cannot compare as MongoDB does', () => {
    expect(refusal({ a: new BSONRegExp('x') }).codeName).toBe('CommandNotSupported');
    expect(refusal({ a: { $gt: new MinKey() } }).codeName).toBe('CommandNotSupported');
    expect(refusal({ a: { $in: [new BSONRegExp('x')] } }).codeName).toBe('CommandNotSupported');
  });

  it('refuses what MongoDB finds malformed, with its code', () => {
    expect(refusal({ a: { $in: 1 } }).code).toBe(2);
    expect(refusal({ $or: [] }).code).toBe(2);
    expect(refusal({ $and: [1] }).code).toBe(2);
    expect(refusal({ a: { $gt: 1, b: 2 } }).code).toBe(2);
    expect(refusal({ a: { $in: [{ $gt: 1 }] } }).code).toBe(2);
    expect(refusal({ $text: { $search: 5 } }).code).toBe(14);
  });
});
