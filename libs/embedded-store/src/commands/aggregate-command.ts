import { createAccumulator } from '../aggregation/accumulators';
import { countResult, type Documents, parsePipeline, runStages, type Stage } from '../aggregation/pipeline';
import { BsonType } from '../documents/bson-type';
import { BsonWriter } from '../documents/bson-writer';
import { int64Value } from '../documents/raw-value';
import { StoreError, unsupported } from '../errors/store-error';
import type { Filter } from '../matcher/filter';
import type { Rows } from '../planner/run-plan';
import type { FindQuery } from '../transactions/views';
import { Arguments } from './arguments';
import { notNegative, parseSort } from './query-arguments';
import { countDocuments, openCursor } from './read-commands';
import { cursorReply } from './replies';
import { collectionStatistics } from './statistics-commands';
import { type CommandHandler, readViewOf } from './request';

const FIRST_BATCH = 101;

/** The stages at the start that a find can do, and the rest. */
export interface SplitPipeline {
  readonly query: FindQuery;
  readonly rest: readonly Stage[];
}

/** Gives the leading stages to the planner: matches, then one sort, one skip and one limit in this order. */
export function splitPipeline(stages: readonly Stage[]): SplitPipeline {
  const filters: Filter[] = [];
  let at = 0;
  for (let stage = stages[at]; stage?.kind === 'match'; stage = stages[at]) {
    filters.push(stage.filter);
    at += 1;
  }
  let sort: FindQuery['sort'] = [];
  let skip = 0;
  let limit: number | null = null;
  const sortStage = stages[at];
  if (sortStage?.kind === 'sort') {
    sort = sortStage.sort;
    at += 1;
  }
  const skipStage = stages[at];
  if (skipStage?.kind === 'skip') {
    skip = skipStage.count;
    at += 1;
  }
  const limitStage = stages[at];
  if (limitStage?.kind === 'limit') {
    limit = limitStage.count;
    at += 1;
  }
  const clauses = filters.flatMap((filter) => (filter.kind === 'and' ? filter.clauses : [filter]));
  const [only] = clauses;
  const filter: Filter = clauses.length === 1 && only !== undefined ? only : { kind: 'and', clauses };
  return { query: { filter, sort, window: { skip, limit } }, rest: stages.slice(at) };
}

/** The documents of a pipeline that only counts, made from a count; null for other pipelines. */
function countOnly(stage: Stage | undefined): ((count: number) => Buffer[]) | null {
  if (stage?.kind === 'count') return (count) => countResult(stage.name, count);
  if (stage?.kind !== 'group' || !('constant' in stage.id)) return null;
  const { id, fields } = stage;
  const constants: bigint[] = [];
  for (const { operator, expression } of fields) {
    if (operator !== '$sum' || !('constant' in expression) || expression.constant.type !== BsonType.int32) return null;
    constants.push(BigInt(expression.constant.bytes.readInt32LE(expression.constant.start)));
  }
  return (count) => {
    if (count === 0) return [];
    const writer = new BsonWriter(64).raw('_id', id.constant);
    for (const [position, { name }] of fields.entries()) {
      const sum = createAccumulator('$sum');
      sum.add(int64Value(BigInt(count) * (constants[position] ?? 0n)));
      const total = sum.result();
      const value = total.bytes.readBigInt64LE(total.start);
      if (BigInt.asIntN(32, value) === value) writer.int32(name, Number(value));
      else writer.raw(name, total);
    }
    return [writer.finish()];
  };
}

function* documentsOf(rows: Rows): Documents {
  for (const piece of rows) yield piece.map(({ document }) => document);
}

/** Refuses what an aggregate does not take. */
export const allowAggregate = (args: Arguments): void =>
  args.allow(['aggregate', 'pipeline', 'cursor'], {
    refused: ['hint', 'collation', 'let', 'explain', 'allowDiskUse', 'bypassDocumentValidation'],
  });

export const aggregate: CommandHandler = async (engine, request) => {
  const { args, database, transaction, place } = request;
  allowAggregate(args);
  const target = args.get('aggregate');
  if (target?.type !== BsonType.string) throw unsupported('aggregation on a whole database', 'aggregate a collection');
  const name = args.string('aggregate');
  const stages = parsePipeline(args.list('pipeline'), parseSort);
  const { query, rest } = splitPipeline(stages);
  const cursor = args.document('cursor');
  if (cursor === null)
    throw new StoreError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  const cursorOptions = new Arguments('cursor', cursor);
  cursorOptions.allow(['batchSize']);
  const batchSize = notNegative('batchSize', cursorOptions.integer('batchSize'));
  const options = { transaction, place };
  const view = readViewOf(engine, request);
  const collection = view.find(database, name);
  const namespace = `${database}.${name}`;
  const [first] = stages;
  if (first?.kind === 'collStats') {
    if (transaction !== undefined)
      throw new StoreError(
        'OperationNotSupportedInTransaction',
        'Aggregation stage $collStats cannot run within a multi-document transaction',
      );
    const source = [[await collectionStatistics(engine, database, name, first)]][Symbol.iterator]() as Documents;
    return openCursor(engine, namespace, runStages(source, stages.slice(1)), batchSize ?? FIRST_BATCH, options);
  }
  const asCount = countOnly(rest[0]);
  if (asCount !== null) {
    const count = collection === null ? 0 : await countDocuments(view, collection, query);
    const source = [asCount(count)][Symbol.iterator]() as Documents;
    return openCursor(engine, namespace, runStages(source, rest.slice(1)), batchSize ?? FIRST_BATCH, options);
  }
  if (collection === null) return cursorReply('firstBatch', namespace, 0n, []);
  const rows = view.rows(view.plan(collection, query), query);
  return openCursor(engine, namespace, runStages(documentsOf(rows), rest), batchSize ?? FIRST_BATCH, {
    ...options,
    collection: rest.length === 0 ? collection : undefined,
  });
};
