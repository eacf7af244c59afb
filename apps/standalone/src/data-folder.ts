import { StartError } from '@app/platform';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { DATA_FOLDERS, type VenueKind } from './venue-kind';

const SECRET_FILE = 'jwt-secret';
const SECRET_BYTES = 48;
const SHORTEST_SECRET = 32;

/**
 * Returns the absolute folder of a venue's data, made when it is missing, for its owner alone.
 * @throws StartError when it cannot be made or written
 */
export function prepareDataFolder(dataDir: string, venue: VenueKind): string {
  const folder = resolve(dataDir, DATA_FOLDERS[venue]);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (err) {
    throw new StartError(
      `The data folder ${folder} cannot be written: ${(err as Error).message}. Set DATA_DIR to another one.`,
      {
        cause: err,
      },
    );
  }
  return folder;
}

/**
 * Returns the folder's own secret for access tokens, made at the first call and readable by its owner alone. Two processes that
 * make it at the same time get the same one.
 * @throws StartError when the file cannot be read or holds too little
 */
export function jwtSecretOf(folder: string): string {
  const file = join(folder, SECRET_FILE);
  try {
    const known = readSecret(file);
    if (known !== null) return known;
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(draft, file);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err;
    } finally {
      rmSync(draft, { force: true });
    }
    const made = readSecret(file);
    if (made !== null) return made;
    throw new Error('it disappeared');
  } catch (err) {
    if (err instanceof StartError) throw err;
    throw new StartError(`The secret in ${file} cannot be used: ${(err as Error).message}.`, { cause: err });
  }
}

function readSecret(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw err;
  }
  if (text.length < SHORTEST_SECRET) {
    throw new StartError(
      `The secret in ${file} is shorter than ${SHORTEST_SECRET} characters. Delete the file to have a new one made.`,
    );
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  return text;
}
