import 'reflect-metadata';
import { AccountsService } from '@app/accounts';
import { InterestRegistry, LiveDataModule, userHolder, type WatchedToken } from '@app/live-data';
import { PersistenceModule } from '@app/persistence';
import { createHttpAdapter, listenHttp, newId, PlatformModule, runProcess, useLogs } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { DEFAULT_TRADING_OPTIONS, TradingModule } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AccessTokenService, ApiModule, configureApi } from '../../../apps/api/src';
import { liveWorkerOptions, LiveWorkerModule } from '../../../apps/live-worker/src';
import { MEASURED_HTTP, unlimitedAccounts } from '../measured-api';

const CONNECTIONS_OF_A_USER = 1_000;

/** What the benchmark asks of the server. */
export type ServerQuestion =
  | { kind: 'memory' }
  | { kind: 'follow'; tokens: WatchedToken[] }
  /** Makes premium accounts; answered by their access tokens. */
  | { kind: 'accounts'; count: number };

/** How soon faults are found out, where it is not as usual; ms. */
export interface ServerPace {
  pingIntervalMs: number;
  silenceMs: number;
}

/** Api and live-worker in one process, over a bus within it: as standalone runs them, without the sync. */
@Module({})
class BenchmarkedLive {
  static forRoot(
    uri: string,
    databasePrefix: string,
    venueUrl: string,
    streamUrl: string,
    pace: ServerPace | null,
    recordDir: string | undefined,
  ): DynamicModule {
    const { exchange, ...trading } = DEFAULT_TRADING_OPTIONS;
    const worker = liveWorkerOptions({ CLOB_WS_URL: streamUrl, LIVE_RECORD_DIR: recordDir });
    return {
      module: BenchmarkedLive,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'warn' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix }),
        unlimitedAccounts(),
        {
          ...PolymarketModule.forRoot({
            baseUrls: { gamma: `${venueUrl}/gamma`, clob: `${venueUrl}/clob`, data: `${venueUrl}/data` },
            rateShare: 1,
            rateLimited: false,
          }),
          global: true,
        },
        TradingModule.forRoot({
          ...trading,
          exchange: { ...exchange, ...(pace === null ? {} : { pingIntervalMs: pace.pingIntervalMs }) },
        }),
        LiveDataModule,
        ApiModule.forRoot({
          auth: { jwtSecret: 'known to nobody but this benchmark', accessTokenMinutes: 600 },
          version: 'bench',
          live: { connectionsAllowed: CONNECTIONS_OF_A_USER },
        }),
        LiveWorkerModule.forRoot({
          ...worker,
          timing: { ...worker.timing, ...(pace === null ? {} : { silenceMs: pace.silenceMs }) },
        }),
      ],
    };
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function tokenOfNew(app: NestFastifyApplication): Promise<string> {
  const wanted = {
    email: `bench-${newId()}@example.com`,
    password: 'a password of the benchmark',
    role: 'premium_user' as const,
  };
  const accounts = app.get(AccountsService, { strict: false });
  const { account } = await accounts.provision(wanted, { address: null, requestId: newId() });
  return app.get(AccessTokenService, { strict: false }).issue(account);
}

/** Api and live-worker as a process that tells what memory it holds. */
void runProcess(async () => {
  const [uri = '', databasePrefix = '', venueUrl = '', streamUrl = '', pace = 'null', recordDir] =
    process.argv.slice(2);
  const app = await NestFactory.create<NestFastifyApplication>(
    BenchmarkedLive.forRoot(uri, databasePrefix, venueUrl, streamUrl, JSON.parse(pace) as ServerPace | null, recordDir),
    createHttpAdapter(MEASURED_HTTP),
    { logger: false, abortOnError: false },
  );
  useLogs(app);
  configureApi(app, MEASURED_HTTP);
  const port = await listenHttp(app, MEASURED_HTTP);
  const answer = async (question: ServerQuestion): Promise<object> => {
    switch (question.kind) {
      case 'follow':
        await app.get(InterestRegistry, { strict: false }).add(userHolder('bench'), question.tokens, 3_600_000);
        return { following: question.tokens.length };
      case 'accounts':
        return Promise.all(Array.from({ length: question.count }, () => tokenOfNew(app)));
      case 'memory': {
        collectGarbage();
        const { heapUsed, external, rss } = process.memoryUsage();
        return { held: heapUsed + external, rss };
      }
    }
  };
  process.on('message', (question: ServerQuestion) => {
    void answer(question).then((told) => process.send?.(told));
  });
  return { stop: () => app.close(), ready: { url: `http://${MEASURED_HTTP.HOST}:${port}` } };
});
