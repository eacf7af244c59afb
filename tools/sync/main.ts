import 'reflect-metadata';
import { readStoreEndpoint, startStore } from '@app/embedded-store';
import { syncEnv } from '@app/markets';
import { mongoEnv } from '@app/persistence';
import { parseEnv, processEnv, redisEnv, runProcess, StartError } from '@app/platform';
import { venueEnv, venueOptions } from '@app/polymarket';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { syncByHand } from '../../apps/sync-worker/src';
import { dataEnv } from '../../apps/standalone/src/standalone.env';
import { DATA_FOLDERS } from '../../apps/standalone/src/venue-kind';
import { readCommand, type SyncCommand } from './command';

const env = z.object({
  ...processEnv.shape,
  ...dataEnv.shape,
  MONGO_URI: mongoEnv.shape.MONGO_URI.optional(),
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
 * `npm run sync -- --full | --incremental | --status [--demo]`: on the server of MONGO_URI, else on the store of the data folder, which is
 * the one `npm start` (with --demo: `npm run demo`) has running, or is started for the duration.
 */
void runProcess(
  async ({ stopping }) => {
    const command = readCommand(process.argv.slice(2));
    const config = parseEnv(env);
    if (command.demo && command.what !== 'status' && process.env.GAMMA_URL === undefined) {
      throw new StartError(
        'The demo has a venue of its own: set GAMMA_URL to the address its simulator prints, followed by /gamma, or let `npm run demo` sync by itself.',
      );
    }
    const store = await borrowStore(config, command);
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
      stopping,
    ).finally(() => store.giveBack());
    return { finished: work, stop: () => work.catch(() => undefined) };
  },
  { stopDeadlineMs: 30_000 },
);

async function borrowStore(config: SyncToolEnv, command: SyncCommand): Promise<BorrowedStore> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (config.MONGO_URI !== undefined) return { uri: config.MONGO_URI, giveBack: nothing };
  const folder = join(resolve(config.DATA_DIR), DATA_FOLDERS[command.demo ? 'simulated' : 'polymarket']);
  const running = existsSync(folder) ? await readStoreEndpoint(folder) : null;
  if (running !== null) return { uri: running.uri, giveBack: nothing };
  if (command.what === 'status' && !existsSync(folder)) {
    throw new StartError(`There is no data in ${folder} yet: no sync has run.`);
  }
  const store = await startStore({ dataDir: folder });
  return { uri: store.uri, giveBack: () => store.close() };
}
