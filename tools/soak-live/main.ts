import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from '../bench/child';
import { runSoakLive, type SoakReport } from './soak-live';

/**
 * `npm run test:soak-live -- [--minutes 30] [--seed N]`: order books, resting orders and clients under constant faults of the venue's stream. Ends with 1 when a client was told
 * what it cannot go on from, a book did not come back, a ledger does not balance, a process failed, or memory went on rising.
 */
void runProcess(() => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const minutes = positive('minutes', values.minutes);
  const seed = positive('seed', values.seed);
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const soak = async (mongoUri: string): Promise<void> => {
    print(`Disturbing live books for ${minutes} minutes, seed ${seed}`);
    const report = await runSoakLive({ minutes, seed, mongoUri, log: print });
    tell(report, print);
    if (report.problems.length > 0) {
      throw new StartError(`${report.problems.length} problems; repeat with --seed ${seed}`);
    }
  };
  return Promise.resolve({ finished: withStore(soak), stop: () => Promise.resolve() });
});

function tell(report: SoakReport, print: (line: string) => void): void {
  const { cycles, disturbances, messages, resyncs, orders, fills, slowestRecoveryMs, memory, problems } = report;
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  print(
    `${cycles} cycles of ${disturbances} disturbances; slowest recovery ${(slowestRecoveryMs / 1_000).toFixed(1)} s`,
  );
  print(`${messages} messages to clients, ${resyncs} resyncs; ${orders} resting orders, ${fills} fills`);
  if (memory !== null) {
    print(
      `held once warm ${megabytes(memory.before)}, in the end ${megabytes(memory.after)}: ${memory.isFlat ? 'flat' : 'RISING'}`,
    );
  }
  problems.slice(0, 20).forEach(print);
}

/** The server of MONGO_URI, or an embedded store in a process of its own. */
async function withStore(work: (mongoUri: string) => Promise<void>): Promise<void> {
  const given = process.env['MONGO_URI'];
  if (given) return work(given);
  const dataDir = await mkdtemp(join(tmpdir(), 'soak-live-'));
  const store = await startChild('apps/store/src/main.ts', ['--data-dir', dataDir]);
  try {
    await work(String(store.ready['uri']));
  } finally {
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new StartError(`--${name} must be a number above 0, found ${text}`);
  return value;
}
