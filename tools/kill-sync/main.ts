import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runKillSync } from './kill-sync';

const ROOT = join(__dirname, '..', '..');

/** `npm run test:kill-sync -- [--kills 50] [--markets 20000] [--seed N]` */
void runProcess(() => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      markets: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const finished = (async (): Promise<void> => {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'sync-worker'], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    print(`Killing a full sync of ${values.markets} markets ${values.kills} times, seed ${values.seed}`);
    const startedAt = performance.now();
    const report = await runKillSync({
      kills: whole('kills', values.kills),
      markets: whole('markets', values.markets),
      seed: whole('seed', values.seed),
      workerScript: join(ROOT, 'dist/apps/sync-worker/main.js'),
      log: print,
    });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    print(
      `${report.kills} kills in ${seconds} s; ${report.pages} pages were asked for ${report.pageRequests} times; ` +
        `${report.problems.length === 0 ? 'every listed market is stored exactly once, equal field by field, and only pages in flight were asked for again' : 'PROBLEMS:'}`,
    );
    report.problems.forEach(print);
    if (report.problems.length > 0)
      throw new StartError(`${report.problems.length} problems; repeat with --seed ${values.seed}`);
  })();
  return Promise.resolve({ finished, stop: () => Promise.resolve() });
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new StartError(`--${name} must be a whole number, found ${text}`);
  return value;
}
