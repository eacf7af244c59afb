import { mongo } from 'mongoose';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchChild, startChild } from './child';

/** What benchmarks have in common: their options, the store they run on, what they measure and how they tell it. */

/** The password of every account a benchmark makes. */
export const PASSWORD = 'a password of the benchmark';
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

// Options

/**
 * Reads options that are whole numbers from 1.
 * @param defaults what each is when it is left out, by its name
 * @returns null when help was asked for, and given
 * @throws Error that names an option that is no whole number, or unknown
 */
export function wholeOptions<Name extends string>(
  args: readonly string[],
  usage: string,
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> | null {
  const names = Object.keys(defaults) as Name[];
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    },
  });
  if (values.help) {
    print(usage);
    return null;
  }
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  return Object.fromEntries(
    names.map((name) => [name, wholeNumber(name, String(given[name] ?? defaults[name]))]),
  ) as Record<Name, number>;
}

/** Reads the value of an option. @throws Error that names it */
export function wholeNumber(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} must be a whole number from ${least}, found ${text}`);
}

// What it runs on

/** The store a benchmark runs on, and what it starts beside it; everything is stopped in the end. */
export interface BenchStore {
  readonly uri: string;
  /** Null for the server of MONGO_URI. */
  readonly own: BenchChild | null;
  readonly name: string;
  start(...child: Parameters<typeof startChild>): Promise<BenchChild>;
  connect(options?: mongo.MongoClientOptions): Promise<mongo.MongoClient>;
}

/** Runs on the server of MONGO_URI, or on an embedded store in a process of its own. @param keptDataDir where its data stays; null for nowhere */
export async function onStore(
  work: (store: BenchStore) => Promise<void>,
  keptDataDir: string | null = null,
): Promise<void> {
  const dataDir = keptDataDir ?? (await mkdtemp(join(tmpdir(), 'papertrading-bench-')));
  const children: BenchChild[] = [];
  const clients: mongo.MongoClient[] = [];
  const start: BenchStore['start'] = async (...child) => {
    const started = await startChild(...child);
    children.push(started);
    return started;
  };
  try {
    const given = process.env['MONGO_URI'];
    const own = given ? null : await start('apps/store/src/main.ts', ['--data-dir', dataDir]);
    const uri = own === null ? String(given) : String(own.ready['uri']);
    await work({
      uri,
      own,
      name: own === null ? 'MONGO_URI' : 'embedded store',
      start,
      async connect(options = {}) {
        const client = await mongo.MongoClient.connect(uri, options);
        clients.push(client);
        return client;
      },
    });
  } finally {
    for (const client of clients) await client.close();
    for (const child of children.reverse()) await child.stop();
    if (keptDataDir === null) await rm(dataDir, { recursive: true, force: true });
  }
}

/** Sends JSON and returns what is answered. @throws Error with the answer when it is no success */
export async function post(url: string, body: unknown, token?: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

/** Registers an account with {@link PASSWORD}. */
export async function register(url: string, email: string): Promise<void> {
  await post(`${url}/auth/register`, { email, password: PASSWORD, password_confirm: PASSWORD });
}

/** Logs an account in that {@link register} made. */
export async function logIn(url: string, email: string): Promise<{ token: string; userId: string }> {
  const session = await post(`${url}/auth/login`, { email, password: PASSWORD });
  return { token: String(session['access_token']), userId: String(session['user_id']) };
}

// Measuring

/** How fast something is; latencies in milliseconds. */
export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Calls as so many clients, each again as soon as it is answered. @returns latencies in milliseconds */
export async function callFor(
  call: (client: number) => Promise<unknown>,
  clients: number,
  seconds: number,
): Promise<number[]> {
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const client = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      await call(index);
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return latencies;
}

/** @param seconds how long it took to take them */
export function summarise(latencies: readonly number[], seconds: number): Measured {
  return { perSecond: latencies.length / seconds, p50: latencyAt(latencies, 0.5), p99: latencyAt(latencies, 0.99) };
}

/** The latency that this share of them stayed below; 0 of none. */
export function latencyAt(latencies: readonly number[], share: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Processor time a process has used, milliseconds; null where the system does not tell. */
export function cpuMsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return null;
  }
}

// Telling

export function print(text: string): void {
  process.stdout.write(text);
}

/** One cell of a table. @param digits of the latencies */
export function cell({ perSecond, p50, p99 }: Measured, digits = 1): string {
  const rate = perSecond < 100 ? perSecond.toFixed(1) : String(Math.round(perSecond));
  return `${rate} · ${p50.toFixed(digits)} · ${p99.toFixed(digits)}`;
}

/** The machine, how busy it is, and the day. */
export function conditions(): string {
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}
