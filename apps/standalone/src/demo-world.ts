import { StartError } from '@app/platform';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const WORLD_FILE = 'world.json';

const demoWorld = z.object({
  markets: z.number().int().min(1),
  seed: z.number().int().min(0),
  /** The moment the world is generated around. */
  epoch: z.iso.datetime(),
});

/** What makes a simulated world the same world again. */
export type DemoWorld = z.infer<typeof demoWorld>;

/**
 * Returns the world the folder's data came from; at the first start the one asked for, which is remembered.
 * @throws StartError when another world is asked for than the folder holds: their markets must not mix
 */
export function demoWorldOf(folder: string, asked: { markets: number; seed: number }, now: Date): DemoWorld {
  const file = join(folder, WORLD_FILE);
  const known = readWorld(file);
  if (known === null) {
    const world = { ...asked, epoch: now.toISOString() };
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(world)}\n`, { flush: true });
    renameSync(draft, file);
    return world;
  }
  if (known.markets === asked.markets && known.seed === asked.seed) return known;
  throw new StartError(
    `The data in ${folder} came from a simulated world of ${known.markets} markets, seed ${known.seed}; ` +
      `${asked.markets} markets, seed ${asked.seed} were asked for. ` +
      'Start with SIMULATOR_MARKETS and SIMULATOR_SEED as they were, set DATA_DIR to another folder, or delete this one.',
  );
}

function readWorld(file: string): DemoWorld | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw err;
  }
  try {
    return demoWorld.parse(JSON.parse(text));
  } catch (err) {
    throw new StartError(`${file} is damaged. Delete its folder to start the demo anew.`, { cause: err });
  }
}
