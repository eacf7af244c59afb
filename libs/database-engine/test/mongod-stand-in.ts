import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STAND_IN = join(__dirname, 'fixtures/mongod-stand-in.cjs');

/** Puts an executable named mongod into a folder of its own below `parent`; returns that folder, to be a PATH. */
export async function installMongodStandIn(parent: string): Promise<string> {
  return install(parent, `require(${JSON.stringify(STAND_IN)});\n`);
}

/** As {@link installMongodStandIn}, but one that runs this script instead. */
export async function installBrokenMongod(parent: string, script: string): Promise<string> {
  return install(parent, script);
}

async function install(parent: string, script: string): Promise<string> {
  const folder = join(parent, 'bin');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'mongod');
  await writeFile(file, `#!${process.execPath}\n${script}`);
  await chmod(file, 0o755);
  return folder;
}
