import 'reflect-metadata';
import { PersistenceModule } from '@app/persistence';
import { createHttpAdapter, listenHttp, PlatformModule, runProcess, useLogs } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { DEFAULT_TRADING_OPTIONS, TradingModule } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule, configureApi } from '../../apps/api/src';
import { MEASURED_HTTP, unlimitedAccounts } from './measured-api';

/** Nothing listens there: most benchmarks ask only for what is stored. */
const NOWHERE = 'http://127.0.0.1:1';

/** The api's modules as they are, on a database and a venue named by the arguments. */
@Module({})
class BenchmarkedApi {
  static forRoot(uri: string, databasePrefix: string, venueUrl: string | undefined): DynamicModule {
    return {
      module: BenchmarkedApi,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'info' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix }),
        unlimitedAccounts(),
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
    createHttpAdapter(MEASURED_HTTP),
    { logger: false, abortOnError: false },
  );
  useLogs(app);
  configureApi(app, MEASURED_HTTP);
  const port = await listenHttp(app, MEASURED_HTTP);
  return { stop: () => app.close(), ready: { url: `http://${MEASURED_HTTP.HOST}:${port}` } };
});
