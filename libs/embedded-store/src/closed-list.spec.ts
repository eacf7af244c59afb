import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawObject } from '../test/bson-samples';
import { parsePipeline } from './aggregation/pipeline';
import { CLOSED_LIST, type ClosedListKind } from './closed-list';
import { Arguments } from './commands/arguments';
import { dispatch, SERVED_COMMANDS } from './commands/dispatcher';
import { parseSort } from './commands/query-arguments';
import type { Engine } from './commands/request';
import { StoreError } from './errors/store-error';
import { parseFilter } from './matcher/filter';
import { compileProjection } from './projector/projection';
import { parseIndexDefinition } from './storage/index-definition';
import { parseUpdate } from './updater/update';
import { LargeAnswers } from './commands/large-answers';

const ROOT = join(__dirname, '../../..');

const listed = (kind: ClosedListKind): string[] =>
  CLOSED_LIST.filter((entry) => entry.kind === kind)
    .map(({ name }) => name)
    .sort();

const words = (text: string): string[] => text.trim().split(/\s+/);

/** MongoDB's own names, from its manual: what the store does not list it must refuse. */
const QUERY_OPERATORS = words(`
  $eq $gt $gte $in $lt $lte $ne $nin $and $not $nor $or $exists $type $expr $jsonSchema $mod $regex $options $text $where
  $geoIntersects $geoWithin $near $nearSphere $maxDistance $minDistance $center $centerSphere $box $polygon $within
  $all $elemMatch $size $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $rand $natural $comment $sampleRate $alwaysFalse $alwaysTrue
`);
const TEXT_OPTIONS = words('$search $language $caseSensitive $diacriticSensitive');
const UPDATE_OPERATORS = words(`
  $currentDate $inc $min $max $mul $rename $set $setOnInsert $unset $addToSet $pop $pull $push $pushAll $pullAll $bit $each $position $slice $sort
`);
const STAGES = words(`
  $addFields $bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $count $currentOp $densify $documents $facet $fill
  $geoNear $graphLookup $group $indexStats $limit $listLocalSessions $listSampledQueries $listSearchIndexes $listSessions $lookup $match
  $merge $out $planCacheStats $project $querySettings $queryStats $rankFusion $redact $replaceRoot $replaceWith $sample $search $searchMeta
  $set $setWindowFields $sharedDataDistribution $skip $sort $sortByCount $unionWith $unset $unwind $vectorSearch
`);
const GROUP_OPERATORS = words(`
  $accumulator $addToSet $avg $bottom $bottomN $count $first $firstN $last $lastN $max $maxN $median $mergeObjects $min $minN $percentile $push
  $stdDevPop $stdDevSamp $sum $top $topN
`);
const PROJECTION_OPERATORS = words('$elemMatch $meta $slice $concat $add $literal $toString $cond');
const GENERIC_OPTIONS = words(`
  $db lsid txnNumber txnRetryCounter autocommit startTransaction stmtId stmtIds $clusterTime $readPreference readConcern writeConcern maxTimeMS
  maxTimeMSOpOnly comment apiVersion apiStrict apiDeprecationErrors $queryOptions $audit $client $configServerState $oplogQueryData
  $replData $tenant $traceCtx databaseVersion shardVersion mayBypassWriteBlocking isClusterQueryWithoutShardKeyCmd rawData serialization_context
`);
const INDEX_OPTIONS = words(`
  key name unique sparse expireAfterSeconds partialFilterExpression weights background v default_language language_override textIndexVersion
  hidden collation storageEngine wildcardProjection 2dsphereIndexVersion bits min max bucketSize dropDups clustered prepareUnique ns
`);
const INDEX_KEYS: Record<string, unknown> = {
  ascending: 1,
  descending: -1,
  text: 'text',
  hashed: 'hashed',
  '2d': '2d',
  '2dsphere': '2dsphere',
  geoHaystack: 'geoHaystack',
  columnstore: 'columnstore',
};

/** Operands of many forms: an operator is served when it takes one of them. */
const OPERANDS = [
  1,
  2,
  3,
  true,
  'x',
  '$x',
  'textScore',
  [1],
  [{ a: 1 }],
  {},
  { a: 1 },
  { a: 'english' },
  { $search: 'x' },
];

function isServed(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

const takesSome = (parse: (operand: unknown) => unknown): boolean =>
  OPERANDS.some((operand) => isServed(() => parse(operand)));

const served = (names: readonly string[], parse: (name: string, operand: unknown) => unknown): string[] =>
  names.filter((name) => takesSome((operand) => parse(name, operand))).sort();

/** Remembers what a command takes, and stops it before it does anything. */
class OptionRecorder extends Arguments {
  taken: string[] | null = null;

  override allow(names: readonly string[], { ignored = [] }: { ignored?: readonly string[] } = {}): void {
    this.taken ??= [...names, ...ignored].filter((name) => name !== this.subject).sort();
    throw new StoreError('InternalError', 'only asked what it takes');
  }
}

async function optionsOf(command: string): Promise<string[] | null> {
  const args = new OptionRecorder(command, rawObject({ [command]: 1 }));
  const engine = { logger: { info: () => undefined, error: () => undefined } } as unknown as Engine;
  await dispatch(engine, {
    name: command,
    database: 'x',
    args,
    connectionId: 1,
    address: '127.0.0.1:1',
    place: new LargeAnswers(1).place(),
    transaction: undefined,
    retryKey: undefined,
  });
  return args.taken;
}

describe('the closed list', () => {
  it('names everything once', () => {
    const names = CLOSED_LIST.map(({ kind, name }) => `${kind} ${name}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('is what the dispatcher serves', () => {
    expect([...SERVED_COMMANDS].sort()).toEqual(listed('command'));
  });

  it('is what each command takes', async () => {
    const options = listed('command option');
    const unchecked: string[] = [];
    for (const command of SERVED_COMMANDS) {
      const own = options.filter((name) => name.startsWith(`${command}.`)).map((name) => name.split('.')[1]);
      const taken = await optionsOf(command);
      if (taken === null) unchecked.push(command);
      else expect([command, taken]).toEqual([command, own]);
    }
    // What these are told about the client changes no answer.
    expect(unchecked.sort()).toEqual(['buildInfo', 'endSessions', 'hello', 'ismaster', 'ping', 'serverStatus']);
  });

  it('is what every command takes', () => {
    const taken = served(GENERIC_OPTIONS, (name) => new Arguments('ping', rawObject({ ping: 1, [name]: 1 })).allow([]));
    expect(taken).toEqual(listed('option of any command'));
  });

  it('is what filters take', () => {
    const taken = served(
      QUERY_OPERATORS,
      (name, operand) =>
        isServed(() => parseFilter(rawObject({ [name]: operand }))) ||
        parseFilter(rawObject({ a: { [name]: operand } })),
    );
    expect(['equality', ...taken].sort()).toEqual(listed('filter'));
    const text = served(TEXT_OPTIONS, (name, operand) =>
      parseFilter(rawObject({ $text: { $search: 'x', [name]: operand } })),
    );
    expect(text).toEqual(listed('text search'));
  });

  it('is what updates take', () => {
    const taken = served(UPDATE_OPERATORS, (name, operand) => parseUpdate(rawObject({ [name]: { a: operand } })));
    const modifiers = served(words('$each $position $slice $sort'), (name, operand) =>
      parseUpdate(rawObject({ $push: { a: { $each: [1], [name]: operand } } })),
    );
    const replaces = isServed(() => parseUpdate(rawObject({ a: 1 })));
    expect([...taken, ...modifiers, ...(replaces ? ['replacement'] : [])].sort()).toEqual(listed('update'));
  });

  it('is what projections and sorts take', () => {
    const computed = served(PROJECTION_OPERATORS, (name, operand) =>
      compileProjection(rawObject({ a: { [name]: operand } })),
    );
    const plain = { inclusion: { a: 1 }, exclusion: { a: 0 }, 'dotted path': { 'a.b': 1 } };
    const named = Object.entries(plain).filter(([, projection]) =>
      isServed(() => compileProjection(rawObject(projection))),
    );
    expect([...named.map(([name]) => name), ...computed.map((name) => `${name} textScore`)].sort()).toEqual(
      listed('projection'),
    );
    expect(isServed(() => compileProjection(rawObject({ a: { $meta: 'indexKey' } })))).toBe(false);
    const sorts = { field: 1, '$meta textScore': { $meta: 'textScore' }, '$meta randVal': { $meta: 'randVal' } };
    const sorted = Object.entries(sorts).filter(([, by]) => isServed(() => parseSort(rawObject({ a: by }))));
    expect(sorted.map(([name]) => name).sort()).toEqual(listed('sort'));
  });

  it('is what pipelines take', () => {
    const stages = served(STAGES, (name, operand) =>
      parsePipeline([rawObject({ [name]: name === '$group' ? { _id: 1 } : operand })], parseSort),
    );
    expect(stages).toEqual(listed('stage'));
    const group = (field: unknown, id: unknown = 1): unknown =>
      parsePipeline([rawObject({ $group: { _id: id, a: field } })], parseSort);
    expect(served(GROUP_OPERATORS, (name, operand) => group({ [name]: operand }))).toEqual(listed('group operator'));
    const expressions = { constant: 1, 'field path': '$a', variable: '$$ROOT', operator: { $add: ['$a', 1] } };
    const taken = Object.entries(expressions).filter(([, by]) => isServed(() => group({ $sum: by }, by)));
    expect(taken.map(([name]) => name).sort()).toEqual(listed('expression'));
  });

  it('is what indexes take', () => {
    const keys = Object.entries(INDEX_KEYS).filter(([, by]) =>
      isServed(() => parseIndexDefinition(rawObject({ name: 'i', key: { a: by } }))),
    );
    expect(keys.map(([name]) => name).sort()).toEqual(listed('index key'));
    const options = served(INDEX_OPTIONS, (name, operand) => {
      const key = { a: name === 'weights' ? 'text' : 1 };
      const asked =
        operand === 'x' && /language/.test(name) ? (name === 'default_language' ? 'english' : 'language') : operand;
      return parseIndexDefinition(
        rawObject({
          key,
          name: 'i',
          [name]: name === 'key' ? { a: 1 } : name === 'partialFilterExpression' ? { a: { $exists: true } } : asked,
        }),
      );
    });
    expect(options).toEqual(listed('index option'));
    const partial = served(QUERY_OPERATORS, (name, operand) =>
      parseIndexDefinition(
        rawObject({ name: 'i', key: { a: 1 }, partialFilterExpression: { a: { [name]: operand } } }),
      ),
    );
    expect(['equality', ...partial].sort()).toEqual(listed('partial filter'));
  });

  it('says for each entry who needs it, and product places exist', () => {
    const others = /^(driver|Mongoose|mongosh|Compass|mongosh and Compass): \S/;
    const sources = new Map<string, string>();
    const sourceOf = (folder: string): string => {
      const known = sources.get(folder);
      if (known !== undefined) return known;
      const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
      const text = files
        .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
        .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
        .join('\n');
      sources.set(folder, text);
      return text;
    };
    const wrong = CLOSED_LIST.filter(({ neededBy }) => {
      const place = /^((?:libs|apps|tools)\/[\w-]+) (\w+)(?:\.(\w+))?$/.exec(neededBy);
      if (place === null) return !others.test(neededBy);
      const [, folder = '', name = '', method] = place;
      const text = sourceOf(folder);
      const isThere = new RegExp(`\\b(class|function|const) ${name}\\b`).test(text);
      return !isThere || (method !== undefined && !new RegExp(`\\b${method}\\(`).test(text));
    });
    expect(wrong).toEqual([]);
  });
});
