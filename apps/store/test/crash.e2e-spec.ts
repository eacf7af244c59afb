import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { checkStore } from '@app/embedded-store';
import { seededRandom } from '@app/exchange';
import { Gate } from './crash/gate';
import { CrashLoad } from './crash/load';
import { endProcess, freePort, launchStore, startStoreProcess, type StoreProcess } from './store-process';

/** How often the store is killed, and the seed that decides when; a run is repeated by giving the seed it printed when it failed. */
const KILLS = Number(process.env.STORE_KILLS ?? 30);
const SEED = Number(process.env.STORE_KILL_SEED ?? Date.now() % 1_000_000_000);

/** One kill in so many hits the store while it starts. */
const KILL_AT_START = 6;
const MOST_TURNS = 40;
const MOST_PAUSES = 400;

describe('a store killed with -9 under load', () => {
  let dataDir: string;
  let current: StoreProcess | null = null;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-crash-'));
  });
  afterAll(async () => {
    if (current !== null) await endProcess(current.child, 'SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  async function pause(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  }

  it(
    `keeps every acknowledged write and no half of any, over ${KILLS} kills`,
    async () => {
      const random = seededRandom(String(SEED));
      const pick = (count: number): number => Math.floor(random() * count);
      const flags = ['--data-dir', dataDir, '--port', String(await freePort())];
      current = await startStoreProcess(flags);
      const { uri } = current;
      const clients: mongo.MongoClient[] = [];
      const connect = (): mongo.MongoClient => {
        const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 10_000, heartbeatFrequencyMS: 500 });
        clients.push(client);
        return client;
      };
      const load = new CrashLoad(random);
      const reader = connect();
      await load.prepare(reader);
      const gate = new Gate();
      const workers = Promise.all(load.turns.map((turn) => gate.work(turn(connect))));
      const failed = workers.then(() => new Promise<never>(() => undefined));
      try {
        for (let kill = 1; kill <= KILLS; kill += 1) {
          await Promise.race([gate.turns(1 + pick(MOST_TURNS)), failed]);
          await pause(pick(MOST_PAUSES));
          await endProcess(current.child, 'SIGKILL');
          if (pick(KILL_AT_START) === 0) {
            const starting = launchStore(flags);
            await pause(pick(MOST_PAUSES));
            await endProcess(starting, 'SIGKILL');
          }
          current = await startStoreProcess(flags);
          await Promise.race([gate.close(), failed]);
          const problems = await load.problems(reader);
          checkStore({ dataDir }, (finding) => problems.push(JSON.stringify(finding)));
          expect({ kill, problems }).toEqual({ kill, problems: [] });
          gate.open();
        }
        await gate.close();
        gate.end();
        await workers;
      } catch (error) {
        throw new Error(
          `STORE_KILL_SEED=${SEED} repeats this: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
      } finally {
        gate.end();
        await Promise.all(clients.map((client) => client.close()));
      }
    },
    120_000 + KILLS * 10_000,
  );
});
