import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { canonical, inFixedOrder, parseCanonical, RAW_TYPES, withSortedArrays } from './extended-json';

type Fields = Record<string, unknown>;

/** What came out of a command: what it read, or its result and the collection it left behind. */
export interface Answer {
  documents?: unknown[];
  values?: unknown[];
  result?: Fields;
  error?: { code: unknown };
}

export interface RecordedCase {
  readonly id: string;
  readonly kind: 'find' | 'aggregate' | 'distinct' | 'count' | 'insert' | 'update' | 'delete' | 'findAndModify';
  readonly docs: readonly Fields[];
  readonly indexes: readonly Fields[];
  readonly command: Fields;
  readonly compare: 'ordered' | 'unordered' | 'sets';
  /** The canonical text of the recorded answer. */
  readonly expected: string;
  readonly disputed: boolean;
}

/** MongoDB's own answer where the recording is in doubt, and how that is known. */
export interface Ruling {
  readonly answer: string;
  readonly reason: string;
}

const READS: readonly RecordedCase['kind'][] = ['find', 'aggregate', 'distinct', 'count'];
const COLLECTION = 'c';

const textOf = (name: string): string => readFileSync(join(__dirname, name), 'utf8');

interface CaseLine extends Omit<RecordedCase, 'docs' | 'indexes' | 'expected' | 'disputed'> {
  readonly docs: Fields[] | string;
  readonly indexes?: Fields[];
  readonly expected: Answer;
  readonly disputed?: string;
}

/** Reads every recorded case, with its documents. */
export function readCases(): RecordedCase[] {
  const lines = textOf('recorded-cases.jsonl').trimEnd().split('\n').map(parseCanonical) as (
    CaseLine | { id: string; kind: 'dataset'; docs: Fields[] } | { id: string; kind: 'meta' }
  )[];
  const datasets = new Map<string, Fields[]>();
  const cases: RecordedCase[] = [];
  for (const line of lines) {
    if (line.kind === 'dataset') datasets.set(line.id, line.docs);
    else if (line.kind !== 'meta') {
      const docs = typeof line.docs === 'string' ? datasets.get(line.docs) : line.docs;
      if (docs === undefined) throw new Error(`${line.id} names an unknown dataset`);
      const { indexes = [], disputed, expected, compare, ...rest } = line;
      const answer = canonical(arranged(expected, compare));
      cases.push({ ...rest, compare, docs, indexes, disputed: disputed !== undefined, expected: answer });
    }
  }
  return cases;
}

/** Reads the rulings by case. */
export function readRulings(): Map<string, Ruling> {
  const rulings = parseCanonical(textOf('rulings.json')) as Record<string, { answer: unknown; reason: string }>;
  return new Map(
    Object.entries(rulings).map(([id, { answer, reason }]) => [id, { answer: canonical(answer), reason }]),
  );
}

/** Reads the cases that are refused, by what is off the list. */
export function readRefused(): Map<string, string> {
  const groups = JSON.parse(textOf('refused-cases.json')) as Record<string, string[]>;
  return new Map(Object.entries(groups).flatMap(([reason, ids]) => ids.map((id) => [id, reason])));
}

function arranged(answer: Answer, compare: RecordedCase['compare']): Answer {
  const { documents } = answer;
  if (documents === undefined || compare === undefined || compare === 'ordered') return answer;
  return { ...answer, documents: inFixedOrder(compare === 'sets' ? documents.map(withSortedArrays) : documents) };
}

function picked(reply: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => reply[name] !== undefined).map((name) => [name, reply[name]]));
}

interface WriteError {
  readonly index: unknown;
  readonly code: unknown;
}

function writeAnswer(reply: Fields, statements: number): Answer {
  const errors = (reply.writeErrors ?? []) as WriteError[];
  const [first] = errors;
  if (first !== undefined && statements === 1) return { error: { code: first.code } };
  const result = picked(reply, ['n', 'nModified', 'upserted']);
  return {
    result:
      errors.length === 0 ? result : { ...result, writeErrors: errors.map((e) => picked({ ...e }, ['index', 'code'])) },
  };
}

function answerOf({ kind, command }: RecordedCase, reply: Fields): Answer {
  switch (kind) {
    case 'find':
    case 'aggregate':
      return { documents: (reply.cursor as { firstBatch: unknown[] }).firstBatch };
    case 'distinct':
      return { values: inFixedOrder(reply.values as unknown[]) };
    case 'count':
      return { result: { n: reply.n } };
    case 'findAndModify': {
      const outcome = picked(reply.lastErrorObject as Fields, ['n', 'updatedExisting', 'upserted']);
      return { result: { value: reply.value ?? null, lastErrorObject: outcome } };
    }
    default: {
      const statements = command.updates ?? command.documents ?? command.deletes;
      return writeAnswer(reply, (statements as unknown[]).length);
    }
  }
}

/** Ids the server made up differ from run to run. */
function withoutGeneratedIds(answer: Answer, given: string): string {
  return canonical(answer).replace(/\{"\$oid":"([0-9a-f]{24})"\}/g, (whole, hex: string) =>
    given.includes(hex) ? whole : '"<generated>"',
  );
}

/** Runs recorded cases on one server; reads of the same documents share a database. */
export class CaseRunner {
  readonly #databases = new Map<string, string>();

  constructor(
    private readonly client: mongo.MongoClient,
    private readonly prefix: string,
  ) {}

  async #run(database: string, command: Fields): Promise<Fields> {
    return this.client.db(database).command(command, RAW_TYPES);
  }

  async #fill(database: string, { docs, indexes }: RecordedCase): Promise<void> {
    if (indexes.length > 0) await this.#run(database, { createIndexes: COLLECTION, indexes });
    if (docs.length > 0) await this.#run(database, { insert: COLLECTION, documents: docs });
  }

  /** A database holding the documents of a case. */
  async #prepare(recorded: RecordedCase): Promise<string> {
    const content = READS.includes(recorded.kind) ? canonical([recorded.docs, recorded.indexes]) : recorded.id;
    const known = this.#databases.get(content);
    if (known !== undefined) return known;
    const database = `${this.prefix}${this.#databases.size}`;
    this.#databases.set(content, database);
    await this.#fill(database, recorded);
    return database;
  }

  /** The canonical text of the server's answer to a case; an index it refuses to make is its answer, too. */
  async answer(recorded: RecordedCase): Promise<string> {
    const answer = await this.#answer(recorded);
    return withoutGeneratedIds(arranged(answer, recorded.compare), canonical([recorded.docs, recorded.command]));
  }

  async #answer(recorded: RecordedCase): Promise<Answer> {
    const isRead = READS.includes(recorded.kind);
    let database: string | null = null;
    let answer: Answer;
    try {
      database = await this.#prepare(recorded);
      answer = answerOf(recorded, await this.#run(database, recorded.command));
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError) || error.code === undefined) throw error;
      answer = { error: { code: error.code } };
    }
    if (isRead || database === null) return answer;
    const stored = await this.#run(database, { find: COLLECTION, filter: {}, sort: { _id: 1 }, batchSize: 1000 });
    return { ...answer, documents: (stored.cursor as { firstBatch: unknown[] }).firstBatch };
  }

  /** Removes every database a case was run in. */
  async clear(): Promise<void> {
    for (const database of this.#databases.values()) await this.client.db(database).dropDatabase();
  }
}
