import { StartError } from '@app/platform';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const RECORD_FILE = 'engine.json';

/** What the embedded store keeps its data in; a folder from before the record existed is known by it. */
const EMBEDDED_DATA = 'store.db';

const engineRecord = z.object({
  engine: z.enum(['embedded', 'mongod']),
  /** The version that wrote there last. */
  version: z.string(),
});

/** The engine a data folder belongs to. */
export type EngineRecord = z.output<typeof engineRecord>;

/**
 * Returns which engine filled a folder; null when none has.
 * @throws StartError when the record is damaged
 */
export function readEngineRecord(folder: string): EngineRecord | null {
  const file = join(folder, RECORD_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err;
    return existsSync(join(folder, EMBEDDED_DATA)) ? { engine: 'embedded', version: 'unknown' } : null;
  }
  try {
    return engineRecord.parse(JSON.parse(text));
  } catch (err) {
    throw new StartError(
      `${file} is damaged. It says which engine the data belongs to: write {"engine":"mongod","version":"unknown"} or ` +
        '{"engine":"embedded","version":"unknown"} into it, or delete the folder to start anew.',
      { cause: err },
    );
  }
}

/** Remembers which engine fills a folder, before anything of ours is written there. */
export function writeEngineRecord(folder: string, record: EngineRecord): void {
  const known = readEngineRecord(folder);
  if (known?.engine === record.engine && known.version === record.version) return;
  const file = join(folder, RECORD_FILE);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record)}\n`, { flush: true });
  renameSync(draft, file);
}
