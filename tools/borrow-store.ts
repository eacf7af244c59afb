import { engineEnv, findServingMongod, startEngine } from '@app/database-engine';
import { readStoreEndpoint, startStore } from '@app/embedded-store';
import { mongoEnv, mongoOptions, type PersistenceOptions } from '@app/persistence';
import { type ProcessContext, StartError } from '@app/platform';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { version } from '../package.json';
import { dataEnv } from '../apps/standalone/src/standalone.env';
import { DATA_FOLDERS, type VenueKind } from '../apps/standalone/src/venue-kind';

/** The variables that say where a command line tool finds the databases. */
export const borrowEnv = z.object({
  ...dataEnv.shape,
  ...mongoEnv.shape,
  MONGO_URI: mongoEnv.shape.MONGO_URI.optional(),
  ...engineEnv.shape,
});

/** A store for as long as it is needed. */
export interface BorrowedStore {
  database: PersistenceOptions;
  giveBack(): Promise<void>;
}

/**
 * Returns the server of MONGO_URI, else the engine of the venue's data folder: the one `npm start` (`npm run demo`) has running, or one started
 * for the duration.
 * @param options.mustExist refuses a data folder that is not there yet, with this sentence
 * @throws StartError
 */
export async function borrowStore(
  config: z.output<typeof borrowEnv>,
  venue: VenueKind,
  context: ProcessContext,
  options: { mustExist?: string } = {},
): Promise<BorrowedStore> {
  const folder = join(resolve(config.DATA_DIR), DATA_FOLDERS[venue]);
  const optionsAt = ({ uri }: { uri: string }): PersistenceOptions => mongoOptions({ ...config, MONGO_URI: uri });
  if (config.MONGO_URI === undefined) {
    const running = existsSync(folder)
      ? ((await readStoreEndpoint(folder)) ?? (await findServingMongod(folder)))
      : null;
    if (running !== null) return { database: optionsAt(running), giveBack: () => Promise.resolve() };
    if (options.mustExist !== undefined && !existsSync(folder)) {
      throw new StartError(`There is no data in ${folder} yet: ${options.mustExist}.`);
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const engine = await startEngine(
    {
      mongoUri: config.MONGO_URI,
      wish: config.STORE_ENGINE,
      mayDownload: config.STORE_DOWNLOAD,
      path: process.env.PATH,
      folder,
    },
    async () => {
      const store = await startStore({ dataDir: folder });
      return { uri: store.uri, version, stop: () => store.close() };
    },
    {
      warn: (message) => void process.stderr.write(`${message}\n`),
      onUnexpectedEnd: (err) => context.fail(err),
    },
    context.stopping,
  );
  process.stderr.write(`Database: ${engine.summary}\n`);
  return { database: optionsAt(engine), giveBack: () => engine.stop() };
}
