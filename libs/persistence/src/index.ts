export {
  AuditLogRepository,
  type AuditDetail,
  type AuditEntry,
  type AuditQuery,
} from './accounts/audit-log.repository';
export { UserRepository, type UserQuery, type UserRecord } from './accounts/user.repository';
export { DATABASE_NAMES, type DatabaseName } from './databases';
export { IndexConflictError } from './ensure-indexes';
export { marketContentHash } from './markets/content-hash';
export * from './markets/market-query';
export { toMarketRecord, toMarket } from './markets/market.mapper';
export type { MarketRecord } from './markets/market.record';
export * from './markets/market.repository';
export { OpenInterestRepository, type OpenInterest } from './markets/open-interest.repository';
export {
  PriceHistoryRepository,
  type PriceHistoryKey,
  type PriceHistoryPiece,
} from './markets/price-history.repository';
export { searchWords } from './markets/search-words';
export { slugify } from './markets/slugify';
export { mongoEnv, mongoOptions } from './mongo.env';
export { databaseConnection, openConnection, PersistenceModule, type PersistenceOptions } from './persistence.module';
export { prepareDatabases, SchemaTooNewError } from './registry';
export { StoreTransactions, type StoreTransaction } from './store-transaction';
export { MarketChangeRepository, type KeyedMarketChange } from './sync/market-change.repository';
export { StagedPageRepository, type StagedPage } from './sync/staged-page.repository';
export type { SyncKind, SyncPartitionName, SyncRunState } from './sync/sync-state.record';
export * from './sync/sync-state.repository';
export * from './system/job-run.repository';
export { RateLimitRepository } from './system/rate-limit.repository';
export { SettingsRepository, type SettingRecord } from './system/settings.repository';
export { VenueClaimRepository } from './system/venue-claim.repository';
export type { PortfolioConsumption } from './trading/consumed-liquidity.record';
export { EquitySnapshotRepository } from './trading/equity-snapshot.repository';
export { IDEMPOTENCY_LIFETIME_MS, type IdempotencyRecord } from './trading/idempotency.record';
export { ResolutionRepository } from './trading/resolution.repository';
export {
  RunHistoryRepository,
  type FillOfRun,
  type LedgerMoment,
  type SeenMidpoint,
} from './trading/run-history.repository';
export { DuplicateClientOrderId, IdempotencyKeyTaken, PortfolioConflict } from './trading/trading-errors';
export type { TradingWrites } from './trading/trading-writes';
export {
  type ConditionInUse,
  type Holding,
  type NewPortfolioWrites,
  type OrderFilter,
  type QueueNote,
  type TradeFilter,
  TradingRepository,
} from './trading/trading.repository';
