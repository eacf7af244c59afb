import { chooseEngine, engineEnv, isEmbeddedChoice } from '@app/database-engine';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from '@app/platform';
import { z } from 'zod';

const testEnv = z.object({
  MONGO_URI: z.string().optional(),
  ...engineEnv.shape,
  /** Where the embedded store notes what it is sent; another engine would note nothing. */
  STORE_COMMAND_SHAPES_DIR: z.string().optional(),
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Decides which engine the integration and end-to-end suites use, by the rules of a start: the server of MONGO_URI, a mongod on PATH or in the cache, which
 * is started for all of them and named by TEST_STORE_URI, or an embedded store in each file.
 * @returns how to stop what was started
 * @throws StartError when MONGO_URI cannot be reached: nothing is tested on another engine than was asked for
 */
export async function startTestEngine(): Promise<() => Promise<void>> {
  const env = parseEnv(testEnv);
  const mustNote = env.MONGO_URI === undefined && env.STORE_COMMAND_SHAPES_DIR !== undefined;
  const folder = await mkdtemp(join(tmpdir(), 'papertrading-tests-'));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const engine = await chooseEngine(
      {
        mongoUri: env.MONGO_URI,
        wish: mustNote ? 'embedded' : env.STORE_ENGINE,
        mayDownload: env.STORE_DOWNLOAD,
        path: process.env.PATH,
        folder,
      },
      { warn: say, onUnexpectedEnd: (err) => say(err.message) },
      new AbortController().signal,
    );
    if (isEmbeddedChoice(engine)) {
      say(`Tests run on: embedded store, one for each file (${engine.why})`);
      return removeFolder;
    }
    say(`Tests run on: ${engine.summary}`);
    process.env.TEST_STORE_URI = engine.uri;
    return async () => {
      await engine.stop();
      await removeFolder();
    };
  } catch (err) {
    await removeFolder();
    throw err;
  }
}
