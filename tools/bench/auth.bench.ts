import { accountsEnv, accountsOptions } from '@app/accounts';
import { parseEnv } from '@app/platform';
import autocannon from 'autocannon';
import type { HashRun, HashSubject } from './bare-hash';
import type { BenchChild } from './child';
import {
  cell,
  conditions,
  cpuMsOf,
  logIn,
  type Measured,
  onStore,
  PASSWORD,
  print,
  register,
  summarise,
  wholeOptions,
} from './measuring';

const USAGE = `npm run bench -- auth [--seconds 5] [--rounds 4] [--connections 8]

Logins a second beside the bare password hash and beside the same login on a bare route, and GET /auth/me beside routes without a token, all in one run. Without MONGO_URI it
starts the embedded store in a process of its own, and tells the processor time of a login too, which other work on the machine
disturbs less than its rate.
  --seconds      how long each measurement of a round takes
  --rounds       how often the hash and the login take turns
  --connections  clients at a time, of the hash as of the api
`;

const PREFIX = 'bench_auth_';
/** As many as may register from one address in a minute. */
const ACCOUNTS = 10;
/** Share of a login that guards, counting, checks and the token may take. */
const MOST_FRAMEWORK_SHARE = 0.1;
const WARM_UP_SECONDS = 2;

interface Options {
  seconds: number;
  rounds: number;
  connections: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const options = wholeOptions(args, USAGE, { seconds: 5, rounds: 4, connections: 8 });
  if (options === null) return;
  await onStore(async (store) => {
    const api = await store.start('tools/bench/api-server.ts', [store.uri, PREFIX]);
    const url = String(api.ready['url']);
    const emails = await seed(url);
    const bareLogin = await store.start('tools/bench/bare-login-server.ts', [store.uri, PREFIX]);
    const cost = accountsOptions(parseEnv(accountsEnv)).passwordHash;
    const hash = await store.start('tools/bench/bare-hash.ts', [], {
      firstMessage: { password: PASSWORD, cost } satisfies HashSubject,
    });
    const session = await openSession(url, emails[0] ?? '');
    const bare = await store.start('tools/bench/bare-server.ts', [], { firstMessage: [session.me] });
    const logins = await takeTurns({ hash, bareLogin, api, store: store.own, emails }, options);
    const routes = await measureRoutes(url, String(bare.ready['url']), session.token, options);
    report({ ...logins, ...routes }, options, store.name, cost);
  });
}

/** Makes the accounts that log in, under addresses no earlier run on the same server has used. */
async function seed(url: string): Promise<string[]> {
  const run = Date.now();
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `bench-${run}-${index}@example.com`);
  for (const email of emails) await register(url, email);
  return emails;
}

async function openSession(url: string, email: string): Promise<{ token: string; me: string }> {
  const { token } = await logIn(url, email);
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
function cpuMsOfAll(...pids: (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : (cpuMsOf(pid) ?? 0)), 0);
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
    const before = cpuMsOfAll(...pids);
    const result = await work();
    cpu[what] += cpuMsOfAll(...pids) - before;
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
  const argon = `Argon2id, ${cost.memoryKib} KiB, ${cost.iterations} passes, ${cost.parallelism} lane`;
  print(
    [
      '',
      `${storeName}, ${connections} at a time, ${rounds} rounds of ${seconds} s, ${conditions()}. Cells: per second · p50 ms · p99 ms.`,
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
