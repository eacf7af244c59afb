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
import { DynamicModule, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { syncByHand } from './by-hand';
import { type SyncWorkerEnv, syncWorkerEnv, syncWorkerEnvRules } from './sync-worker.env';
import { SyncWorkerModule } from './sync-worker.module';
import { syncWorkerOptions } from './sync-worker.options';
import { TerminalProgress } from './terminal-progress';

/** The sync worker as a process of its own. */
@Module({})
class SyncWorkerProcessModule {
  static forRoot(env: SyncWorkerEnv, progress: TerminalProgress | null): DynamicModule {
    const destination = progress === null ? {} : { destination: progress };
    return {
      module: SyncWorkerProcessModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: env.LOG_LEVEL, ...destination }, redis: env }),
        PersistenceModule.forRoot(mongoOptions(env)),
        { ...PolymarketModule.forRoot(venueOptions(env)), global: true },
        TradingModule.forRoot(tradingOptions(env)),
        SyncWorkerModule.forRoot({ ...syncWorkerOptions(env), ...(progress === null ? {} : { progress }) }),
      ],
    };
  }
}

const COMMANDS = ['full', 'incremental', 'status', 'healthcheck'] as const;
type Command = (typeof COMMANDS)[number];

/** The one command line flag, if any. @throws StartError for anything else */
function readCommand(args: readonly string[]): Command | null {
  const options = Object.fromEntries(COMMANDS.map((name) => [name, { type: 'boolean' as const }]));
  try {
    const { values } = parseArgs({ args: [...args], options });
    const given = COMMANDS.filter((name) => values[name] === true);
    if (given.length <= 1) return given[0] ?? null;
    throw new Error('only one can be given');
  } catch (error) {
    throw new StartError(
      `${(error as Error).message}: without a flag this is the scheduled worker, with --full, --incremental or --status it is one sync by ` +
        'hand, with --healthcheck it tells whether the worker of this machine is alive',
    );
  }
}

async function work(env: SyncWorkerEnv): Promise<RunningProcess> {
  const progress = process.stdout.isTTY ? new TerminalProgress(process.stdout) : null;
  const app = await NestFactory.createApplicationContext(SyncWorkerProcessModule.forRoot(env, progress), {
    bufferLogs: true,
    abortOnError: false,
  });
  useLogs(app);
  new Logger('SyncWorker').log({ msg: 'Working', defaulted: listDefaulted(syncWorkerEnv) });
  return { stop: () => app.close(), ready: {} };
}

// Pages are large and soon done with: left alone, V8 lets the heap double before it looks for them. Collecting earlier keeps the worker small.
setFlagsFromString('--heap-growing-percent=40');

void runProcess(
  async ({ stopping }) => {
    const command = readCommand(process.argv.slice(2));
    if (command === null) return work(parseEnv(syncWorkerEnv, process.env, syncWorkerEnvRules));
    if (command === 'healthcheck') {
      const env = parseEnv(syncWorkerEnv, process.env, syncWorkerEnvRules);
      return finite(checkHeartbeat('sync-worker', { redis: env, logging: { level: 'silent' } }));
    }
    const env = parseEnv(syncWorkerEnv);
    const config = {
      database: mongoOptions(env),
      venue: venueOptions(env),
      redis: env,
      logLevel: env.LOG_LEVEL,
      batchSize: env.SYNC_BATCH_SIZE,
    };
    return finite(syncByHand(command, config, stopping));
  },
  { stopDeadlineMs: 30_000 },
);

/** A process that ends by itself; a stop waits for it to wind up. */
function finite(work: Promise<void>): RunningProcess {
  return { finished: work, stop: () => work.catch(() => undefined) };
}
