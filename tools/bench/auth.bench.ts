import 'reflect-metadata';
import { accountsEnv, AccountsModule, accountsOptions, AccountsService } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { parseEnv, PlatformModule } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import autocannon from 'autocannon';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HashRun, HashSubject } from './bare-hash';
import { type BenchChild, startChild } from './child';

const USAGE = `npm run bench -- auth [--seconds 5] [--rounds 4] [--connections 8]

Logins a second beside the bare password hash, and GET /auth/me beside routes without a token, all in one run. Without MONGO_URI it
starts the embedded store in a process of its own.
  --seconds      how long each measurement of a round takes
  --rounds       how often the hash and the login take turns
  --connections  clients at a time, and hashes at a time
`;

const PREFIX = 'bench_auth_';
const PASSWORD = 'a password of the benchmark';
const ACCOUNTS = 16;
/** Share of a login's time that may go into anything but the hash. */
const MOST_FRAMEWORK_SHARE = 0.1;

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
    const emails = await seed(uri);
    const api = await start('tools/bench/api-server.ts', [uri, PREFIX]);
    const cost = accountsOptions(parseEnv(accountsEnv)).passwordHash;
    const hash = await start('tools/bench/bare-hash.ts', [], {
      firstMessage: { password: PASSWORD, ...cost } satisfies HashSubject,
    });
    const url = String(api.ready['url']);
    const session = await logIn(url, emails[0] ?? '');
    const bare = await start('tools/bench/bare-server.ts', [], { firstMessage: [session.me] });
    const logins = await takeTurns({ url, hash, emails }, options);
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

/** Makes the accounts that log in, under addresses no earlier run on the same server has used. */
async function seed(uri: string): Promise<string[]> {
  const accounts = await NestFactory.createApplicationContext(AccountsContext.forRoot(uri), {
    logger: false,
    abortOnError: false,
  });
  const run = Date.now();
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `bench-${run}-${index}@example.com`);
  try {
    for (const email of emails) {
      await accounts
        .get(AccountsService)
        .register({ email, password: PASSWORD }, { address: null, requestId: 'bench' });
    }
  } finally {
    await accounts.close();
  }
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

/** The hash alone and the login, one after the other in every round: what else the machine does weighs on both alike. */
async function takeTurns(
  { url, hash, emails }: { url: string; hash: BenchChild; emails: readonly string[] },
  { seconds, rounds, connections }: Options,
): Promise<{ hash: Measured; login: Measured }> {
  const hashLatencies: number[] = [];
  const logins: autocannon.Result[] = [];
  const requests = emails.map((email): autocannon.Request => ({
    method: 'POST',
    path: '/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  }));
  const measureLogins = (duration: number): Promise<autocannon.Result> =>
    autocannon({ url, connections, duration, requests }).then(checked('/auth/login'));
  await measureLogins(1);
  for (let round = 1; round <= rounds; round += 1) {
    hashLatencies.push(...((await hash.ask({ lanes: connections, seconds } satisfies HashRun)) as number[]));
    logins.push(await measureLogins(seconds));
    print(`round ${round}: ${Math.round(logins.at(-1)?.requests.average ?? 0)} logins/s\n`);
  }
  hashLatencies.sort((a, b) => a - b);
  const at = (share: number): number => hashLatencies[Math.floor((hashLatencies.length - 1) * share)] ?? 0;
  const mean = (pick: (result: autocannon.Result) => number): number =>
    logins.reduce((sum, result) => sum + pick(result), 0) / logins.length;
  return {
    hash: { perSecond: hashLatencies.length / (rounds * seconds), p50: at(0.5), p99: at(0.99) },
    login: {
      perSecond: mean((result) => result['2xx'] / result.duration),
      p50: mean((result) => result.latency.p50),
      p99: mean((result) => result.latency.p99),
    },
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
  measured: Record<'hash' | 'login' | 'me' | 'live' | 'bare', Measured>,
  { seconds, rounds, connections }: Options,
  storeName: string,
  cost: Omit<HashSubject, 'password'>,
): void {
  const { hash, login, me, live, bare } = measured;
  const share = 1 - login.perSecond / hash.perSecond;
  const verdict = share < MOST_FRAMEWORK_SHARE ? 'below 10 %' : 'MISSED: below 10 %';
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
      `| \`POST /auth/login\` | ${cell(login)} | |`,
      `| ... share of everything but the hash | ${(share * 100).toFixed(1)} % | ${verdict} |`,
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
