import 'reflect-metadata';
import { accountsEnv, AccountsModule, accountsOptions, AccountsService } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { parseEnv, PlatformModule } from '@app/platform';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import autocannon from 'autocannon';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HashRun, HashSubject } from './bare-hash';
import { type BenchChild, startChild } from './child';

const USAGE = `npm run bench -- auth [--seconds 5] [--rounds 4] [--connections 8]

Logins a second beside the bare password hash and beside the same login without HTTP, and GET /auth/me beside routes without a token, all in one run. Without MONGO_URI it
starts the embedded store in a process of its own, and tells the processor time of a login too, which other work on the machine
disturbs less than its rate.
  --seconds      how long each measurement of a round takes
  --rounds       how often the hash and the login take turns
  --connections  clients at a time, of the hash as of the api
`;

const PREFIX = 'bench_auth_';
const PASSWORD = 'a password of the benchmark';
const ACCOUNTS = 16;
const ORIGIN = { address: null, requestId: 'bench' };
/** Share of a login's time that may go into anything but the hash. */
const MOST_FRAMEWORK_SHARE = 0.1;
const WARM_UP_SECONDS = 2;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

interface Options {
  seconds: number;
  rounds: number;
  connections: number;
}

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return;
  const dataDir = await mkdtemp(join(tmpdir(), 'papertrading-bench-'));
  const children: BenchChild[] = [];
  const start = async (...child: Parameters<typeof startChild>): Promise<BenchChild> => {
    const started = await startChild(...child);
    children.push(started);
    return started;
  };
  const accounts: { current: INestApplicationContext | null } = { current: null };
  try {
    const store = process.env['MONGO_URI'] ? null : await start('apps/store/src/main.ts', ['--data-dir', dataDir]);
    const uri = process.env['MONGO_URI'] ?? String(store?.ready['uri']);
    accounts.current = await openAccounts(uri);
    const service = accounts.current.get(AccountsService);
    const emails = await seed(service);
    const api = await start('tools/bench/api-server.ts', [uri, PREFIX]);
    const cost = accountsOptions(parseEnv(accountsEnv)).passwordHash;
    const hash = await start('tools/bench/bare-hash.ts', [], {
      firstMessage: { password: PASSWORD, cost } satisfies HashSubject,
    });
    const url = String(api.ready['url']);
    const session = await logIn(url, emails[0] ?? '');
    const bare = await start('tools/bench/bare-server.ts', [], { firstMessage: [session.me] });
    const logins = await takeTurns({ url, hash, service, api, store, emails }, options);
    const routes = await measureRoutes(url, String(bare.ready['url']), session.token, options);
    report({ ...logins, ...routes }, options, store === null ? 'MONGO_URI' : 'embedded store', cost);
  } finally {
    await accounts.current?.close();
    for (const child of children.reverse()) await child.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '8' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return null;
  }
  const whole = (name: 'seconds' | 'rounds' | 'connections'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new Error(`--${name} must be a whole number from 1, found ${values[name]}`);
  };
  return { seconds: whole('seconds'), rounds: whole('rounds'), connections: whole('connections') };
}

@Module({})
class AccountsContext {
  static forRoot(uri: string): DynamicModule {
    return {
      module: AccountsContext,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix: PREFIX }),
        AccountsModule.forRoot({ ...accountsOptions(parseEnv(accountsEnv)), storesDefaults: false }),
      ],
    };
  }
}

/** Opens the accounts in this process. */
function openAccounts(uri: string): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(AccountsContext.forRoot(uri), { logger: false, abortOnError: false });
}

/** Makes the accounts that log in, under addresses no earlier run on the same server has used. */
async function seed(accounts: AccountsService): Promise<string[]> {
  const run = Date.now();
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `bench-${run}-${index}@example.com`);
  for (const email of emails) await accounts.register({ email, password: PASSWORD }, ORIGIN);
  return emails;
}

async function logIn(url: string, email: string): Promise<{ token: string; me: string }> {
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`POST /auth/login answered ${answer.status}: ${await answer.text()}`);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const me = await fetch(`${url}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
  if (!me.ok) throw new Error(`GET /auth/me answered ${me.status}: ${await me.text()}`);
  return { token, me: await me.text() };
}

interface Contestants {
  url: string;
  hash: BenchChild;
  /** The accounts in this process. */
  service: AccountsService;
  api: BenchChild;
  /** Null when it is not ours. */
  store: BenchChild | null;
  emails: readonly string[];
}

interface Turns {
  hash: Measured;
  direct: Measured;
  login: Measured;
  /** Processor time of one of each with its store, milliseconds; null where it cannot be told. */
  cpuMs: { hash: number; direct: number; login: number } | null;
}

/** Returns the processor time some processes have used, milliseconds; 0 where the system does not tell. */
function cpuMsOf(...pids: (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : ticksOf(pid) * MS_PER_TICK), 0);
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** So many callers, each asking again as soon as it is answered. @returns latencies in milliseconds */
async function callFor(
  call: (variant: number) => Promise<unknown>,
  callers: number,
  seconds: number,
): Promise<number[]> {
  const latencies: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const caller = async (_: unknown, index: number): Promise<void> => {
    for (let variant = index; performance.now() < endAt; variant += callers) {
      const startedAt = performance.now();
      await call(variant);
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return latencies;
}

/** One after the other in every round: what else the machine does weighs on all alike. */
async function takeTurns(
  { url, hash, service, api, store, emails }: Contestants,
  { seconds, rounds, connections }: Options,
): Promise<Turns> {
  const taken = { hash: [] as number[], direct: [] as number[] };
  const logins: autocannon.Result[] = [];
  const cpu = { hash: 0, direct: 0, login: 0 };
  const counting = async <T>(
    what: keyof typeof cpu,
    pids: (number | undefined)[],
    work: () => Promise<T>,
  ): Promise<T> => {
    const before = cpuMsOf(...pids);
    const result = await work();
    cpu[what] += cpuMsOf(...pids) - before;
    return result;
  };
  const requests = emails.map((email): autocannon.Request => ({
    method: 'POST',
    path: '/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  }));
  const askApi = (duration: number): Promise<autocannon.Result> =>
    autocannon({ url, connections, duration, requests }).then(checked('/auth/login'));
  const askService = (duration: number): Promise<number[]> =>
    callFor(
      (variant) => service.logIn({ email: emails[variant % emails.length] ?? '', password: PASSWORD }, ORIGIN),
      connections,
      duration,
    );
  await askService(WARM_UP_SECONDS);
  await askApi(WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round += 1) {
    const run: HashRun = { callers: connections, seconds };
    taken.hash.push(...(await counting('hash', [hash.pid], async () => (await hash.ask(run)) as number[])));
    taken.direct.push(...(await counting('direct', [process.pid, store?.pid], () => askService(seconds))));
    logins.push(await counting('login', [api.pid, store?.pid], () => askApi(seconds)));
    print(`round ${round}: ${Math.round(logins.at(-1)?.requests.average ?? 0)} logins/s\n`);
  }
  const mean = (pick: (result: autocannon.Result) => number): number =>
    logins.reduce((sum, result) => sum + pick(result), 0) / logins.length;
  const made = logins.reduce((sum, result) => sum + result['2xx'], 0);
  const isKnown = store !== null && cpu.hash > 0;
  return {
    cpuMs: isKnown
      ? { hash: cpu.hash / taken.hash.length, direct: cpu.direct / taken.direct.length, login: cpu.login / made }
      : null,
    hash: summarise(taken.hash, rounds * seconds),
    direct: summarise(taken.direct, rounds * seconds),
    login: {
      perSecond: mean((result) => result['2xx'] / result.duration),
      p50: mean((result) => result.latency.p50),
      p99: mean((result) => result.latency.p99),
    },
  };
}

function summarise(latencies: readonly number[], seconds: number): Measured {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99) };
}

async function measureRoutes(
  url: string,
  bareUrl: string,
  token: string,
  { seconds, connections }: Options,
): Promise<{ me: Measured; live: Measured; bare: Measured }> {
  const measure = async (address: string, headers: Record<string, string> = {}): Promise<Measured> => {
    await autocannon({ url: address, connections, duration: 1, headers });
    const result = checked(address)(await autocannon({ url: address, connections, duration: seconds, headers }));
    return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
  };
  return {
    me: await measure(`${url}/auth/me`, { authorization: `Bearer ${token}` }),
    live: await measure(`${url}/health/live`),
    bare: await measure(`${bareUrl}/0`),
  };
}

function checked(what: string): (result: autocannon.Result) => autocannon.Result {
  return (result) => {
    if (result.non2xx === 0 && result.errors === 0) return result;
    throw new Error(`${what}: ${result.non2xx} answers were not 2xx, ${result.errors} requests failed`);
  };
}

function report(
  measured: Turns & Record<'me' | 'live' | 'bare', Measured>,
  { seconds, rounds, connections }: Options,
  storeName: string,
  cost: HashSubject['cost'],
): void {
  const { hash, direct, login, cpuMs, me, live, bare } = measured;
  const share = (part: number, whole: number): string => `${((1 - part / whole) * 100).toFixed(1)} %`;
  const verdict = (part: number, whole: number): string =>
    `${1 - part / whole < MOST_FRAMEWORK_SHARE ? '' : 'MISSED: '}below 10 %`;
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}`;
  const argon = `Argon2id, ${cost.memoryKib} KiB, ${cost.iterations} passes, ${cost.parallelism} lane`;
  print(
    [
      '',
      `${storeName}, ${connections} at a time, ${rounds} rounds of ${seconds} s, ${machine}, ${new Date().toISOString().slice(0, 10)}. Cells: per second · p50 ms · p99 ms.`,
      '',
      '| what | measured | target |',
      '|---|--:|---|',
      `| the bare hash (${argon}) | ${cell(hash)} | |`,
      `| the same login without HTTP: hash, two reads, an entry of the audit log | ${cell(direct)} | |`,
      `| \`POST /auth/login\` | ${cell(login)} | |`,
      `| ... share of HTTP, guards and token | ${share(login.perSecond, direct.perSecond)} | ${verdict(login.perSecond, direct.perSecond)} |`,
      `| ... share of everything but the hash, the store's work included | ${share(login.perSecond, hash.perSecond)} | |`,
      ...(cpuMs === null
        ? []
        : [
            `| processor time of the hash | ${cpuMs.hash.toFixed(1)} ms | |`,
            `| ... of the login without HTTP, with its store | ${cpuMs.direct.toFixed(1)} ms | |`,
            `| ... of \`POST /auth/login\`, with its store | ${cpuMs.login.toFixed(1)} ms | |`,
            `| ... share of HTTP, guards and token in that | ${share(cpuMs.direct, cpuMs.login)} | ${verdict(cpuMs.direct, cpuMs.login)} |`,
          ]),
      `| \`GET /auth/me\` with a token | ${cell(me)} | |`,
      `| \`GET /health/live\` of the same api, no token | ${cell(live)} | |`,
      `| bare Fastify route, the same bytes as \`/auth/me\` | ${cell(bare)} | |`,
      '',
    ].join('\n'),
  );
}

function cell({ perSecond, p50, p99 }: Measured): string {
  return `${perSecond < 1_000 ? perSecond.toFixed(1) : Math.round(perSecond)} · ${p50.toFixed(1)} · ${p99.toFixed(1)}`;
}

function print(text: string): void {
  process.stdout.write(text);
}
