import 'reflect-metadata';
import { runProcess, StartError } from '@app/platform';
import { parseArgs } from 'node:util';
import { onStore, print } from '../bench/measuring';
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
  const soak = async (mongoUri: string): Promise<void> => {
    say(`Disturbing live books for ${minutes} minutes, seed ${seed}`);
    const report = await runSoakLive({ minutes, seed, mongoUri, log: say });
    tell(report);
    if (report.problems.length > 0) {
      throw new StartError(`${report.problems.length} problems; repeat with --seed ${seed}`);
    }
  };
  return Promise.resolve({ finished: onStore(({ uri }) => soak(uri)), stop: () => Promise.resolve() });
});

function say(line: string): void {
  print(`${line}\n`);
}

function tell(report: SoakReport): void {
  const { cycles, disturbances, messages, resyncs, orders, fills, slowestRecoveryMs, memory, problems } = report;
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  say(`${cycles} cycles of ${disturbances} disturbances; slowest recovery ${(slowestRecoveryMs / 1_000).toFixed(1)} s`);
  say(`${messages} messages to clients, ${resyncs} resyncs; ${orders} resting orders, ${fills} fills`);
  if (memory !== null) {
    say(
      `held once warm ${megabytes(memory.before)}, in the end ${megabytes(memory.after)}: ${memory.isFlat ? 'flat' : 'RISING'}`,
    );
  }
  problems.slice(0, 20).forEach(say);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new StartError(`--${name} must be a number above 0, found ${text}`);
  return value;
}
