import 'reflect-metadata';
import { accountsEnv, AccountsModule, accountsOptions } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { createHttpAdapter, listenHttp, parseEnv, PlatformModule, runProcess, useLogs } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { DEFAULT_TRADING_OPTIONS, TradingModule } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule, configureApi } from '../../apps/api/src';

/** Nothing listens there: most benchmarks ask only for what is stored. */
const NOWHERE = 'http://127.0.0.1:1';
/** More than a benchmark can send, so that none of its requests is refused; they are counted as everywhere. */
const UNREACHED = { loginAttempts: 1_000_000, loginWindowSeconds: 1, requestsPerMinute: 166_666 };
const HTTP = { PORT: 0, HOST: '127.0.0.1', CORS_ORIGINS: [], TRUSTED_PROXIES: [] };

/** The api's modules as they are, on a database and a venue named by the arguments. */
@Module({})
class BenchmarkedApi {
  static forRoot(uri: string, databasePrefix: string, venueUrl: string | undefined): DynamicModule {
    return {
      module: BenchmarkedApi,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'info' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix }),
        AccountsModule.forRoot({ ...accountsOptions(parseEnv(accountsEnv)), rateLimits: UNREACHED }),
        {
          ...PolymarketModule.forRoot({
            baseUrls:
              venueUrl === undefined
                ? { gamma: NOWHERE, clob: NOWHERE, data: NOWHERE }
                : { gamma: `${venueUrl}/gamma`, clob: `${venueUrl}/clob`, data: `${venueUrl}/data` },
            rateShare: 1,
            rateLimited: true,
          }),
          global: true,
        },
        TradingModule.forRoot(DEFAULT_TRADING_OPTIONS),
        ApiModule.forRoot({
          auth: { jwtSecret: 'known to nobody but this benchmark', accessTokenMinutes: 60 },
          version: 'bench',
        }),
      ],
    };
  }
}

/** The api in a process of its own. */
void runProcess(async () => {
  const [uri = '', databasePrefix = '', venueUrl] = process.argv.slice(2);
  const app = await NestFactory.create<NestFastifyApplication>(
    BenchmarkedApi.forRoot(uri, databasePrefix, venueUrl),
    createHttpAdapter(HTTP),
    { logger: false, abortOnError: false },
  );
  useLogs(app);
  configureApi(app, HTTP);
  const port = await listenHttp(app, HTTP);
  return { stop: () => app.close(), ready: { url: `http://${HTTP.HOST}:${port}` } };
});
