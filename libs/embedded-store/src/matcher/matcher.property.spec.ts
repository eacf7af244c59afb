import fc from 'fast-check';
import { rawDocument, rawObject } from '../../test/bson-samples';
import { parseFilter } from './filter';
import { compileFilter } from './matcher';

type Plain = null | number | string | boolean | Plain[] | { [name: string]: Plain };
type Fields = { [name: string]: Plain };

/** What MongoDB's manual says, written over plain JavaScript values as directly as possible. */
const model = {
  type(value: Plain): string {
    if (value === null) return 'null';
    return Array.isArray(value) ? 'array' : typeof value;
  },

  compare(a: Plain, b: Plain): number {
    const order = ['null', 'number', 'string', 'object', 'array', 'boolean'];
    const byType = order.indexOf(model.type(a)) - order.indexOf(model.type(b));
    if (byType !== 0) return byType;
    if (Array.isArray(a) && Array.isArray(b)) return model.compareLists(a, b);
    if (typeof a === 'object' && a !== null) return model.compareObjects(a as Fields, b as Fields);
    return a === b ? 0 : Number(a! > b!) * 2 - 1;
  },

  compareLists(a: Plain[], b: Plain[]): number {
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
      const order = model.compare(a[at]!, b[at]!);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  },

  compareObjects(a: Fields, b: Fields): number {
    const [left, right] = [Object.entries(a), Object.entries(b)];
    for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
      const [[nameA, valueA], [nameB, valueB]] = [left[at]!, right[at]!];
      const order =
        model.type(valueA) === model.type(valueB) && nameA !== nameB
          ? nameA < nameB
            ? -1
            : 1
          : model.compare(valueA, valueB);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  },

  /** Every value a path leads to; undefined where a branch has no such field. */
  reach(value: Plain, path: readonly string[]): (Plain | undefined)[] {
    const [name, ...rest] = path;
    if (name === undefined) return [value];
    if (Array.isArray(value))
      return value.filter((item) => model.type(item) === 'object').flatMap((item) => model.reach(item, path));
    if (model.type(value) !== 'object') return [undefined];
    const inner = (value as Fields)[name];
    return inner === undefined ? [undefined] : model.reach(inner, rest);
  },

  candidates(document: Fields, path: string): (Plain | undefined)[] {
    return model
      .reach(document, path.split('.'))
      .flatMap((value) => (Array.isArray(value) ? [value, ...value] : [value]));
  },

  test(document: Fields, path: string, operator: string, operand: Plain): boolean {
    const found = model.candidates(document, path);
    const equal = (value: Plain | undefined, other: Plain): boolean =>
      value === undefined ? other === null : model.compare(value, other) === 0;
    const ranged = (holds: (order: number) => boolean): boolean =>
      found.some((value) => {
        if (operand === null) return holds(0) && equal(value, null);
        return value !== undefined && model.type(value) === model.type(operand) && holds(model.compare(value, operand));
      });
    switch (operator) {
      case '$eq':
        return found.some((value) => equal(value, operand));
      case '$ne':
        return !found.some((value) => equal(value, operand));
      case '$in':
        return found.some((value) => (operand as Plain[]).some((other) => equal(value, other)));
      case '$nin':
        return !model.test(document, path, '$in', operand);
      case '$gt':
        return ranged((order) => order > 0);
      case '$gte':
        return ranged((order) => order >= 0);
      case '$lt':
        return ranged((order) => order < 0);
      case '$lte':
        return ranged((order) => order <= 0);
      default:
        return model.reach(document, path.split('.')).some((value) => value !== undefined) === operand;
    }
  },
};

const scalar = fc.constantFrom<Plain>(null, 0, 1, 2, 2.5, '', 'a', 'b', true, false);
const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;
const document = fc.dictionary(fc.constantFrom('a', 'b'), plain, { maxKeys: 2, noNullPrototype: true });
const path = fc.constantFrom('a', 'b', 'a.b', 'a.a', 'a.b.a');

const condition = fc.oneof(
  fc.tuple(path, fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), plain),
  fc.tuple(path, fc.constantFrom('$in', '$nin'), fc.array(plain, { maxLength: 3 })),
  fc.tuple(path, fc.constant('$exists'), fc.boolean()),
);

const isOperatorFree = (value: Plain): boolean => JSON.stringify(value).includes('$') === false;

describe('the matcher', () => {
  it('agrees with the manual read over plain values', () => {
    fc.assert(
      fc.property(document, condition, (fields, [name, operator, operand]) => {
        fc.pre(isOperatorFree(operand));
        const filter = { [name]: { [operator]: operand } };
        expect(compileFilter(parseFilter(rawObject(filter)))(rawDocument(fields))).toBe(
          model.test(fields, name, operator, operand),
        );
      }),
      { numRuns: 4000 },
    );
  });

  it('joins conditions by $and and $or', () => {
    fc.assert(
      fc.property(document, condition, condition, (fields, first, second) => {
        const filters = [first, second].map(([name, operator, operand]) => ({ [name]: { [operator]: operand } }));
        const expected = [first, second].map(([name, operator, operand]) =>
          model.test(fields, name, operator, operand),
        );
        const matches = (filter: Record<string, unknown>): boolean =>
          compileFilter(parseFilter(rawObject(filter)))(rawDocument(fields));
        expect(matches({ $and: filters })).toBe(expected.every(Boolean));
        expect(matches({ $or: filters })).toBe(expected.some(Boolean));
      }),
      { numRuns: 500 },
    );
  });
});
