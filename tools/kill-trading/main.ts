import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runKillTrading } from './kill-trading';

const ROOT = join(__dirname, '..', '..');

/** `npm run test:kill-trading -- [--kills 200] [--clients 6] [--seed N]` */
void runProcess(() => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      clients: { type: 'string', default: '6' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const finished = (async (): Promise<void> => {
    for (const app of ['standalone', 'store', 'simulator']) {
      execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', app], {
        cwd: ROOT,
        stdio: 'inherit',
      });
    }
    print(
      `Killing the server ${values.kills} times under the orders of ${values.clients} clients, seed ${values.seed}`,
    );
    const startedAt = performance.now();
    const report = await runKillTrading({
      kills: whole('kills', values.kills),
      clients: whole('clients', values.clients),
      seed: whole('seed', values.seed),
      standaloneScript: join(ROOT, 'dist/apps/standalone/main.js'),
      auditEvery: 20,
      log: print,
    });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    print(
      `${report.kills} kills in ${seconds} s; ${report.answered} requests answered before one, ${report.cutOff} cut off, of which ${report.cutOffDone} had happened or did when repeated; ` +
        `${report.entries} ledger entries; ${report.problems.length === 0 ? 'every repetition got its first answer, every balance is the sum of its ledger' : 'PROBLEMS:'}`,
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
