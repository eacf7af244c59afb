import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { parseArgs } from 'node:util';
import { startChild } from '../../../../tools/bench/child';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSoak } from './soak';

/**
 * `npm run test:soak -- [--operations 1000000] [--seed N] [--at-once 16] [--restart-every 20000] [--json]`; with `--json` the report is told as JSON and
 * for the reader to judge.
 */
void runProcess(() => {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'at-once': { type: 'string', default: '16' },
      'restart-every': { type: 'string', default: '20000' },
      json: { type: 'boolean', default: false },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const soak = async (): Promise<void> => {
    const startedAt = performance.now();
    const report = await runSoak({
      operations: whole('operations', values.operations),
      seed: whole('seed', values.seed),
      atOnce: whole('at-once', values['at-once']),
      restartEvery: whole('restart-every', values['restart-every']),
      log: values.json ? () => undefined : print,
    });
    if (values.json) return print(JSON.stringify(report));
    for (const [outcome, count] of Object.entries(report.outcomes).sort(([, a], [, b]) => b - a)) {
      print(`${String(count).padStart(9)}  ${outcome}`);
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    print(
      `${report.operations} operations in ${seconds} s, ${report.restarts} restarts, ${report.resolved} results; ${report.entries} ledger entries ` +
        (report.problems.length === 0 ? 'balance to the micro-unit' : 'DO NOT BALANCE:'),
    );
    report.problems.forEach(print);
    if (report.problems.length > 0)
      throw new StartError(`${report.problems.length} problems; repeat with --seed ${values.seed}`);
  };
  return Promise.resolve({ finished: withStore(soak), stop: () => Promise.resolve() });
});

/** The server of MONGO_URI or of the test run, or an embedded store in a process of its own. */
async function withStore(work: () => Promise<void>): Promise<void> {
  if (process.env['MONGO_URI'] || process.env['TEST_STORE_URI']) return work();
  const dataDir = await mkdtemp(join(tmpdir(), 'soak-'));
  const store = await startChild('apps/store/src/main.ts', ['--data-dir', dataDir]);
  process.env['MONGO_URI'] = String(store.ready['uri']);
  try {
    await work();
  } finally {
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new StartError(`--${name} must be a whole number from 1, found ${text}`);
  return value;
}
