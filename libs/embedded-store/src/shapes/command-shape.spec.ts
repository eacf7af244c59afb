import { MaxKey } from 'bson';
import { rawObject } from '../../test/bson-samples';
import { commandShape, type CommandShape } from './command-shape';

const uses = ({ uses: all }: CommandShape): string[] => all.map(({ kind, name, place }) => `${place}: ${kind} ${name}`);

const usesOf = (command: Record<string, unknown>): string[] => uses(commandShape(rawObject(command)));

describe('the shape of a command', () => {
  it('names options and operators at their places and no values', () => {
    const command = {
      find: 'markets',
      $db: 'markets_db',
      filter: {
        _id: 'secret',
        closed: { $in: [true, false] },
        $or: [{ until: { $lte: 5 } }, { 'a.b': { $ne: null } }],
      },
      sort: { volume: -1, score: { $meta: 'textScore' } },
      projection: { question: 1, _id: 0 },
      limit: 50,
    };
    expect(usesOf(command)).toEqual([
      'find: command find',
      'find: command option find.filter',
      'find: command option find.limit',
      'find: command option find.projection',
      'find: command option find.sort',
      'find: option of any command $db',
      'find.filter: filter $or',
      'find.filter.$or.*: filter $lte',
      'find.filter.$or.*: filter $ne',
      'find.filter.*: filter $in',
      'find.filter.*: filter equality',
      'find.projection: projection exclusion',
      'find.projection: projection inclusion',
      'find.sort: sort $meta textScore',
      'find.sort: sort field',
    ]);
    expect(JSON.stringify(commandShape(rawObject(command)))).not.toMatch(/secret|markets|volume|question|until/);
  });

  it('is the same for other values and more of them', () => {
    const query = (...ids: number[]): CommandShape =>
      commandShape(rawObject({ find: 'c', filter: { _id: { $in: ids } }, $db: 'x' }));
    expect(query(1)).toEqual(query(2, 3, 4));
  });

  it('reads the operations of a bulkWrite', () => {
    const command = {
      bulkWrite: 1,
      nsInfo: [{ ns: 'secret.markets' }],
      ops: [
        { insert: 0, document: { a: 1 } },
        { update: 0, filter: { a: { $lte: 1 } }, updateMods: { $set: { a: 2 } }, upsert: true },
      ],
    };
    expect(usesOf(command)).toEqual([
      'bulkWrite: command bulkWrite',
      'bulkWrite: command option bulkWrite.nsInfo',
      'bulkWrite: command option bulkWrite.ops',
      'bulkWrite.nsInfo: statement option bulkWrite.ns',
      'bulkWrite.ops: statement option bulkWrite.document',
      'bulkWrite.ops: statement option bulkWrite.filter',
      'bulkWrite.ops: statement option bulkWrite.insert',
      'bulkWrite.ops: statement option bulkWrite.update',
      'bulkWrite.ops: statement option bulkWrite.updateMods',
      'bulkWrite.ops: statement option bulkWrite.upsert',
      'bulkWrite.ops.filter.*: filter $lte',
      'bulkWrite.ops.updateMods: update $set',
    ]);
    expect(JSON.stringify(commandShape(rawObject(command)))).not.toMatch(/secret|markets/);
  });

  it('reads statements from the body and from sections of their own', () => {
    const statement = { q: { _id: 1 }, u: { $set: { a: 1 }, $inc: { b: 1 } }, upsert: true };
    const inBody = commandShape(rawObject({ update: 'c', updates: [statement, { ...statement, multi: false }] }));
    const sections = new Map([['updates', [rawObject(statement), rawObject({ ...statement, multi: false })]]]);
    expect(commandShape(rawObject({ update: 'c' }), sections)).toEqual(inBody);
    expect(uses(inBody)).toEqual([
      'update: command update',
      'update: command option update.updates',
      'update.updates: statement option update.multi',
      'update.updates: statement option update.q',
      'update.updates: statement option update.u',
      'update.updates: statement option update.upsert',
      'update.updates.q.*: filter equality',
      'update.updates.u: update $inc',
      'update.updates.u: update $set',
    ]);
  });

  it('tells a replacement, a pipeline, a positional path and a modifier', () => {
    const change = (u: unknown): string[] =>
      usesOf({ findAndModify: 'c', update: u }).filter((use) => use.includes(': update '));
    expect(change({ a: 1 })).toEqual(['findAndModify.update: update replacement']);
    expect(change([{ $set: { a: 1 } }])).toEqual(['findAndModify.update: update pipeline']);
    expect(change({ $set: { 'a.$[].b': 1 } })).toContain('findAndModify.update.$set: update positional path');
    expect(change({ $push: { a: { $each: [1] } } })).toContain('findAndModify.update.$push: update $each');
    expect(change({ $set: { a: { $b: 1 } } })).toEqual(['findAndModify.update: update $set']);
  });

  it('shows operands no filter takes', () => {
    const filter = { a: /x/, b: { $in: [/y/] }, c: { $gt: new MaxKey() } };
    expect(usesOf({ delete: 'c', deletes: [{ q: filter, limit: 1 }] })).toEqual(
      expect.arrayContaining(['delete.deletes.q.*: filter regex value', 'delete.deletes.q.*: filter maxKey value']),
    );
  });

  it('reads pipelines', () => {
    const pipeline = [
      { $match: { a: { $gte: 1 } } },
      { $group: { _id: '$kind', n: { $sum: 1 }, m: { $max: { $add: ['$a', 1] } }, r: { $first: '$$ROOT' } } },
      { $sort: { n: 1, score: { $meta: 'indexKey' } } },
      { $project: { n: 1, twice: { $add: ['$n', '$n'] } } },
      { $out: 'x' },
    ];
    expect(usesOf({ aggregate: 'c', pipeline, cursor: {} }).slice(3)).toEqual([
      'aggregate.pipeline: stage $group',
      'aggregate.pipeline: stage $match',
      'aggregate.pipeline: stage $out',
      'aggregate.pipeline: stage $project',
      'aggregate.pipeline: stage $sort',
      'aggregate.pipeline.$group: group operator $first',
      'aggregate.pipeline.$group: group operator $max',
      'aggregate.pipeline.$group: group operator $sum',
      'aggregate.pipeline.$group.$first: expression variable',
      'aggregate.pipeline.$group.$max: expression $add',
      'aggregate.pipeline.$group.$sum: expression constant',
      'aggregate.pipeline.$group._id: expression field path',
      'aggregate.pipeline.$match.*: filter $gte',
      'aggregate.pipeline.$project: projection $add',
      'aggregate.pipeline.$project: projection inclusion',
      'aggregate.pipeline.$sort: sort $meta indexKey',
      'aggregate.pipeline.$sort: sort field',
    ]);
  });

  it('reads index specifications', () => {
    const indexes = [
      {
        key: { a: 1, b: -1, c: 'text', '$**': 1 },
        name: 'x',
        unique: true,
        partialFilterExpression: { a: { $exists: true } },
      },
    ];
    expect(usesOf({ createIndexes: 'c', indexes }).slice(2)).toEqual([
      'createIndexes.indexes: index option key',
      'createIndexes.indexes: index option name',
      'createIndexes.indexes: index option partialFilterExpression',
      'createIndexes.indexes: index option unique',
      'createIndexes.indexes.key: index key ascending',
      'createIndexes.indexes.key: index key descending',
      'createIndexes.indexes.key: index key text',
      'createIndexes.indexes.key: index key wildcard',
      'createIndexes.indexes.partialFilterExpression.*: partial filter $exists',
    ]);
  });

  it('reads the command inside explain', () => {
    expect(usesOf({ explain: { find: 'c', filter: { a: { $type: 2 } } }, verbosity: 'x' })).toEqual([
      'explain: command explain',
      'explain: command option explain.verbosity',
      'explain.find: command find',
      'explain.find: command option find.filter',
      'explain.find.filter.*: filter $type',
    ]);
  });

  it('takes commands that make no sense as they are', () => {
    expect(usesOf({ frobnicate: 1, filter: 5, pipeline: 'x', sort: [] })[0]).toBe('frobnicate: command frobnicate');
    expect(usesOf({})).toEqual([': command ']);
  });
});
