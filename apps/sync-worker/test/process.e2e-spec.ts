import { databaseConnection, openConnection, SyncStateRepository } from '@app/persistence';
import { builtApp, startTestSimulator, startTestStore, type TestSimulator, type TestStore } from '@app/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runKillSync } from '../../../tools/kill-sync/kill-sync';

const BUNDLE = builtApp('sync-worker');

let store: TestStore;
let venue: TestSimulator;

beforeAll(async () => {
  [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 300 })]);
});

afterAll(async () => {
  await venue.stop();
  await store.stop();
});

/** Runs the built worker to its end. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const reachable = (): NodeJS.ProcessEnv => ({
  ...store.environment,
  GAMMA_URL: venue.gammaUrl,
  CLOB_URL: venue.clobUrl,
  DATA_URL: venue.dataUrl,
  VENUE_RATE_LIMIT: 'false',
});

it('refuses to start alone and names everything that is missing at once', async () => {
  const { code, output } = await run([], { SYNC_BATCH_SIZE: 'many' });
  expect(code).toBe(78);
  for (const variable of ['MONGO_URI', 'REDIS_URL', 'SYNC_BATCH_SIZE']) expect(output).toContain(variable);
});

it('explains its flags when it does not know one', async () => {
  const { code, output } = await run(['--fast'], reachable());
  expect(code).toBe(1);
  expect(output).toMatch(/--full, --incremental or --status/);
});

it('says that the database cannot be reached', async () => {
  const { code, output } = await run(['--status'], { ...reachable(), MONGO_URI: 'mongodb://127.0.0.1:1/' });
  expect(code).toBe(1);
  expect(output).toMatch(/database cannot be reached/i);
});

it('syncs by hand, tells what came of it, and is refused while another process holds the right to run', async () => {
  expect(await run(['--status'], reachable())).toMatchObject({
    code: 0,
    output: expect.stringContaining('has not run'),
  });

  const full = await run(['--full'], reachable());
  expect(full).toMatchObject({ code: 0, output: expect.stringMatching(/^full sync complete: \d+ read/) });
  const incremental = await run(['--incremental'], reachable());
  expect(incremental).toMatchObject({ code: 0, output: expect.stringMatching(/, 0 written/) });

  const connection = await openConnection(store);
  try {
    const states = new SyncStateRepository(databaseConnection(connection, 'markets_db', store.databasePrefix));
    const until = new Date(Date.now() + 60_000);
    const lease = await states.acquireLease({ holder: 'elsewhere:7:x', kind: 'full', until }, new Date());
    const refused = await run(['--full'], reachable());
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining('A full sync is running in elsewhere:7:x'),
    });
    await states.releaseLease(lease!, new Date());
  } finally {
    await connection.close();
  }
});

// The full form, 50 kills of 20,000 markets, is `npm run test:kill-sync`.
it('a full sync killed with -9 four times loses nothing and asks for no page twice but those in flight', async () => {
  const moments: string[] = [];
  const report = await runKillSync({
    kills: 4,
    markets: 1_500,
    seed: 42,
    workerScript: BUNDLE,
    log: (line) => moments.push(line),
  });
  expect({ problems: report.problems, moments }).toEqual({ problems: [], moments });
  expect(report.kills).toBe(4);
});
