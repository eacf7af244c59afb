import 'reflect-metadata';
import { syncEnv } from '@app/markets';
import { parseEnv, processEnv, redisEnv, runProcess, StartError } from '@app/platform';
import { venueEnv, venueOptions } from '@app/polymarket';
import { z } from 'zod';
import { syncByHand } from '../../apps/sync-worker/src';
import { borrowEnv, borrowStore } from '../borrow-store';
import { readCommand } from './command';

const env = z.object({
  ...processEnv.shape,
  ...borrowEnv.shape,
  ...redisEnv.shape,
  ...venueEnv.shape,
  ...syncEnv.shape,
});

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
    const store = await borrowStore(
      config,
      command.demo ? 'simulated' : 'polymarket',
      context,
      command.what === 'status' ? { mustExist: 'no sync has run' } : {},
    );
    const work = syncByHand(
      command.what,
      {
        database: store.database,
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
