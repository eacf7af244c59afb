import { BSON, BSONSymbol } from 'bson';
import { mongo } from 'mongoose';
import { type Case, COLLECTION, isRead, kindOf } from './cases';
import type { Dataset, Fields } from './dataset';
import { meaningOf } from './exact-number';
import { canonical, RAW_TYPES } from '../extended-json';
import { isFields } from './filters';

/** What a server answered, and what a write left behind; of an error only the code is compared. */
export interface Outcome {
  readonly documents?: readonly unknown[];
  readonly result?: Fields;
  readonly error?: { readonly code: number };
  /** Documents that are new or not as they were. */
  readonly changed?: readonly Fields[];
  /** The `_id`s of documents that are gone. */
  readonly removed?: readonly unknown[];
}

function picked(reply: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => reply[name] !== undefined).map((name) => [name, reply[name]]));
}

/** Writes every number as its exact value and symbols as strings, so that 1 and 1.0 are the same. */
function loosened(value: unknown): unknown {
  const meaning = meaningOf(value);
  if (meaning !== null)
    return { number: typeof meaning === 'string' ? meaning : `${meaning.digits}e${meaning.exponent}` };
  if (value instanceof BSONSymbol) return value.value;
  if (Array.isArray(value)) return value.map(loosened);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, loosened(inner)]));
}

/** One text for every value; texts are put into an order of their own when that of the values means nothing. */
function textsOf(values: readonly unknown[], ordered = false): string {
  const texts = values.map(canonical);
  return `[${(ordered ? texts : texts.sort()).join(',')}]`;
}

/** The parts of an {@link Outcome} as text, so that nothing is written twice. */
type OutcomeTexts = Partial<Record<keyof Outcome, string>>;

function answerOf(testCase: Case, reply: Fields): OutcomeTexts {
  switch (kindOf(testCase)) {
    case 'find':
    case 'aggregate': {
      const { firstBatch } = reply.cursor as { firstBatch: unknown[] };
      const values = testCase.loose ? firstBatch.map(loosened) : firstBatch;
      return { documents: textsOf(values, testCase.compare === 'ordered') };
    }
    case 'findAndModify': {
      const { value = null, lastErrorObject = {} } = reply;
      const about = picked(lastErrorObject as Fields, ['n', 'updatedExisting', 'upserted']);
      return { result: canonical({ value, lastErrorObject: about }) };
    }
    default: {
      const errors = reply.writeErrors as Fields[] | undefined;
      const writeErrors = errors?.map((error) => picked(error, ['index', 'code']));
      const result = picked(reply, ['n', 'nModified', 'upserted']);
      return { result: canonical(writeErrors === undefined ? result : { ...result, writeErrors }) };
    }
  }
}

const joined = (texts: OutcomeTexts): string =>
  `{${Object.entries(texts)
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}`;

/** Ids the server made up cannot be compared: they read "<generated>". */
function withoutGeneratedIds(outcome: string, given: string): string {
  return outcome.replace(/\{"\$oid":"([0-9a-f]{24})"\}/g, (whole, hex: string) =>
    given.includes(hex) ? whole : '"<generated>"',
  );
}

const decoded = (bytes: Buffer): Fields => BSON.deserialize(bytes, RAW_TYPES);

/** A dataset in a collection of a server; every case finds the documents as the dataset has them. */
export class Session {
  readonly #given: string;
  /** The documents as the server stores them; their bytes are the keys. */
  #initial: ReadonlyMap<string, Fields> = new Map();

  private constructor(
    private readonly db: mongo.Db,
    private readonly collection: string,
    private readonly dataset: Dataset,
  ) {
    this.#given = canonical(dataset.documents);
  }

  /** Fills a new collection. */
  static async open(db: mongo.Db, collection: string, dataset: Dataset): Promise<Session> {
    const session = new Session(db, collection, dataset);
    await session.#run({ create: COLLECTION });
    if (dataset.indexes.length > 0) await session.#run({ createIndexes: COLLECTION, indexes: dataset.indexes });
    await session.#insert(dataset.documents);
    session.#initial = new Map((await session.#read()).map((bytes) => [bytes.toString('latin1'), decoded(bytes)]));
    return session;
  }

  #run(command: Fields, options: mongo.BSONSerializeOptions = RAW_TYPES): Promise<Fields> {
    const [name, ...others] = Object.entries(command);
    if (name === undefined) throw new Error('a command has a name');
    return this.db.command(Object.fromEntries([[name[0], this.collection], ...others]), options);
  }

  async #insert(documents: readonly Fields[]): Promise<void> {
    if (documents.length === 0) return;
    const reply = await this.#run({ insert: COLLECTION, documents });
    if (reply.writeErrors !== undefined)
      throw new Error(`${this.dataset.name} is refused: ${canonical(reply.writeErrors)}`);
  }

  async #read(): Promise<Buffer[]> {
    const reply = await this.#run(
      { find: COLLECTION, batchSize: 1000 },
      { ...RAW_TYPES, fieldsAsRaw: { firstBatch: true } },
    );
    return (reply.cursor as { firstBatch: Buffer[] }).firstBatch;
  }

  async #difference(): Promise<{ changed: Fields[]; removed: unknown[] }> {
    const stored = await this.#read();
    const changed = stored.filter((bytes) => !this.#initial.has(bytes.toString('latin1'))).map(decoded);
    if (changed.length === 0 && stored.length === this.#initial.size) return { changed, removed: [] };
    const kept = new Set(stored.map((bytes) => bytes.toString('latin1')));
    const changedIds = new Set(changed.map(({ _id }) => canonical(_id)));
    const gone = [...this.#initial].filter(([bytes, { _id }]) => !kept.has(bytes) && !changedIds.has(canonical(_id)));
    return { changed, removed: gone.map(([, { _id }]) => _id) };
  }

  async #restore(changed: readonly Fields[], removed: readonly unknown[]): Promise<void> {
    const ids = changed.map(({ _id }) => _id);
    if (ids.length > 0) await this.#run({ delete: COLLECTION, deletes: [{ q: { _id: { $in: ids } }, limit: 0 }] });
    const touched = new Set([...ids, ...removed].map(canonical));
    if (touched.size > 0)
      await this.#insert([...this.#initial.values()].filter(({ _id }) => touched.has(canonical(_id))));
  }

  /** True when a filter that is meant to match one document matches more. */
  async isAmbiguous({ single }: Case): Promise<boolean> {
    for (const query of single) {
      const reply = await this.#run({ count: COLLECTION, query });
      if (Number(reply.n) > 1) return true;
    }
    return false;
  }

  /** Runs a case, puts the documents back and returns the {@link Outcome} in canonical Extended JSON. */
  async observe(testCase: Case): Promise<string> {
    let outcome: OutcomeTexts;
    try {
      outcome = answerOf(testCase, await this.#run(testCase.command));
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError)) throw error;
      outcome = { error: canonical({ code: Number(error.code) }) };
    }
    if (isRead(testCase)) return joined(outcome);
    const { changed, removed } = await this.#difference();
    await this.#restore(changed, removed);
    if (changed.length > 0) outcome.changed = textsOf(changed);
    if (removed.length > 0) outcome.removed = textsOf(removed);
    return withoutGeneratedIds(joined(outcome), this.#given + canonical(testCase.command));
  }

  async drop(): Promise<void> {
    await this.#run({ drop: COLLECTION });
  }
}
