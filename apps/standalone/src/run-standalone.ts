import { DomainError } from '@app/domain';
import { SyncStateRepository } from '@app/persistence';
import {
  createHttpAdapter,
  describeRedis,
  HealthRegistry,
  listenHttp,
  parseEnv,
  type ProcessContext,
  type RunningProcess,
  StartError,
  useLogs,
} from '@app/platform';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { z } from 'zod';
import { version } from '../../../package.json';
import { configureApi } from '../../api/src';
import { bannerLines } from './banner';
import { ChildProcess, type ChildPlan } from './child-process';
import { jwtSecretOf, prepareDataFolder } from './data-folder';
import { demoWorldOf } from './demo-world';
import { assertPortFree } from './free-port';
import { formatLogLine } from './log-line';
import { type StandaloneEnv, standaloneEnv } from './standalone.env';
import { StandaloneModule } from './standalone.module';
import { SyncReporter } from './sync-reporter';
import { Terminal } from './terminal';
import type { VenueKind } from './venue-kind';

const STORE_READY_WITHIN_MS = 30_000;
const SIMULATOR_READY_WITHIN_MS = 60_000;

/** A JSON log line a child wrote about something that went wrong. */
const CHILD_ERROR = /^\{.*"level":"(error|fatal)"/;

const storeReady = z.object({ uri: z.string() });
const simulatorReady = z.object({ url: z.url() });

/** Starts everything for a venue, in the order things stand on each other, and returns how to stop it in the opposite order. */
export async function runStandalone(venue: VenueKind, context: ProcessContext): Promise<RunningProcess> {
  const asked = parseEnv(standaloneEnv);
  const terminal = new Terminal(process.stdout);
  const folder = prepareDataFolder(asked.DATA_DIR, venue);
  const jwtSecret = asked.JWT_SECRET_KEY ?? jwtSecretOf(folder);
  await assertPortFree(asked);

  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let last = stops.pop(); last !== undefined; last = stops.pop()) await last();
  };
  const startChild = async <Ready>(plan: ChildPlan<Ready>): Promise<ChildProcess<Ready>> => {
    const events = {
      onLine: (line: string, stream: 'stdout' | 'stderr') => {
        if (stream === 'stderr' || CHILD_ERROR.test(line)) terminal.line(`[${plan.name}] ${line}`);
      },
      onUnexpectedEnd: (err: StartError) => context.fail(err),
    };
    const child = await ChildProcess.start(plan, events, context.stopping);
    stops.push(() => child.stop());
    return child;
  };

  try {
    terminal.line(venue === 'simulated' ? 'Starting the demo ...' : 'Starting ...');
    const [store, simulator] = await bothOrNeither(
      asked.MONGO_URI === undefined ? startChild(storePlan(folder)) : null,
      venue === 'simulated' ? startChild(simulatorPlan(folder, asked)) : null,
    );
    const mongoUri = asked.MONGO_URI ?? store?.ready.uri ?? '';
    const env = simulator === null ? asked : { ...asked, ...venueAddresses(simulator.ready.url) };

    const app = await NestFactory.create<NestFastifyApplication>(
      StandaloneModule.forRoot({
        env,
        venue,
        mongoUri,
        jwtSecret,
        version,
        logging: { level: env.LOG_LEVEL, destination: { write: (json) => showLog(terminal, json) } },
      }),
      createHttpAdapter(env),
      { bufferLogs: true, abortOnError: false },
    );
    stops.push(() => {
      app.get(HealthRegistry).beginStopping();
      return app.close();
    });
    useLogs(app);
    configureApi(app, env);
    context.stopping.throwIfAborted();
    const port = await listenHttp(app, env);
    const url = `http://${env.HOST === '0.0.0.0' || env.HOST === '::' ? '127.0.0.1' : env.HOST}:${port}`;
    const lines = bannerLines({
      venue,
      ...(simulator === null ? {} : { simulatedMarkets: env.SIMULATOR_MARKETS }),
      url,
      store:
        asked.MONGO_URI === undefined
          ? `${folder} (embedded store)`
          : `${withoutPassword(asked.MONGO_URI)} (MONGO_URI)`,
      shared: describeRedis(env) ?? 'inside this process (no REDIS_URL)',
      tokenCommand: `npm run -s token -- ${venue === 'simulated' ? '--demo ' : ''}--role admin`,
    });
    lines.forEach((line) => terminal.line(line));

    const reporter = new SyncReporter(app.get(SyncStateRepository), terminal);
    reporter.start();
    stops.push(() => {
      reporter.stop();
      terminal.line('Stopping ...');
      return Promise.resolve();
    });
    return {
      stop,
      ready: {
        url,
        simulatorUrl: simulator?.ready.url ?? null,
        childPids: [store?.pid, simulator?.pid].filter((pid) => pid !== undefined),
      },
    };
  } catch (err) {
    await stop();
    if (!isStoreAway(err) || asked.MONGO_URI === undefined) throw err;
    throw new StartError(
      `The database at ${withoutPassword(asked.MONGO_URI)} cannot be reached: ${reasonOf(err)}. ` +
        'Start it, correct MONGO_URI, or unset MONGO_URI to use the embedded store.',
      { cause: err },
    );
  }
}

function isStoreAway(err: unknown): err is DomainError {
  return err instanceof DomainError && err.code === 'STORE.UNAVAILABLE';
}

function reasonOf(err: DomainError): string {
  const { cause } = err.details;
  return cause instanceof Error ? cause.message : err.message;
}

function storePlan(folder: string): ChildPlan<z.output<typeof storeReady>> {
  return {
    name: 'embedded store',
    script: builtApp('store'),
    args: ['--data-dir', folder, '--host', '127.0.0.1', '--port', '0'],
    env: process.env,
    ready: storeReady,
    readyWithinMs: STORE_READY_WITHIN_MS,
  };
}

function simulatorPlan(folder: string, env: StandaloneEnv): ChildPlan<z.output<typeof simulatorReady>> {
  const world = demoWorldOf(folder, { markets: env.SIMULATOR_MARKETS, seed: env.SIMULATOR_SEED }, new Date());
  return {
    name: 'simulator',
    script: builtApp('simulator'),
    env: {
      ...process.env,
      SIMULATOR_HOST: '127.0.0.1',
      SIMULATOR_PORT: '0',
      SIMULATOR_MARKETS: String(world.markets),
      SIMULATOR_SEED: String(world.seed),
      SIMULATOR_EPOCH: world.epoch,
    },
    ready: simulatorReady,
    readyWithinMs: SIMULATOR_READY_WITHIN_MS,
  };
}

/** The built entry of another app, beside this one's. */
function builtApp(name: string): string {
  return join(__dirname, '..', name, 'main.js');
}

function venueAddresses(url: string): Pick<StandaloneEnv, 'GAMMA_URL' | 'CLOB_URL' | 'DATA_URL'> {
  return { GAMMA_URL: `${url}/gamma`, CLOB_URL: `${url}/clob`, DATA_URL: `${url}/data` };
}

/** Waits for both even when one fails, so that whatever did start is known to the caller's stop. */
async function bothOrNeither<A, B>(first: Promise<A> | null, second: Promise<B> | null): Promise<[A | null, B | null]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

function showLog(terminal: Terminal, json: string): void {
  const line = formatLogLine(json);
  if (line !== null) terminal.line(line);
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//');
}
