import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SoakReport } from './soak/soak';

jest.setTimeout(600_000);

/** Runs the soak as a process of its own, with the store in another one: beside the tests of this process both would be many times slower. */
async function soak(options: Record<string, number>): Promise<SoakReport> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const command = ['tools/ts.cjs', join(__dirname, 'soak/main.ts'), ...args, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: join(__dirname, '../../..') });
  return JSON.parse(stdout) as SoakReport;
}

// The full form, a million operations, is `npm run test:soak`.
it('20,000 random operations of many users, with restarts and endings of markets, balance to the micro-unit', async () => {
  const report = await soak({ operations: 20_000, seed: 7, 'at-once': 8, 'restart-every': 5_000 });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ operations: 20_000, restarts: 3 });
  // It is only worth something if most of it was carried out, and much refused.
  expect(report.outcomes['place']).toBeGreaterThan(2_000);
  expect(report.outcomes['repeat']).toBeGreaterThan(200);
  expect(report.outcomes['place: ORDER.INSUFFICIENT_SHARES']).toBeGreaterThan(100);
  expect(report.resolved).toBeGreaterThan(5);
});
