import type { StartError } from '@app/platform';
import { reachServer, redactUri } from './database-address';
import { type EngineFacts, planEngine } from './engine-plan';
import { readEngineRecord, writeEngineRecord } from './engine-record';
import type { EngineWish } from './engine.env';
import { findMongod, type MongodBinary } from './find-mongod';
import { cachedMongod, downloadMongod } from './memory-server';
import { stopOrphan } from './mongod-claim';
import { mongodOnPath, mongodVersion } from './mongod-on-path';
import { MongodProcess } from './mongod-process';
import type { MongodSource } from './engine-plan';

export interface EngineRequest {
  /** MONGO_URI; undefined when the data are kept here. */
  mongoUri: string | undefined;
  /** STORE_ENGINE */
  wish: EngineWish;
  /** STORE_DOWNLOAD */
  mayDownload: boolean;
  /** PATH */
  path: string | undefined;
  /** The data folder; must exist. */
  folder: string;
}

export interface EngineEvents {
  /** Something was passed over, or takes its time. */
  warn(message: string): void;
  /** The engine ended although nobody stopped it. */
  onUnexpectedEnd(err: StartError): void;
}

/** An embedded store as whoever starts it hands it over. */
export interface StartedStore {
  uri: string;
  version: string;
  /** The process it runs in, when that is one of its own. */
  pid?: number;
  stop(): Promise<void>;
}

/** What serves MongoDB's protocol to this process. */
export interface RunningEngine extends StartedStore {
  kind: 'server' | 'mongod' | 'embedded';
  /** Which engine, why, its version and where its data are, in one line. */
  summary: string;
}

/** That the embedded store is the choice; starting it is the caller's. */
export interface EmbeddedChoice {
  kind: 'embedded';
  why: string;
}

/**
 * Decides which engine serves and starts it unless that is the embedded store: MONGO_URI as given, else the engine that filled the folder,
 * else a mongod on PATH, one in the cache of mongodb-memory-server, one downloaded when that is allowed, else the embedded store.
 * @throws StartError when the choice is refused or what was chosen fails; the reason of `stopping` when that is aborted
 */
export async function chooseEngine(
  request: EngineRequest,
  events: EngineEvents,
  stopping: AbortSignal,
): Promise<RunningEngine | EmbeddedChoice> {
  const { folder } = request;
  const facts: EngineFacts = { ...request, owner: readEngineRecord(folder) };
  const plan = planEngine(facts);
  if (plan.kind === 'embedded') return plan;
  if (plan.kind === 'server') {
    const version = await reachServer(plan.uri);
    stopping.throwIfAborted();
    const summary = `MongoDB ${version} at ${redactUri(plan.uri)} (MONGO_URI is set); its data are there`;
    return { kind: 'server', uri: plan.uri, version, summary, stop: () => Promise.resolve() };
  }
  await stopOrphan(folder);
  const probes = {
    find: (source: MongodSource) => findSource(source, request.path, events, stopping),
    start: (binary: MongodBinary) => MongodProcess.start(binary.path, folder, events, stopping),
    warn: (message: string) => events.warn(message),
  };
  const search = await findMongod(plan, probes, stopping);
  if (search.kind === 'embedded') return search;
  const { running, why } = search;
  const { uri, version, pid, dataDir } = running;
  // Before a client can write: from now on the folder is this engine's.
  writeEngineRecord(folder, { engine: 'mongod', version });
  const summary = `mongod ${version} (${why}), data in ${dataDir}`;
  return { kind: 'mongod', uri, version, pid, summary, stop: () => running.stop() };
}

/** As {@link chooseEngine}; starts the embedded store by `startEmbedded` when that is the choice. */
export async function startEngine(
  request: EngineRequest,
  startEmbedded: () => Promise<StartedStore>,
  events: EngineEvents,
  stopping: AbortSignal,
): Promise<RunningEngine> {
  const chosen = await chooseEngine(request, events, stopping);
  if (!isEmbeddedChoice(chosen)) return chosen;
  const store = await startEmbedded();
  writeEngineRecord(request.folder, { engine: 'embedded', version: store.version });
  const summary = `embedded store ${store.version} (${chosen.why}), data in ${request.folder}`;
  return { ...store, kind: 'embedded', summary };
}

export function isEmbeddedChoice(chosen: RunningEngine | EmbeddedChoice): chosen is EmbeddedChoice {
  return !('uri' in chosen);
}

async function findSource(
  source: MongodSource,
  path: string | undefined,
  events: EngineEvents,
  stopping: AbortSignal,
): Promise<MongodBinary | null> {
  const file = await locate();
  return file === null ? null : { source, path: file, version: await mongodVersion(file) };

  function locate(): Promise<string | null> | string | null {
    switch (source) {
      case 'path':
        return mongodOnPath(path);
      case 'cache':
        return cachedMongod();
      case 'download':
        events.warn('Downloading a mongod, because STORE_DOWNLOAD is set ...');
        return downloadMongod(stopping);
    }
  }
}
