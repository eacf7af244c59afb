import { mongo } from 'mongoose';

interface Entry {
  _id: string;
  n: number;
  parity: string;
  tags: string[];
  note: string;
}
interface Row {
  _id: number;
  n: number;
}
interface Counter {
  _id: string;
  n: number;
}
interface Account {
  _id: string;
  balance: number;
}
interface Posting {
  _id: mongo.ObjectId;
  transfer: number;
  account: string;
  amount: number;
}
interface Lease {
  _id: number;
  until: Date;
}

const ENTRY_IDS = 300;
const ACCOUNTS = 6;
const OPENING_BALANCE = 1_000;
const COUNTERS = 4;
const LONG_AGO = new Date(0);
const FAR_OFF = new Date(Date.UTC(2200, 0));

/** What was asked of the store and what it acknowledged. An answer that never came leaves both outcomes open. */
class Tally {
  acknowledged = 0;
  unanswered = 0;

  allows(found: number): boolean {
    return found >= this.acknowledged && found <= this.acknowledged + this.unanswered;
  }
}

function isLost(error: unknown): boolean {
  // A bulk write wraps what ended it; what the server refused has a code or names operations.
  if (error instanceof mongo.MongoBulkWriteError)
    return error.code === undefined && [error.writeErrors].flat().length === 0;
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    (error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult'))
  );
}

/** Runs a write; false when its answer was lost. Every other failure is a failure of the test. */
async function answered(at: Place, write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof mongo.MongoServerSelectionError) at.isCutOff = true;
    if (isLost(error)) return false;
    throw error;
  }
}

/** What a worker works on, over a client of its own. */
interface Place {
  readonly client: mongo.MongoClient;
  /** True when the client did not find its server again: of driver 7.8 a heartbeat sent just as the server dies is sometimes never answered nor given up. */
  isCutOff: boolean;
  readonly entries: mongo.Collection<Entry>;
  readonly rows: mongo.Collection<Row>;
  readonly counters: mongo.Collection<Counter>;
  readonly leases: mongo.Collection<Lease>;
  readonly accounts: mongo.Collection<Account>;
  readonly postings: mongo.Collection<Posting>;
}

function placeOf(client: mongo.MongoClient): Place {
  const shop = client.db('crash_shop');
  return {
    client,
    isCutOff: false,
    entries: shop.collection('entries'),
    rows: shop.collection('rows'),
    counters: shop.collection('counters'),
    leases: shop.collection('leases'),
    accounts: client.db('crash_books').collection('accounts'),
    postings: client.db('crash_ledger').collection('postings'),
  };
}

/** A load of many kinds over several connections that remembers what was acknowledged, and says what of it is not in the store. */
export class CrashLoad {
  /** Of every entry: the value acknowledged last, and the newest one sent. */
  readonly #values = new Map<string, { acknowledged: number; sent: number }>();
  readonly #inserted = new Set<number>();
  readonly #deleted = new Set<number>();
  readonly #counts = Array.from({ length: COUNTERS }, () => new Tally());
  readonly #tickets = new Set<number>();
  readonly #ticketTally = new Tally();
  readonly #transfers = new Set<number>();
  readonly #kept = new Set<number>();
  #next = 0;

  constructor(private readonly random: () => number) {}

  #pick(count: number): number {
    return Math.floor(this.random() * count);
  }

  async prepare(client: mongo.MongoClient): Promise<void> {
    const at = placeOf(client);
    await at.entries.createIndexes([
      { key: { n: 1, _id: 1 } },
      { key: { parity: 1, n: -1 } },
      { key: { tags: 1 } },
      { key: { note: 'text' } },
    ]);
    await at.rows.createIndex({ n: 1 }, { unique: true });
    await at.leases.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
    await at.postings.createIndexes([{ key: { account: 1 } }, { key: { transfer: 1, account: 1 }, unique: true }]);
    const accounts = Array.from({ length: ACCOUNTS }, (_, n) => ({ _id: `a${n}`, balance: OPENING_BALANCE }));
    await at.accounts.insertMany(accounts);
    const counters = Array.from({ length: COUNTERS }, (_, n) => ({ _id: `c${n}`, n: 0 }));
    await at.counters.insertMany([...counters, { _id: 'ticket', n: 0 }]);
  }

  /**
   * Turns of each kind of work, for workers of their own. Each is given a client of its own: of the writes that share a pool the driver
   * repeats only the first that notices its end.
   */
  get turns(): ((connect: () => mongo.MongoClient) => () => Promise<void>)[] {
    const turns: ((at: Place) => Promise<void>)[] = [
      (at) => this.#upsertMany(at, 0),
      (at) => this.#upsertMany(at, ENTRY_IDS / 2),
      (at) => this.#insertRow(at),
      (at) => this.#insertRow(at),
      (at) => this.#deleteRow(at),
      (at) => this.#count(at),
      (at) => this.#count(at),
      (at) => this.#takeTicket(at),
      (at) => this.#transfer(at),
      (at) => this.#transfer(at),
      (at) => this.#changeIndex(at),
      (at) => this.#lease(at),
    ];
    return turns.map((turn) => (connect) => {
      let place = placeOf(connect());
      return () => {
        if (place.isCutOff) place = placeOf(connect());
        return turn(place);
      };
    });
  }

  #valueOf(id: string): { acknowledged: number; sent: number } {
    const known = this.#values.get(id) ?? { acknowledged: 0, sent: 0 };
    this.#values.set(id, known);
    return known;
  }

  /** Each worker has ids of its own, so that values only rise. */
  async #upsertMany(at: Place, first: number): Promise<void> {
    const n = (this.#next += 1);
    const from = this.#pick(ENTRY_IDS / 2);
    const ids = Array.from({ length: 25 }, (_, n) => `e${first + ((from + n) % (ENTRY_IDS / 2))}`);
    const fields = { n, parity: n % 2 === 0 ? 'even' : 'odd', tags: [`t${n % 5}`, 'all'], note: `note number${n % 3}` };
    for (const id of ids) this.#valueOf(id).sent = n;
    const writes = ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } }));
    if (await answered(at, () => at.entries.bulkWrite(writes, { ordered: false })))
      for (const id of ids) this.#valueOf(id).acknowledged = n;
  }

  async #insertRow(at: Place): Promise<void> {
    const _id = (this.#next += 1);
    // A second try that inserted again would be refused by both keys.
    if (await answered(at, () => at.rows.insertOne({ _id, n: -_id }))) this.#inserted.add(_id);
  }

  async #deleteRow(at: Place): Promise<void> {
    const rows = [...this.#inserted];
    const _id = rows[this.#pick(rows.length)];
    if (_id === undefined || rows.length < 20) return this.#insertRow(at);
    this.#inserted.delete(_id);
    let removed = 1;
    const wasAnswered = await answered(at, async () => {
      removed = (await at.rows.deleteOne({ _id })).deletedCount;
    });
    if (removed !== 1) throw new Error(`row ${_id} was acknowledged, and ${removed} rows were deleted`);
    if (wasAnswered) this.#deleted.add(_id);
  }

  async #count(at: Place): Promise<void> {
    const counter = this.#pick(COUNTERS);
    const tally = this.#counts[counter];
    if (tally === undefined) return;
    tally.unanswered += 1;
    if (!(await answered(at, () => at.counters.updateOne({ _id: `c${counter}` }, { $inc: { n: 1 } })))) return;
    tally.unanswered -= 1;
    tally.acknowledged += 1;
  }

  async #takeTicket(at: Place): Promise<void> {
    this.#ticketTally.unanswered += 1;
    let ticket: number | null = null;
    const change = { $inc: { n: 1 } };
    const wasAnswered = await answered(at, async () => {
      const taken = await at.counters.findOneAndUpdate({ _id: 'ticket' }, change, { returnDocument: 'after' });
      ticket = taken?.n ?? null;
    });
    if (!wasAnswered) return;
    this.#ticketTally.unanswered -= 1;
    this.#ticketTally.acknowledged += 1;
    if (ticket === null || this.#tickets.has(ticket)) throw new Error(`ticket ${String(ticket)} was given twice`);
    this.#tickets.add(ticket);
  }

  /** Moves money between two accounts in one database and writes it into the ledger in another. */
  async #transfer(at: Place): Promise<void> {
    const transfer = (this.#next += 1);
    const from = this.#pick(ACCOUNTS);
    const to = (from + 1 + this.#pick(ACCOUNTS - 1)) % ACCOUNTS;
    const amount = 1 + this.#pick(20);
    let moved = false;
    const move = async (session: mongo.ClientSession): Promise<void> => {
      const taken = await at.accounts.updateOne(
        { _id: `a${from}`, balance: { $gte: amount } },
        { $inc: { balance: -amount } },
        { session },
      );
      moved = taken.modifiedCount === 1;
      if (!moved) return;
      await at.accounts.updateOne({ _id: `a${to}` }, { $inc: { balance: amount } }, { session });
      const posting = (account: number, sum: number): Posting => ({
        _id: new mongo.ObjectId(),
        transfer,
        account: `a${account}`,
        amount: sum,
      });
      await at.postings.insertMany([posting(from, -amount), posting(to, amount)], { session });
    };
    const wasAnswered = await answered(at, () =>
      at.client.withSession((session) => session.withTransaction(() => move(session))),
    );
    if (wasAnswered && moved) this.#transfers.add(transfer);
  }

  async #changeIndex(at: Place): Promise<void> {
    const name = 'now_and_then';
    const names = async (): Promise<void> => {
      if (this.random() < 0.5) await at.entries.createIndex({ parity: 1, note: 1, n: -1 }, { name });
      else await at.entries.dropIndex(name);
    };
    try {
      await answered(at, names);
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError) || error.codeName !== 'IndexNotFound') throw error;
    }
  }

  async #lease(at: Place): Promise<void> {
    const _id = (this.#next += 2);
    const leases = [
      { _id, until: FAR_OFF },
      { _id: _id + 1, until: LONG_AGO },
    ];
    if (await answered(at, () => at.leases.insertMany(leases))) this.#kept.add(_id);
  }

  /** What of the acknowledged is not in the store, and what is there that cannot be. Nobody may be writing. */
  async problems(client: mongo.MongoClient): Promise<string[]> {
    const at = placeOf(client);
    return [
      ...(await this.#entryProblems(at)),
      ...(await this.#rowProblems(at)),
      ...(await this.#counterProblems(at)),
      ...(await this.#bankProblems(at)),
    ];
  }

  async #entryProblems(at: Place): Promise<string[]> {
    const stored = await at.entries.find().toArray();
    const found = new Map(stored.map((entry) => [entry._id, entry.n]));
    const problems = [...this.#values]
      .filter(([id, { acknowledged, sent }]) => (found.get(id) ?? 0) < acknowledged || (found.get(id) ?? 0) > sent)
      .map(([id, { acknowledged, sent }]) => `entry ${id} is ${found.get(id)}, not ${acknowledged} to ${sent}`);
    const counts: [string, mongo.Filter<Entry>, (entry: Entry) => boolean][] = [
      ['n', { n: { $gte: 0 } }, () => true],
      ['parity', { parity: 'even' }, ({ n }) => n % 2 === 0],
      ['tags', { tags: 't3' }, ({ n }) => n % 5 === 3],
      ['text', { $text: { $search: 'number1' } }, ({ n }) => n % 3 === 1],
    ];
    for (const [index, filter, matches] of counts) {
      const [counted, expected] = [await at.entries.countDocuments(filter), stored.filter(matches).length];
      if (counted !== expected) problems.push(`${counted} entries are found by ${index}, not ${expected}`);
    }
    const whole = await at.entries.estimatedDocumentCount();
    if (whole !== stored.length) problems.push(`the collection counts ${whole} entries and holds ${stored.length}`);
    return problems;
  }

  async #rowProblems(at: Place): Promise<string[]> {
    const rows = new Set((await at.rows.find().toArray()).map(({ _id }) => _id));
    const leases = new Set((await at.leases.find({ until: FAR_OFF }).toArray()).map(({ _id }) => _id));
    const byIndex = await at.rows.countDocuments({ n: { $lt: 0 } });
    return [
      ...[...this.#inserted].filter((id) => !rows.has(id)).map((id) => `row ${id} was acknowledged and is not there`),
      ...[...this.#deleted].filter((id) => rows.has(id)).map((id) => `row ${id} was deleted and is there`),
      ...[...this.#kept].filter((id) => !leases.has(id)).map((id) => `lease ${id} has not ended and is not there`),
      ...(byIndex === rows.size ? [] : [`${byIndex} rows are found by n, not ${rows.size}`]),
    ];
  }

  async #counterProblems(at: Place): Promise<string[]> {
    const counters = new Map((await at.counters.find().toArray()).map(({ _id, n }) => [_id, n]));
    const tallies: [string, Tally][] = this.#counts.map((tally, n) => [`c${n}`, tally]);
    return [...tallies, ['ticket', this.#ticketTally] as [string, Tally]]
      .filter(([id, tally]) => !tally.allows(counters.get(id) ?? NaN))
      .map(
        ([id, { acknowledged, unanswered }]) =>
          `counter ${id} is ${counters.get(id)} after ${acknowledged} acknowledged and ${unanswered} unanswered increments`,
      );
  }

  async #bankProblems(at: Place): Promise<string[]> {
    const accounts = await at.accounts.find().toArray();
    const postings = await at.postings.find().toArray();
    const problems: string[] = [];
    const sum = accounts.reduce((total, { balance }) => total + balance, 0);
    if (sum !== ACCOUNTS * OPENING_BALANCE) problems.push(`the balances sum up to ${sum}`);
    for (const { _id, balance } of accounts) {
      const own = postings.filter(({ account }) => account === _id);
      const expected = own.reduce((total, { amount }) => total + amount, OPENING_BALANCE);
      if (balance !== expected) problems.push(`account ${_id} holds ${balance}, its ledger says ${expected}`);
      const byIndex = await at.postings.countDocuments({ account: _id });
      if (byIndex !== own.length) problems.push(`${byIndex} postings of ${_id} are found by index, not ${own.length}`);
    }
    const entered = new Map<number, number>();
    for (const { transfer } of postings) entered.set(transfer, (entered.get(transfer) ?? 0) + 1);
    for (const [transfer, count] of entered)
      if (count !== 2) problems.push(`transfer ${transfer} has ${count} postings`);
    for (const transfer of this.#transfers)
      if (!entered.has(transfer)) problems.push(`transfer ${transfer} was acknowledged and is not in the ledger`);
    return problems;
  }
}
