import { accountsEnv, accountsOptions } from '@app/accounts';
import { parseEnv } from '@app/platform';
import autocannon from 'autocannon';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HashRun, HashSubject } from './bare-hash';
import { type BenchChild, startChild } from './child';

const USAGE = `npm run bench -- auth [--seconds 5] [--rounds 4] [--connections 8]

Logins a second beside the bare password hash and beside the same login on a bare route, and GET /auth/me beside routes without a token, all in one run. Without MONGO_URI it
starts the embedded store in a process of its own, and tells the processor time of a login too, which other work on the machine
disturbs less than its rate.
  --seconds      how long each measurement of a round takes
  --rounds       how often the hash and the login take turns
  --connections  clients at a time, of the hash as of the api
`;

const PREFIX = 'bench_auth_';
const PASSWORD = 'a password of the benchmark';
/** As many as may register from one address in a minute. */
const ACCOUNTS = 10;
/** Share of a login that guards, counting, checks and the token may take. */
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
  try {
    const store = process.env['MONGO_URI'] ? null : await start('apps/store/src/main.ts', ['--data-dir', dataDir]);
    const uri = process.env['MONGO_URI'] ?? String(store?.ready['uri']);
    const api = await start('tools/bench/api-server.ts', [uri, PREFIX]);
    const url = String(api.ready['url']);
    const emails = await seed(url);
    const bareLogin = await start('tools/bench/bare-login-server.ts', [uri, PREFIX]);
    const cost = accountsOptions(parseEnv(accountsEnv)).passwordHash;
    const hash = await start('tools/bench/bare-hash.ts', [], {
      firstMessage: { password: PASSWORD, cost } satisfies HashSubject,
    });
    const session = await logIn(url, emails[0] ?? '');
    const bare = await start('tools/bench/bare-server.ts', [], { firstMessage: [session.me] });
    const logins = await takeTurns({ hash, bareLogin, api, store, emails }, options);
    const routes = await measureRoutes(url, String(bare.ready['url']), session.token, options);
    report({ ...logins, ...routes }, options, store === null ? 'MONGO_URI' : 'embedded store', cost);
  } finally {
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

/** Makes the accounts that log in, under addresses no earlier run on the same server has used. */
async function seed(url: string): Promise<string[]> {
  const run = Date.now();
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `bench-${run}-${index}@example.com`);
  for (const email of emails) {
    await post(`${url}/auth/register`, { email, password: PASSWORD, password_confirm: PASSWORD });
  }
  return emails;
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function logIn(url: string, email: string): Promise<{ token: string; me: string }> {
  const body = await post(`${url}/auth/login`, { email, password: PASSWORD });
  const { access_token: token } = body as { access_token: string };
  const me = await fetch(`${url}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
  if (!me.ok) throw new Error(`GET /auth/me answered ${me.status}: ${await me.text()}`);
  return { token, me: await me.text() };
}

interface Contestants {
  hash: BenchChild;
  /** The same login on a bare route. */
  bareLogin: BenchChild;
  api: BenchChild;
  /** Null when it is not ours. */
  store: BenchChild | null;
  emails: readonly string[];
}

interface Turns {
  hash: Measured;
  bareLogin: Measured;
  login: Measured;
  /** Processor time of one of each with its store, milliseconds; null where it cannot be told. */
  cpuMs: { hash: number; bareLogin: number; login: number } | null;
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

/** One after the other in every round: what else the machine does weighs on all alike. */
async function takeTurns(
  { hash, bareLogin, api, store, emails }: Contestants,
  { seconds, rounds, connections }: Options,
): Promise<Turns> {
  const hashed: number[] = [];
  const bareLogins: autocannon.Result[] = [];
  const logins: autocannon.Result[] = [];
  const cpu = { hash: 0, bareLogin: 0, login: 0 };
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
  const askFor = (child: BenchChild, path: string, duration: number): Promise<autocannon.Result> => {
    const requests = emails.map((email): autocannon.Request => ({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    }));
    return autocannon({ url: String(child.ready['url']), connections, duration, requests }).then(checked(path));
  };
  await askFor(bareLogin, '/login', WARM_UP_SECONDS);
  await askFor(api, '/auth/login', WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round += 1) {
    const run: HashRun = { callers: connections, seconds };
    hashed.push(...(await counting('hash', [hash.pid], async () => (await hash.ask(run)) as number[])));
    bareLogins.push(
      await counting('bareLogin', [bareLogin.pid, store?.pid], () => askFor(bareLogin, '/login', seconds)),
    );
    logins.push(await counting('login', [api.pid, store?.pid], () => askFor(api, '/auth/login', seconds)));
    print(`round ${round}: ${Math.round(logins.at(-1)?.requests.average ?? 0)} logins/s\n`);
  }
  const madeBy = (results: readonly autocannon.Result[]): number =>
    results.reduce((sum, result) => sum + result['2xx'], 0);
  return {
    cpuMs:
      store !== null && cpu.hash > 0
        ? {
            hash: cpu.hash / hashed.length,
            bareLogin: cpu.bareLogin / madeBy(bareLogins),
            login: cpu.login / madeBy(logins),
          }
        : null,
    hash: summarise(hashed, rounds * seconds),
    bareLogin: meanOf(bareLogins),
    login: meanOf(logins),
  };
}

function meanOf(results: readonly autocannon.Result[]): Measured {
  const mean = (pick: (result: autocannon.Result) => number): number =>
    results.reduce((sum, result) => sum + pick(result), 0) / results.length;
  return {
    perSecond: mean((result) => result['2xx'] / result.duration),
    p50: mean((result) => result.latency.p50),
    p99: mean((result) => result.latency.p99),
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
  const { hash, bareLogin, login, cpuMs, me, live, bare } = measured;
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
      `| a bare Fastify route doing the same login: hash, two reads, an entry of the audit log | ${cell(bareLogin)} | |`,
      `| \`POST /auth/login\` | ${cell(login)} | |`,
      `| ... share of guards, counting, checks and the token | ${share(login.perSecond, bareLogin.perSecond)} | ${verdict(login.perSecond, bareLogin.perSecond)} |`,
      `| ... share of everything but the hash, the store's and the clients' work included | ${share(login.perSecond, hash.perSecond)} | |`,
      ...(cpuMs === null
        ? []
        : [
            `| processor time of the hash | ${cpuMs.hash.toFixed(1)} ms | |`,
            `| ... of the bare route, with its store | ${cpuMs.bareLogin.toFixed(1)} ms | |`,
            `| ... of \`POST /auth/login\`, with its store | ${cpuMs.login.toFixed(1)} ms | |`,
            `| ... share of guards, counting, checks and the token in that | ${share(cpuMs.bareLogin, cpuMs.login)} | ${verdict(cpuMs.bareLogin, cpuMs.login)} |`,
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
