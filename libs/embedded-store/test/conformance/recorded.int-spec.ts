import { randomBytes } from 'node:crypto';
import { mongo } from 'mongoose';
import { type Harness, startHarness } from '../store-harness';
import { CaseRunner, readCases, readRefused, readRulings } from './recorded-cases';

/** Set, the same cases run on that server: it must serve all of them, as recorded or as ruled. */
const external = process.env.MONGO_URI === '' ? undefined : process.env.MONGO_URI;

const cases = readCases();
const rulings = readRulings();
const refused = readRefused();

/** CommandNotFound, CommandNotSupported, an unknown field. */
const HONEST = [59, 115, 40415];

function refusalIn(answer: string): number | null {
  const { error, result } = JSON.parse(answer) as {
    error?: { code: { $numberInt: string } };
    result?: { writeErrors?: { code: { $numberInt: string } }[] };
  };
  const codes = [error, ...(result?.writeErrors ?? [])].map((failure) => Number(failure?.code.$numberInt));
  return codes.find((code) => HONEST.includes(code)) ?? null;
}

let harness: Harness | null = null;
let client: mongo.MongoClient;
let runner: CaseRunner;

beforeAll(async () => {
  if (external === undefined) {
    harness = await startHarness();
    client = harness.client;
  } else client = await new mongo.MongoClient(external).connect();
  runner = new CaseRunner(client, `recorded_${randomBytes(4).toString('hex')}_`);
});

afterAll(async () => {
  if (harness !== null) return harness.stop();
  await runner.clear();
  await client.close();
});

describe('the case files', () => {
  it('name each case once and know every case they speak of', () => {
    const ids = cases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...rulings.keys(), ...refused.keys()].filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('rule on every disputed case, each with an answer unless it is refused', () => {
    expect(cases.filter(({ id, disputed }) => disputed && !rulings.has(id))).toEqual([]);
    expect([...rulings].filter(([id, { answer }]) => answer === 'null' && !refused.has(id))).toEqual([]);
  });
});

if (external === undefined) {
  describe('a recorded case on the list', () => {
    it.each(cases.filter(({ id }) => !refused.has(id)))('$id is answered as MongoDB answers it', async (recorded) => {
      expect(await runner.answer(recorded)).toBe(rulings.get(recorded.id)?.answer ?? recorded.expected);
    });
  });

  describe('a recorded case off the list', () => {
    it.each(cases.filter(({ id }) => refused.has(id)))('$id is refused by name', async (recorded) => {
      const answer = await runner.answer(recorded);
      expect({ answer, refusal: refusalIn(answer) }).toEqual({ answer, refusal: expect.any(Number) });
    });
  });
} else {
  describe('a recorded case on the given server', () => {
    it.each(cases)('$id is answered as recorded or as ruled', async (recorded) => {
      expect([recorded.expected, rulings.get(recorded.id)?.answer]).toContain(await runner.answer(recorded));
    });
  });
}
