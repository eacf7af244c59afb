import { AUDIT_LOG } from './accounts/audit-log.repository';
import { ACCOUNT_GUARDS, USERS } from './accounts/user.record';
import { CollectionDefinition } from './index-definition';
import { MARKETS } from './markets/market.indexes';
import { OPEN_INTEREST } from './markets/open-interest.repository';
import { PRICE_HISTORY } from './markets/price-history.repository';
import { MARKET_CHANGES } from './sync/market-change.repository';
import { STAGED_PAGES } from './sync/staged-page.repository';
import { SYNC_STATE } from './sync/sync-state.record';
import { JOB_RUNS } from './system/job-run.repository';
import { RATE_LIMITS } from './system/rate-limit.repository';
import { SETTINGS } from './system/settings.repository';
import { CONSUMED_LIQUIDITY } from './trading/consumed-liquidity.record';
import { EQUITY_SNAPSHOTS } from './trading/equity-snapshot.record';
import { IDEMPOTENCY } from './trading/idempotency.record';
import { LEDGER } from './trading/ledger-entry.record';
import { ORDERS } from './trading/order.record';
import { PORTFOLIO_OWNERS } from './trading/portfolio-owner.record';
import { PORTFOLIOS } from './trading/portfolio.record';
import { POSITIONS } from './trading/position.record';
import { RESOLUTIONS } from './trading/resolution.repository';
import { TRADES } from './trading/trade.record';

export const DATABASE_NAMES = ['auth_db', 'trading_db', 'markets_db', 'system_db'] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];

export interface DatabaseDefinition {
  name: DatabaseName;
  purpose: string;
  /** Raised when older code could damage what newer code writes. */
  schemaVersion: number;
  collections: readonly CollectionDefinition[];
}

export const DB_REGISTRY_COLLECTION = 'db_registry';

/** The four databases and everything in them. */
export const DATABASES: readonly DatabaseDefinition[] = [
  {
    name: 'auth_db',
    purpose: 'Users and the audit log',
    schemaVersion: 1,
    collections: [USERS, ACCOUNT_GUARDS, AUDIT_LOG],
  },
  {
    name: 'trading_db',
    purpose: 'Portfolios, orders, trades, positions and the ledger',
    schemaVersion: 1,
    collections: [
      PORTFOLIOS,
      PORTFOLIO_OWNERS,
      ORDERS,
      TRADES,
      POSITIONS,
      LEDGER,
      EQUITY_SNAPSHOTS,
      IDEMPOTENCY,
      CONSUMED_LIQUIDITY,
    ],
  },
  {
    name: 'markets_db',
    purpose:
      "The venue's markets with their price history, open interest, changes and results, and the state of the sync",
    schemaVersion: 1,
    collections: [MARKETS, PRICE_HISTORY, OPEN_INTEREST, SYNC_STATE, STAGED_PAGES, MARKET_CHANGES, RESOLUTIONS],
  },
  {
    name: 'system_db',
    purpose: 'Settings, rate limits, jobs and the registry of databases',
    schemaVersion: 1,
    collections: [{ name: DB_REGISTRY_COLLECTION, indexes: [] }, SETTINGS, RATE_LIMITS, JOB_RUNS],
  },
];
