import 'reflect-metadata';
import { mongoOptions, PersistenceModule } from '@app/persistence';
import {
  checkHeartbeat,
  listDefaulted,
  parseEnv,
  PlatformModule,
  type RunningProcess,
  runProcess,
  StartError,
  useLogs,
} from '@app/platform';
import { PolymarketModule, venueOptions } from '@app/polymarket';
import { TradingModule, tradingOptions } from '@app/trading';
import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type LiveWorkerEnv, liveWorkerEnv, liveWorkerEnvRules } from './live-worker.env';
import { LiveWorkerModule } from './live-worker.module';
import { liveWorkerOptions } from './live-worker.options';
import { startMetricsServer } from './metrics-server';

/** The live-worker as a process of its own. */
@Module({})
class LiveWorkerProcessModule {
  static forRoot(env: LiveWorkerEnv): DynamicModule {
    return {
      module: LiveWorkerProcessModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: env.LOG_LEVEL }, redis: env }),
        PersistenceModule.forRoot(mongoOptions(env)),
        { ...PolymarketModule.forRoot(venueOptions(env)), global: true },
        TradingModule.forRoot(tradingOptions(env)),
        LiveWorkerModule.forRoot(liveWorkerOptions(env)),
      ],
    };
  }
}

async function work(env: LiveWorkerEnv): Promise<RunningProcess> {
  const app = await NestFactory.createApplicationContext(LiveWorkerProcessModule.forRoot(env), {
    bufferLogs: true,
    abortOnError: false,
  });
  useLogs(app);
  const { LIVE_METRICS_PORT: port, LIVE_METRICS_HOST: host } = env;
  const shown = port === undefined ? null : await startMetricsServer(app, { host, port });
  new Logger('LiveWorker').log({ msg: 'Working', metrics: shown?.url, defaulted: listDefaulted(liveWorkerEnv) });
  const stop = async (): Promise<void> => {
    await app.close();
    await shown?.close();
  };
  return { stop, ready: { metricsUrl: shown?.url } };
}

void runProcess(
  async () => {
    const [flag, ...more] = process.argv.slice(2);
    const env = parseEnv(liveWorkerEnv, process.env, liveWorkerEnvRules);
    if (flag === undefined) return work(env);
    if (flag !== '--healthcheck' || more.length > 0) {
      throw new StartError(
        `${flag} is not known: without a flag this is the live-worker, with --healthcheck it tells whether that of this machine is alive`,
      );
    }
    return {
      finished: checkHeartbeat('live-worker', { redis: env, logging: { level: 'silent' } }),
      stop: () => Promise.resolve(),
    };
  },
  { stopDeadlineMs: 30_000 },
);
