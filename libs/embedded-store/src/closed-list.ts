/** What an entry of the closed list names. */
export type ClosedListKind =
  | 'command'
  | 'option of any command'
  | 'command option'
  | 'statement option'
  | 'filter'
  | 'text search'
  | 'update'
  | 'projection'
  | 'sort'
  | 'stage'
  | 'group operator'
  | 'expression'
  | 'index key'
  | 'index option'
  | 'partial filter';

/** One thing the store serves, and what it is served for: a place in the product, or what the driver or a tool sends by itself. */
export interface ClosedListEntry {
  readonly kind: ClosedListKind;
  readonly name: string;
  readonly neededBy: string;
}

function needed(kind: ClosedListKind, neededBy: string, ...names: string[]): ClosedListEntry[] {
  return names.map((name) => ({ kind, name, neededBy }));
}

/**
 * Everything the store serves; what is not on it is refused. An entry needs a place that sends it: under `libs/`, `apps/` or `tools/` a name
 * to be found there, otherwise the driver, Mongoose, mongosh or Compass with what they do.
 */
export const CLOSED_LIST: readonly ClosedListEntry[] = [
  ...needed('command', 'driver: handshake and monitoring', 'hello', 'ismaster'),
  ...needed('command', 'driver: MongoClient.close', 'endSessions'),
  ...needed('command', 'driver: closing a cursor early', 'killCursors'),
  ...needed('command', 'libs/persistence DatabaseHealth.check', 'ping'),
  ...needed('command', 'mongosh: connecting', 'buildInfo'),
  ...needed('command', 'mongosh: db.serverStatus()', 'serverStatus'),
  ...needed('command', 'mongosh: connecting', 'getLog', 'getCmdLineOpts', 'getParameter'),
  ...needed('command', 'Compass: connecting', 'connectionStatus', 'hostInfo'),
  ...needed('command', 'mongosh: db.stats()', 'dbStats'),
  ...needed('command', 'libs/persistence ensureCollection', 'create', 'createIndexes', 'listIndexes', 'dropIndexes'),
  ...needed('command', 'mongosh: show collections', 'listCollections'),
  ...needed('command', 'mongosh: show databases', 'listDatabases'),
  ...needed('command', 'mongosh: db.collection.drop(), db.dropDatabase()', 'drop', 'dropDatabase'),
  ...needed('command', 'libs/persistence StagedPageRepository.stage', 'insert'),
  ...needed('command', 'libs/persistence SyncStateRepository.save', 'update'),
  ...needed('command', 'libs/persistence StagedPageRepository.removeOtherRuns', 'delete'),
  ...needed('command', 'libs/persistence sendWrites', 'bulkWrite'),
  ...needed('command', 'libs/persistence SyncStateRepository.acquireLease', 'findAndModify'),
  ...needed('command', 'libs/persistence MarketRepository.findBySlug', 'find'),
  ...needed('command', 'libs/persistence MarketRepository.listOpenGammaIds', 'getMore'),
  ...needed('command', 'libs/persistence MarketRepository.count', 'count', 'aggregate'),
  ...needed('command', 'mongosh: db.collection.distinct()', 'distinct'),
  ...needed('command', 'libs/persistence openTestDatabases', 'explain'),
  ...needed('command', 'libs/persistence StoreTransactions.run', 'commitTransaction', 'abortTransaction'),

  ...needed('option of any command', 'driver: every command', '$db', 'lsid', '$readPreference'),
  ...needed('option of any command', 'driver: retryable writes', 'txnNumber'),
  ...needed('option of any command', 'driver: transactions', 'autocommit', 'startTransaction'),
  ...needed('option of any command', 'driver: transactions', 'readConcern', 'writeConcern'),
  ...needed('option of any command', 'Compass: every query', 'maxTimeMS'),

  ...needed('command option', 'driver: handshake and monitoring', 'hello.helloOk', 'hello.client', 'hello.compression'),
  ...needed('command option', 'driver: handshake and monitoring', 'hello.backpressure', 'ismaster.backpressure'),
  ...needed('command option', 'driver: handshake and monitoring', 'ismaster.helloOk', 'ismaster.client'),
  ...needed('command option', 'driver: handshake and monitoring', 'ismaster.compression'),
  ...needed('command option', 'driver: closing a cursor early', 'killCursors.cursors'),
  ...needed('command option', 'libs/persistence ensureCollection', 'createIndexes.indexes', 'dropIndexes.index'),
  ...needed('command option', 'libs/persistence ensureCollection', 'listIndexes.cursor'),
  ...needed('command option', 'mongosh: show collections', 'listCollections.filter', 'listCollections.nameOnly'),
  ...needed('command option', 'mongosh: show collections', 'listCollections.cursor'),
  ...needed('command option', 'mongosh: show collections', 'listCollections.authorizedCollections'),
  ...needed('command option', 'mongosh: show databases', 'listDatabases.filter', 'listDatabases.nameOnly'),
  ...needed('command option', 'mongosh: connecting', 'getParameter.featureCompatibilityVersion'),
  ...needed('command option', 'Compass: connecting', 'connectionStatus.showPrivileges'),
  ...needed('command option', 'mongosh: db.stats()', 'dbStats.scale'),
  ...needed('command option', 'mongosh: show databases', 'listDatabases.authorizedDatabases'),
  ...needed('command option', 'libs/persistence MarketChangeRepository.append', 'insert.documents', 'insert.ordered'),
  ...needed('command option', 'libs/persistence MarketRepository.writeBatch', 'update.updates', 'update.ordered'),
  ...needed('command option', 'libs/persistence StagedPageRepository.remove', 'delete.deletes', 'delete.ordered'),
  ...needed('command option', 'libs/persistence sendWrites', 'bulkWrite.ops', 'bulkWrite.nsInfo'),
  ...needed('command option', 'libs/persistence sendWrites', 'bulkWrite.ordered', 'bulkWrite.errorsOnly'),
  ...needed('command option', 'driver: every bulkWrite', 'bulkWrite.bypassDocumentValidation'),
  ...needed('command option', 'libs/persistence SyncStateRepository.acquireLease', 'findAndModify.query'),
  ...needed('command option', 'libs/persistence SyncStateRepository.acquireLease', 'findAndModify.update'),
  ...needed('command option', 'libs/persistence SyncStateRepository.acquireLease', 'findAndModify.upsert'),
  ...needed('command option', 'libs/persistence JobRunRepository.claimNext', 'findAndModify.sort', 'findAndModify.new'),
  ...needed('command option', 'driver: every findAndModify', 'findAndModify.remove'),
  ...needed('command option', 'mongosh: findOneAndUpdate() with a projection', 'findAndModify.fields'),
  ...needed('command option', 'libs/persistence MarketRepository.listPage', 'find.filter', 'find.projection'),
  ...needed('command option', 'libs/persistence MarketRepository.listPage', 'find.sort', 'find.skip', 'find.limit'),
  ...needed('command option', 'libs/persistence MarketRepository.listPage', 'find.batchSize'),
  ...needed('command option', 'driver: findOne', 'find.singleBatch'),
  ...needed('command option', 'driver: reading a cursor', 'getMore.collection', 'getMore.batchSize'),
  ...needed('command option', 'mongosh: db.collection.distinct()', 'distinct.key', 'distinct.query'),
  ...needed('command option', 'mongosh: db.collection.count()', 'count.query', 'count.skip', 'count.limit'),
  ...needed(
    'command option',
    'libs/persistence MarketRepository.countByState',
    'aggregate.pipeline',
    'aggregate.cursor',
  ),
  ...needed('command option', 'libs/persistence openTestDatabases', 'explain.verbosity'),

  ...needed('statement option', 'libs/persistence OpenInterestRepository.saveMany', 'update.q', 'update.u'),
  ...needed('statement option', 'libs/persistence OpenInterestRepository.saveMany', 'update.upsert'),
  ...needed('statement option', 'libs/persistence MarketRepository.touch', 'update.multi'),
  ...needed('statement option', 'libs/persistence MarketChangeRepository.remove', 'delete.q', 'delete.limit'),
  ...needed('statement option', 'libs/persistence sendWrites', 'bulkWrite.ns', 'bulkWrite.insert'),
  ...needed('statement option', 'libs/persistence sendWrites', 'bulkWrite.document', 'bulkWrite.update'),
  ...needed('statement option', 'libs/persistence sendWrites', 'bulkWrite.filter', 'bulkWrite.updateMods'),
  ...needed('statement option', 'libs/persistence sendWrites', 'bulkWrite.multi', 'bulkWrite.upsert'),

  ...needed('filter', 'libs/persistence MarketRepository.findBySlug', 'equality'),
  ...needed('filter', 'libs/persistence MarketRepository.findManyBySlugs', '$in'),
  ...needed('filter', 'libs/persistence StagedPageRepository.removeOtherRuns', '$ne'),
  ...needed('filter', 'libs/persistence StagedPageRepository.listOfRun', '$gte', '$lt'),
  ...needed('filter', 'libs/persistence SyncStateRepository.save', '$lte'),
  ...needed('filter', 'libs/persistence SyncStateRepository.acquireLease', '$or'),
  ...needed('filter', 'libs/persistence toStoreFilter', '$text'),
  ...needed('filter', 'Compass: saving an edited document', '$exists'),
  ...needed('filter', 'libs/persistence RunHistoryRepository.eachEntry', '$gt'),
  ...needed('filter', 'mongosh and Compass: filters a person types', '$and', '$eq', '$nin'),
  ...needed('text search', 'libs/persistence toStoreFilter', '$search'),

  ...needed('update', 'libs/persistence SyncStateRepository.acquireLease', '$set', '$inc', '$setOnInsert'),
  ...needed('update', 'libs/persistence JobRunRepository.finish', '$unset'),
  ...needed('update', 'libs/persistence MarketRepository.writeBatch', 'replacement'),
  ...needed('update', 'Mongoose: saving a document whose array has grown', '$push', '$each'),
  ...needed('update', 'mongosh and Compass: updates a person types', '$slice'),

  ...needed('projection', 'libs/persistence MarketRepository.listPage', 'inclusion'),
  ...needed('projection', 'libs/persistence MarketRepository.listOpenGammaIds', 'exclusion'),
  ...needed('projection', 'mongosh and Compass: a text search with its rank', '$meta textScore'),
  ...needed('projection', 'libs/persistence RunHistoryRepository.eachEntry', 'dotted path'),
  ...needed('sort', 'libs/persistence toStoreSort', 'field', '$meta textScore'),

  ...needed('stage', 'libs/persistence MarketRepository.countByState', '$match', '$group'),
  ...needed('stage', 'driver: countDocuments of a page', '$skip'),
  ...needed('stage', 'libs/persistence TradingRepository.conditionsInUse', '$sort', '$limit'),
  ...needed('stage', 'mongosh: db.collection.stats()', '$collStats'),
  ...needed('stage', 'mongosh and Compass: aggregations a person types', '$project', '$count'),
  ...needed('group operator', 'libs/persistence MarketRepository.countByState', '$sum'),
  ...needed('group operator', 'libs/persistence TradingRepository.conditionsInUse', '$min'),
  ...needed('group operator', 'mongosh and Compass: aggregations a person types', '$max'),
  ...needed('expression', 'libs/persistence MarketRepository.countByState', 'constant'),
  ...needed('expression', 'libs/persistence TradingRepository.listNamedPortfolios', 'field path'),

  ...needed('index key', 'libs/persistence MARKETS', 'ascending', 'descending', 'text'),
  ...needed('index option', 'libs/persistence ensureCollection', 'key', 'name', 'unique', 'partialFilterExpression'),
  ...needed('index option', 'libs/persistence ensureCollection', 'expireAfterSeconds', 'weights'),
  ...needed('index option', 'Mongoose: Model.init of a schema', 'sparse'),
  ...needed('index option', 'mongosh: an index made again as it was listed', 'v', 'default_language'),
  ...needed('index option', 'mongosh: an index made again as it was listed', 'language_override', 'textIndexVersion'),
  ...needed('partial filter', 'libs/persistence JOB_RUNS', '$exists'),
  ...needed('partial filter', 'mongosh: an index on a part of a collection', 'equality', '$eq', '$in'),
];
