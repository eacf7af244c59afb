import 'reflect-metadata';
import { engineEnv, findServingMongod, startEngine } from '@app/database-engine';
import { readStoreEndpoint, startStore } from '@app/embedded-store';
import { syncEnv } from '@app/markets';
import { mongoEnv } from '@app/persistence';
import { parseEnv, processEnv, type ProcessContext, redisEnv, runProcess, StartError } from '@app/platform';
import { venueEnv, venueOptions } from '@app/polymarket';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { version } from '../../package.json';
import { syncByHand } from '../../apps/sync-worker/src';
import { dataEnv } from '../../apps/standalone/src/standalone.env';
import { DATA_FOLDERS } from '../../apps/standalone/src/venue-kind';
import { readCommand, type SyncCommand } from './command';

const env = z.object({
  ...processEnv.shape,
  ...dataEnv.shape,
  MONGO_URI: mongoEnv.shape.MONGO_URI.optional(),
  ...engineEnv.shape,
  ...redisEnv.shape,
  ...venueEnv.shape,
  ...syncEnv.shape,
});

type SyncToolEnv = z.output<typeof env>;

/** A store for as long as it is needed. */
interface BorrowedStore {
  uri: string;
  giveBack(): Promise<void>;
}

/**
 * `npm run sync -- --full | --incremental | --status [--demo]`: on the server of MONGO_URI, else on the engine of the data folder, which is
 * the one `npm start` (with --demo: `npm run demo`) has running, or is started for the duration.
 */
void runProcess(
  async (context) => {
    const command = readCommand(process.argv.slice(2));
    const config = parseEnv(env);
    if (command.demo && command.what !== 'status' && process.env.GAMMA_URL === undefined) {
      throw new StartError(
        'The demo has a venue of its own: set GAMMA_URL to the address its simulator prints, followed by /gamma, or let `npm run demo` sync by itself.',
      );
    }
    const store = await borrowStore(config, command, context);
    const work = syncByHand(
      command.what,
      {
        mongoUri: store.uri,
        venue: venueOptions(config),
        redis: config,
        logLevel: config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL,
        batchSize: config.SYNC_BATCH_SIZE,
        venueKind: command.demo ? 'simulated' : 'polymarket',
      },
      context.stopping,
    ).finally(() => store.giveBack());
    return { finished: work, stop: () => work.catch(() => undefined) };
  },
  { stopDeadlineMs: 30_000 },
);

async function borrowStore(config: SyncToolEnv, command: SyncCommand, context: ProcessContext): Promise<BorrowedStore> {
  const folder = join(resolve(config.DATA_DIR), DATA_FOLDERS[command.demo ? 'simulated' : 'polymarket']);
  if (config.MONGO_URI === undefined) {
    const running = existsSync(folder)
      ? ((await readStoreEndpoint(folder)) ?? (await findServingMongod(folder)))
      : null;
    if (running !== null) return { uri: running.uri, giveBack: () => Promise.resolve() };
    if (command.what === 'status' && !existsSync(folder)) {
      throw new StartError(`There is no data in ${folder} yet: no sync has run.`);
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
  return { uri: engine.uri, giveBack: () => engine.stop() };
}
