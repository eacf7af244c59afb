import { BsonWriter } from '../documents/bson-writer';
import { parsePipeline } from '../aggregation/pipeline';
import { StoreError, unsupported } from '../errors/store-error';
import type { Access, Plan } from '../planner/plan';
import type { FindQuery } from '../transactions/views';
import { Arguments } from './arguments';
import { allowAggregate, splitPipeline } from './aggregate-command';
import { parseSort } from './query-arguments';
import { allowCount, allowFind, commandName, readFindQuery } from './read-commands';
import { okReply } from './replies';
import type { CommandHandler } from './request';

function queryOf(name: string, args: Arguments): FindQuery {
  switch (name) {
    case 'find':
      allowFind(args);
      return readFindQuery(args);
    case 'count':
      allowCount(args);
      return readFindQuery(args, 'query');
    case 'aggregate':
      allowAggregate(args);
      return splitPipeline(parsePipeline(args.list('pipeline'), parseSort)).query;
    default:
      throw unsupported(`explain of ${name}`, 'explain find, count or aggregate');
  }
}

function writeAccess(writer: BsonWriter, access: Access): void {
  switch (access.kind) {
    case 'collection':
      writer.string('stage', 'COLLSCAN');
      return;
    case 'text':
      writer.string('stage', 'TEXT_MATCH').string('indexName', access.index.name);
      return;
    case 'union':
      writer.string('stage', 'OR').beginArray('inputStages');
      for (const [position, branch] of access.branches.entries()) {
        writer.beginObject(String(position));
        writePlan(writer, branch);
        writer.end();
      }
      writer.end();
      return;
    case 'index': {
      const { index, ranges, backward, merge, repeats } = access;
      writer
        .string('stage', merge ? 'SORT_MERGE' : 'IXSCAN')
        .string('indexName', index.name)
        .beginObject('keyPattern');
      for (const { path, descending } of index.definition.fields) writer.int32(path.text, descending ? -1 : 1);
      writer.end();
      if (access.within !== null) writer.string('textIndexName', access.within.index.name);
      writer.boolean('isMultiKey', index.multikey.includes(true)).boolean('removesDuplicates', repeats);
      writer.string('direction', backward ? 'backward' : 'forward').int32('ranges', ranges.length);
    }
  }
}

function writePlan(writer: BsonWriter, plan: Plan): void {
  if (plan.memorySort !== null) writer.string('stage', 'SORT').beginObject('inputStage');
  if (!plan.settled && plan.access.kind !== 'collection') {
    writer.string('stage', 'FETCH').boolean('filtered', true).beginObject('inputStage');
    writeAccess(writer, plan.access);
    writer.end();
  } else writeAccess(writer, plan.access);
  if (plan.memorySort !== null) writer.end();
}

/** All are answered by the plan alone: nothing is run. */
const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** Answers with the plan a read would use: the index, whether ranges are merged, and whether documents are sorted in memory. */
export const explain: CommandHandler = (engine, { args, database }) => {
  args.allow(['explain', 'verbosity']);
  const inner = args.document('explain');
  if (inner === null) throw args.missing('explain');
  if (args.get('verbosity') !== null && !VERBOSITIES.includes(args.string('verbosity')))
    throw new StoreError('BadValue', `verbosity must be one of ${VERBOSITIES.join(', ')}`);
  const { name, target } = commandName(inner);
  const query = queryOf(name, new Arguments(name, inner));
  const collection = engine.storage.find(database, target);
  const plan = collection === null ? null : engine.committed.plan(collection, query);
  return okReply((writer) => {
    writer.beginObject('queryPlanner').string('namespace', `${database}.${target}`).beginObject('winningPlan');
    if (plan === null) writer.string('stage', 'EOF');
    else writePlan(writer, plan);
    writer.end().end();
  });
};
