import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSED_LIST, type CommandShape } from '@app/embedded-store';
import { checkShapes } from './check-shapes';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function readShapes(folder: string): CommandShape[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CommandShape);
}

function main(folder: string | undefined): number {
  if (folder === undefined) {
    print('usage: npm run store:shapes -- FOLDER   (what STORE_COMMAND_SHAPES_DIR named while the tests ran)');
    return 78;
  }
  const { shapes, offList, unsent } = checkShapes(readShapes(folder), CLOSED_LIST);
  print(`${shapes} command shapes; on the closed list but not sent: ${unsent.join(', ') || 'nothing'}`);
  if (shapes === 0) print(`no shape was noted in ${folder}: did the tests run on the embedded store?`);
  for (const line of offList) print(`off the closed list: ${line}`);
  return shapes === 0 || offList.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv[2]);
