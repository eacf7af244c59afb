/** `npm run -s payloads -- DIR`: reads every recorded payload below a folder and says what was understood and what was refused. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readPayloadFolder, type KnownMalformed } from './read-folder';
import { renderReport } from './render-report';

function main(args: readonly string[]): number {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) {
    process.stderr.write('usage: npm run -s payloads -- DIR\n');
    return 2;
  }
  const list = readFileSync(path.join(__dirname, 'known-malformed.json'), 'utf8');
  try {
    const report = readPayloadFolder(folder, JSON.parse(list) as KnownMalformed[]);
    process.stdout.write(renderReport(report));
    return report.passed ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
