import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const MONGOD = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
const ANSWERS_WITHIN_MS = 10_000;

/** Returns the mongod that the shell would find, or null. Relative entries of PATH are not followed. */
export function mongodOnPath(path: string | undefined): string | null {
  for (const folder of (path ?? '').split(delimiter)) {
    const file = join(folder, MONGOD);
    if (isAbsolute(folder) && isExecutable(file)) return file;
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Returns the version a mongod prints. @throws Error when it does not run or prints something else */
export async function mongodVersion(path: string): Promise<string> {
  let printed: string;
  try {
    ({ stdout: printed } = await promisify(execFile)(path, ['--version'], { timeout: ANSWERS_WITHIN_MS }));
  } catch (err) {
    const { stderr } = err as { stderr?: string };
    const reason = stderr?.trim() || (err as Error).message;
    throw new Error(`${path} does not run: ${reason}`, { cause: err });
  }
  const version = /db version v(\S+)/.exec(printed)?.[1];
  if (version === undefined) throw new Error(`${path} --version prints no version`);
  return version;
}
