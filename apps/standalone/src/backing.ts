import { type RunningEngine, startEngine, type StartedStore } from '@app/database-engine';
import { mongoOptions, type PersistenceOptions } from '@app/persistence';
import type { ProcessContext, StartError } from '@app/platform';
import { join } from 'node:path';
import { z } from 'zod';
import { version } from '../../../package.json';
import { ChildProcess, type ChildPlan } from './child-process';
import { demoWorldOf } from './demo-world';
import type { StandaloneEnv } from './standalone.env';
import type { StopStack } from './stop-stack';
import type { VenueKind } from './venue-kind';

const STORE_READY_WITHIN_MS = 30_000;
const SIMULATOR_READY_WITHIN_MS = 60_000;

/** A JSON log line a child wrote about something that went wrong. */
const CHILD_ERROR = /^\{.*"level":"(error|fatal)"/;

const storeReady = z.object({ uri: z.string() });
const simulatorReady = z.object({ url: z.url() });

/** What the apps stand on: a database and a venue. */
export interface Backing {
  database: PersistenceOptions;
  /** Which engine that is, why, its version, where its data are and under which prefix. */
  databaseSummary: string;
  /** The settings asked for, with the addresses of the venue that is really used. */
  env: StandaloneEnv;
  /** Address of the simulated venue; null for the real one. */
  simulatorUrl: string | null;
  childPids: number[];
}

export interface BackingRequest {
  venue: VenueKind;
  /** The venue's data folder. */
  folder: string;
  env: StandaloneEnv;
  /** Shows a line to whoever watches. */
  say: (line: string) => void;
}

/** Starts the database engine and, in the demo, the venue, unless settings name other ones; what was started is pushed on `stops`. */
export async function startBacking(
  request: BackingRequest,
  context: ProcessContext,
  stops: StopStack,
): Promise<Backing> {
  const { venue, folder, env } = request;
  const startChild = async <Ready>(plan: ChildPlan<Ready>): Promise<ChildProcess<Ready>> => {
    const events = {
      onLine: (line: string, stream: 'stdout' | 'stderr') => {
        if (stream === 'stderr' || CHILD_ERROR.test(line)) request.say(`[${plan.name}] ${line}`);
      },
      onUnexpectedEnd: (err: StartError) => context.fail(err),
    };
    const child = await ChildProcess.start(plan, events, context.stopping);
    stops.push(() => child.stop());
    return child;
  };

  const startEmbedded = async (): Promise<StartedStore> => {
    const child = await startChild(storePlan(folder));
    const { ready, pid } = child;
    return { uri: ready.uri, version, stop: () => child.stop(), ...(pid === undefined ? {} : { pid }) };
  };
  const startDatabase = async (): Promise<RunningEngine> => {
    const events = { warn: request.say, onUnexpectedEnd: (err: StartError) => context.fail(err) };
    const engine = await startEngine(
      {
        mongoUri: env.MONGO_URI,
        wish: env.STORE_ENGINE,
        mayDownload: env.STORE_DOWNLOAD,
        path: process.env['PATH'],
        folder,
      },
      startEmbedded,
      events,
      context.stopping,
    );
    stops.push(() => engine.stop());
    request.say(`Database: ${summaryOf(engine, env)}`);
    return engine;
  };

  const [engine, simulator] = await bothOrNeither(
    startDatabase(),
    venue === 'simulated' ? startChild(simulatorPlan(folder, env)) : null,
  );
  return {
    database: mongoOptions({ ...env, MONGO_URI: engine.uri }),
    databaseSummary: summaryOf(engine, env),
    env: simulator === null ? env : { ...env, ...venueAddresses(simulator.ready.url) },
    simulatorUrl: simulator?.ready.url ?? null,
    childPids: [engine.pid, simulator?.pid].filter((pid) => pid !== undefined),
  };
}

function summaryOf({ summary }: RunningEngine, { MONGO_DATABASE_PREFIX: prefix }: StandaloneEnv): string {
  return prefix === '' ? summary : `${summary}, in databases whose names begin with ${prefix}`;
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

function venueAddresses(url: string): Pick<StandaloneEnv, 'GAMMA_URL' | 'CLOB_URL' | 'DATA_URL' | 'CLOB_WS_URL'> {
  const stream = url.replace(/^http/, 'ws');
  return {
    GAMMA_URL: `${url}/gamma`,
    CLOB_URL: `${url}/clob`,
    DATA_URL: `${url}/data`,
    CLOB_WS_URL: `${stream}/ws/market`,
  };
}

/** Waits for both even when one fails, so that whatever did start is known to the caller's stop. */
async function bothOrNeither<A, B>(first: Promise<A>, second: Promise<B> | null): Promise<[A, B | null]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
