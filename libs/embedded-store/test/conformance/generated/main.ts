import { parseArgs } from 'node:util';
import { mongo } from 'mongoose';
import { startHarness } from '../../store-harness';
import type { Case } from './cases';
import type { Dataset } from './dataset';
import { canonical } from '../extended-json';
import { minimise } from './minimise';
import { generate, GENERATOR_VERSION } from './plan';
import { type RecordedCase, type RecordedPortion, readRecording, RECORDING_FILE, writeRecording } from './recording';
import { type Difference, replay } from './replay';
import { ruled } from './rulings';
import { Session } from './session';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function printDifference({ id, command, expected, actual }: Difference): void {
  print(`${id}\n  command  ${command}\n  expected ${expected}\n  actual   ${actual}`);
}

/** A database of the reference for this run alone. */
async function withReference<T>(uri: string, run: (db: mongo.Db) => Promise<T>): Promise<T> {
  const client = await new mongo.MongoClient(uri).connect();
  const db = client.db(`conformance_${process.pid}_${Date.now().toString(36)}`);
  try {
    return await run(db);
  } finally {
    await db.dropDatabase();
    await client.close();
  }
}

async function withStore<T>(run: (db: mongo.Db) => Promise<T>): Promise<T> {
  const harness = await startHarness();
  try {
    return await run(harness.database());
  } finally {
    await harness.stop();
  }
}

/** MongoDB's answer by the reference and the rulings; null when it is open which document a case means. */
async function expectedOf(reference: Session, testCase: Case): Promise<ReturnType<typeof ruled> | null> {
  if (await reference.isAmbiguous(testCase)) return null;
  return ruled(testCase, await reference.observe(testCase));
}

async function record(uri: string, engine: string, seed: number, count: number): Promise<void> {
  await withReference(uri, async (db) => {
    const portions: RecordedPortion[] = [];
    for (const { dataset, cases } of generate(seed, count)) {
      const session = await Session.open(db, dataset.name, dataset);
      const recorded: RecordedCase[] = [];
      for (const testCase of cases) {
        const answer = await expectedOf(session, testCase);
        if (answer === null) continue;
        const { id, command, compare, loose } = testCase;
        const { expected, ruling } = answer;
        recorded.push({ id, command, compare, loose, expected, ...(ruling === null ? {} : { ruling }) });
      }
      await session.drop();
      portions.push({ dataset, cases: recorded });
      if (portions.length % 10 === 0) print(`${portions.length} datasets recorded`);
    }
    const provenance = {
      engine,
      recorded_at: new Date().toISOString().slice(0, 10),
      seed,
      generator_version: GENERATOR_VERSION,
      cases: portions.reduce((sum, { cases }) => sum + cases.length, 0),
    };
    await writeRecording({ provenance, portions });
    print(`${provenance.cases} cases recorded in ${RECORDING_FILE}`);
  });
}

/** Runs one case on fresh collections of both sides. */
async function differenceOn(
  reference: mongo.Db,
  store: mongo.Db,
  collection: string,
  dataset: Dataset,
  testCase: Case,
): Promise<Difference | null> {
  const [theirs, ours] = [
    await Session.open(reference, collection, dataset),
    await Session.open(store, collection, dataset),
  ];
  try {
    const answer = await expectedOf(theirs, testCase);
    if (answer === null) return null;
    const { expected } = answer;
    const actual = await ours.observe(testCase);
    if (expected === actual) return null;
    return { id: testCase.id, command: canonical(testCase.command), expected, actual };
  } finally {
    await theirs.drop();
    await ours.drop();
  }
}

async function compareLive(uri: string, seed: number, count: number): Promise<number> {
  print(`comparing the embedded store with ${new URL(uri).host}: seed ${seed}, ${count} cases`);
  return withReference(uri, (reference) =>
    withStore(async (store) => {
      let [compared, different] = [0, 0];
      for (const { dataset, cases } of generate(seed, count)) {
        const theirs = await Session.open(reference, dataset.name, dataset);
        const ours = await Session.open(store, dataset.name, dataset);
        for (const testCase of cases) {
          const answer = await expectedOf(theirs, testCase);
          if (answer === null) continue;
          compared += 1;
          if (answer.expected === (await ours.observe(testCase))) continue;
          different += 1;
          let attempt = 0;
          const differs = (smaller: Dataset): Promise<Difference | null> =>
            differenceOn(reference, store, `${testCase.id}_${(attempt += 1)}`, smaller, testCase);
          const least = await minimise(dataset, testCase, async (smaller) => (await differs(smaller)) !== null);
          const difference = await differs(least);
          if (difference !== null) printDifference(difference);
          print(`  indexes  ${canonical(least.indexes)}\n  documents ${canonical(least.documents)}`);
        }
        await theirs.drop();
        await ours.drop();
      }
      print(`${compared} cases compared, ${different} answered differently`);
      return different;
    }),
  );
}

async function replayRecording(): Promise<number> {
  const { provenance, portions } = await readRecording();
  print('MONGO_URI is not set: fresh cases need a server to compare with. Replaying the recorded cases instead:');
  print(JSON.stringify(provenance));
  return withStore(async (db) => {
    let different = 0;
    for (const portion of portions) {
      const differences = await replay(db, portion);
      differences.forEach(printDifference);
      different += differences.length;
    }
    print(`${provenance.cases} cases replayed, ${different} answered differently`);
    return different;
  });
}

function wholeNumber(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number, found "${text}"`);
  return Number(text);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { record: { type: 'string' } } });
  const uri = process.env.MONGO_URI;
  const seed = wholeNumber('CONFORMANCE_SEED', values.record === undefined ? Math.floor(Math.random() * 1e9) : 1);
  if (values.record !== undefined) {
    if (uri === undefined) throw new Error('recording needs the reference in MONGO_URI');
    await record(uri, values.record, seed, wholeNumber('CONFORMANCE_CASES', 6400));
    return;
  }
  const different =
    uri === undefined ? await replayRecording() : await compareLive(uri, seed, wholeNumber('CONFORMANCE_CASES', 1000));
  if (different > 0) process.exitCode = 1;
}

void main();
