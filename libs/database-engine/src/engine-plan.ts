import { StartError } from '@app/platform';
import type { EngineRecord } from './engine-record';
import type { EngineWish } from './engine.env';

/** Where a mongod may come from, in the order they are tried. */
export type MongodSource = 'path' | 'cache' | 'download';

/** What is known before anything is looked for. */
export interface EngineFacts {
  /** MONGO_URI */
  mongoUri: string | undefined;
  /** STORE_ENGINE */
  wish: EngineWish;
  /** STORE_DOWNLOAD */
  mayDownload: boolean;
  folder: string;
  /** Which engine filled the folder. */
  owner: EngineRecord | null;
}

/** What to do: one server or engine, or the mongods to try. */
export type EnginePlan =
  | { kind: 'server'; uri: string }
  | { kind: 'embedded'; why: string }
  | {
      kind: 'mongod';
      sources: readonly MongodSource[];
      /** Whether one that does not work is passed over: not when the data are a mongod's. */
      passOverBroken: boolean;
      /** What to do when none was found. */
      otherwise: { kind: 'embedded' } | { kind: 'refuse'; message: string };
    };

/**
 * Returns what to do. A folder stays with the engine that filled it, whatever is installed later, so that nobody's data seem to vanish.
 * @throws StartError when settings contradict each other or the folder
 */
export function planEngine({ mongoUri, wish, mayDownload, folder, owner }: EngineFacts): EnginePlan {
  if (mongoUri !== undefined) {
    if (wish === 'auto') return { kind: 'server', uri: mongoUri };
    throw new StartError(
      `MONGO_URI names a server, and STORE_ENGINE=${wish} asks for an engine on this machine. Unset one of them.`,
    );
  }
  if (owner !== null && wish !== 'auto' && wish !== owner.engine) {
    throw new StartError(
      `The data in ${folder} belong to ${engineName(owner)}, and STORE_ENGINE=${wish} asks for another engine, which would not see them. ` +
        `Unset STORE_ENGINE to go on with them, or set DATA_DIR to another folder.`,
    );
  }
  if (owner?.engine === 'embedded') return { kind: 'embedded', why: 'the data in the folder are its own' };
  if (wish === 'embedded') return { kind: 'embedded', why: 'STORE_ENGINE asks for it' };

  const sources: MongodSource[] = mayDownload ? ['path', 'cache', 'download'] : ['path', 'cache'];
  const getOne = 'Install MongoDB so that mongod is on PATH, or set STORE_DOWNLOAD=true to have one downloaded';
  if (owner !== null) {
    const message =
      `The data in ${folder} belong to ${engineName(owner)}, and no mongod is here any more. ` +
      `${getOne}; to start with empty data, set DATA_DIR to another folder.`;
    return { kind: 'mongod', sources, passOverBroken: false, otherwise: { kind: 'refuse', message } };
  }
  if (wish === 'mongod') {
    const message = `STORE_ENGINE=mongod, and no mongod that works is here. ${getOne}.`;
    return { kind: 'mongod', sources, passOverBroken: true, otherwise: { kind: 'refuse', message } };
  }
  return { kind: 'mongod', sources, passOverBroken: true, otherwise: { kind: 'embedded' } };
}

function engineName({ engine, version }: EngineRecord): string {
  const name = engine === 'embedded' ? 'the embedded store' : 'a mongod';
  return version === 'unknown' ? name : `${name} (${version})`;
}
