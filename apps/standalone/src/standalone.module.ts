import { AccountsModule, accountsOptions } from '@app/accounts';
import { PersistenceModule, type PersistenceOptions, VenueClaimRepository } from '@app/persistence';
import { Clock, type LoggingConfig, PlatformModule, StartError } from '@app/platform';
import { PolymarketModule, venueOptions } from '@app/polymarket';
import { TradingModule, tradingOptions } from '@app/trading';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ApiModule } from '../../api/src';
import { LiveWorkerModule, liveWorkerOptions } from '../../live-worker/src';
import { SyncWorkerModule, syncWorkerOptions, type TerminalProgress } from '../../sync-worker/src';
import type { StandaloneEnv } from './standalone.env';
import type { VenueKind } from './venue-kind';

export interface StandaloneOptions {
  env: StandaloneEnv;
  venue: VenueKind;
  database: PersistenceOptions;
  jwtSecret: string;
  logging: LoggingConfig;
  version: string;
  /** Where the progress of a sync is drawn; in the log when absent. */
  progress?: TerminalProgress;
}

const VENUE = Symbol('VENUE');

/** Refuses a database that holds another venue's markets, before any worker starts. */
@Injectable()
class VenueClaim implements OnModuleInit {
  constructor(
    private readonly claims: VenueClaimRepository,
    private readonly clock: Clock,
    @Inject(VENUE) private readonly venue: VenueKind,
  ) {}

  async onModuleInit(): Promise<void> {
    const owner = await this.claims.claim(this.venue, this.clock.now());
    if (owner === this.venue) return;
    throw new StartError(
      `The databases hold markets of the ${owner} venue, and this is the ${this.venue} one. Their data must not mix: ` +
        'set MONGO_URI to another server or MONGO_DATABASE_PREFIX to another prefix, or unset both to use the embedded store.',
    );
  }
}

/** The api, the sync worker and the live-worker in one process, over one client for each thing they stand on. */
@Module({})
export class StandaloneModule {
  static forRoot(options: StandaloneOptions): DynamicModule {
    const { env, venue, database, jwtSecret, logging, version, progress } = options;
    return {
      module: StandaloneModule,
      imports: [
        PlatformModule.forRoot({ logging, redis: env }),
        PersistenceModule.forRoot(database),
        // On a server of its operator's others may change accounts, too: what ends a token must end it here in the same moment.
        AccountsModule.forRoot({
          ...accountsOptions(env),
          ...(env.MONGO_URI === undefined ? {} : { identityCacheMs: 0 }),
        }),
        { ...PolymarketModule.forRoot(venueOptions(env)), global: true },
        TradingModule.forRoot(tradingOptions(env)),
        ApiModule.forRoot({
          auth: {
            jwtSecret,
            accessTokenMinutes: env.JWT_ACCESS_TOKEN_EXPIRE_MINUTES,
            sessionHours: env.JWT_SESSION_MAX_HOURS,
          },
          version,
        }),
        LiveWorkerModule.forRoot(liveWorkerOptions(env)),
        SyncWorkerModule.forRoot({ ...syncWorkerOptions(env), ...(progress === undefined ? {} : { progress }) }),
      ],
      providers: [{ provide: VENUE, useValue: venue }, VenueClaim],
    };
  }
}
