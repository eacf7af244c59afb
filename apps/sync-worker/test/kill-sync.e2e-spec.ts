import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runKillSync } from '../../../tools/kill-sync/kill-sync';

const ROOT = join(__dirname, '..', '..', '..');

jest.setTimeout(240_000);

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', 'sync-worker'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
});

// The full form, 50 kills of 20,000 markets, is `npm run test:kill-sync`.
it('a full sync killed ten times with -9 loses nothing and asks for no page twice but those in flight', async () => {
  const moments: string[] = [];
  const report = await runKillSync({
    kills: 10,
    markets: 3_000,
    seed: 42,
    workerScript: join(ROOT, 'dist/apps/sync-worker/main.js'),
    log: (line) => moments.push(line),
  });
  expect({ problems: report.problems, moments }).toEqual({ problems: [], moments });
  expect(report.kills).toBe(10);
});
