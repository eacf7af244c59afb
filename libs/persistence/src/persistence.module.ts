import { Clock, HealthRegistry } from '@app/platform';
import { DynamicModule, Inject, Injectable, Module, OnApplicationShutdown, Provider } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import { Connection, createConnection } from 'mongoose';
import { AuditLogRepository } from './accounts/audit-log.repository';
import { UserRepository } from './accounts/user.repository';
import { registerDatabases } from './database-health';
import { DATABASE_NAMES, DatabaseName } from './databases';
import { MarketRepository } from './markets/market.repository';
import { OpenInterestRepository } from './markets/open-interest.repository';
import { PriceHistoryRepository } from './markets/price-history.repository';
import { prepareDatabases } from './registry';
import { storeCall } from './store-call';
import { StoreTransactions } from './store-transaction';
import { MarketChangeRepository } from './sync/market-change.repository';
import { StagedPageRepository } from './sync/staged-page.repository';
import { SyncStateRepository } from './sync/sync-state.repository';
import { JobRunRepository } from './system/job-run.repository';
import { RateLimitRepository } from './system/rate-limit.repository';
import { SettingsRepository } from './system/settings.repository';
import { VenueClaimRepository } from './system/venue-claim.repository';
import { EquitySnapshotRepository } from './trading/equity-snapshot.repository';
import { ResolutionRepository } from './trading/resolution.repository';
import { RunHistoryRepository } from './trading/run-history.repository';
import { TradingRepository } from './trading/trading.repository';

export interface PersistenceOptions {
  uri: string;
  /** Put before every database's name, so that installations and tests can share a server. */
  databasePrefix?: string;
  /** How long a call waits for a server that is not there, in milliseconds. Default 5000. */
  serverSelectionTimeoutMs?: number;
}

const ROOT_CONNECTION = Symbol('root connection');

type RepositoryClass = new (connection: Connection) => object;

function repository(type: RepositoryClass, database: DatabaseName): Provider {
  return {
    provide: type,
    useFactory: (connection: Connection): object => new type(connection),
    inject: [getConnectionToken(database)],
  };
}

const REPOSITORIES: Provider[] = [
  repository(MarketRepository, 'markets_db'),
  repository(PriceHistoryRepository, 'markets_db'),
  repository(OpenInterestRepository, 'markets_db'),
  repository(SyncStateRepository, 'markets_db'),
  repository(StagedPageRepository, 'markets_db'),
  repository(MarketChangeRepository, 'markets_db'),
  repository(ResolutionRepository, 'markets_db'),
  repository(TradingRepository, 'trading_db'),
  repository(EquitySnapshotRepository, 'trading_db'),
  repository(RunHistoryRepository, 'trading_db'),
  repository(JobRunRepository, 'system_db'),
  repository(VenueClaimRepository, 'system_db'),
  repository(SettingsRepository, 'system_db'),
  repository(RateLimitRepository, 'system_db'),
  repository(UserRepository, 'auth_db'),
  repository(AuditLogRepository, 'auth_db'),
  repository(StoreTransactions, 'system_db'),
];

/**
 * Opens one client for the four databases.
 * Never buffers: a call while the server is away fails within the selection timeout instead of hanging.
 */
export async function openConnection(options: PersistenceOptions): Promise<Connection> {
  const connection = createConnection(options.uri, {
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
    maxPoolSize: 20,
  });
  return storeCall(() => connection.asPromise());
}

/** Returns the connection of one database, sharing the root's client. */
export function databaseConnection(root: Connection, name: DatabaseName, databasePrefix = ''): Connection {
  return root.useDb(`${databasePrefix}${name}`, { useCache: true });
}

/** Closes the client after everything that uses it has stopped. */
@Injectable()
class ConnectionCloser implements OnApplicationShutdown {
  constructor(@Inject(ROOT_CONNECTION) private readonly root: Connection) {}

  async onApplicationShutdown(): Promise<void> {
    await this.root.close();
  }
}

/** The four databases, prepared at start, and their repositories. Global, because there is one client per process. */
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions): DynamicModule {
    const connections = DATABASE_NAMES.map((name): Provider => ({
      provide: getConnectionToken(name),
      useFactory: (root: Connection): Connection => databaseConnection(root, name, options.databasePrefix),
      inject: [ROOT_CONNECTION],
    }));
    const root: Provider = {
      provide: ROOT_CONNECTION,
      useFactory: async (clock: Clock, health: HealthRegistry): Promise<Connection> => {
        const connection = await openConnection(options);
        try {
          await prepareDatabases(
            {
              db: (name) => connection.getClient().db(`${options.databasePrefix ?? ''}${name}`),
            },
            clock.now(),
          );
          registerDatabases(health, connection.getClient(), options.databasePrefix ?? '');
        } catch (error) {
          await connection.close();
          throw error;
        }
        return connection;
      },
      inject: [Clock, HealthRegistry],
    };
    return {
      module: PersistenceModule,
      global: true,
      providers: [root, ...connections, ...REPOSITORIES, ConnectionCloser],
      exports: [
        ...DATABASE_NAMES.map((name) => getConnectionToken(name)),
        MarketRepository,
        PriceHistoryRepository,
        OpenInterestRepository,
        SyncStateRepository,
        StagedPageRepository,
        MarketChangeRepository,
        ResolutionRepository,
        TradingRepository,
        EquitySnapshotRepository,
        RunHistoryRepository,
        JobRunRepository,
        VenueClaimRepository,
        SettingsRepository,
        RateLimitRepository,
        UserRepository,
        AuditLogRepository,
        StoreTransactions,
      ],
    };
  }
}
