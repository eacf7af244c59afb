import type { RateLimitsBody } from '@app/contracts';
import { builtApp, startTestStore, type TestStore, waitFor } from '@app/testing';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';
import { AuthClient } from './auth-client';

jest.setTimeout(60_000);

const NOWHERE = 'http://127.0.0.1:9';
const JWT_SECRET = 'a secret that is only ever used in tests';
const ADMIN = { email: 'admin@example.com', password: 'admin password of the test' };
const ANN = { email: 'ann@example.com', password: 'password of ann' };

const lane = hasRedisServer() ? describe : describe.skip;

lane('two api processes on one Redis', () => {
  let folder: string;
  let store: TestStore;
  let redis: TestRedis;
  const processes: ChildProcess[] = [];
  let a: AuthClient;
  let b: AuthClient;
  /** As the processes write it: JSON lines with every field. */
  let log = '';

  async function startApi(): Promise<AuthClient> {
    const child = fork(builtApp('api'), [], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        ...store.environment,
        REDIS_URL: redis.url,
        JWT_SECRET_KEY: JWT_SECRET,
        TRUSTED_PROXIES: '127.0.0.1',
        PASSWORD_HASH_MEMORY_KIB: '1024',
        GAMMA_URL: NOWHERE,
        CLOB_URL: NOWHERE,
        DATA_URL: NOWHERE,
        LOG_LEVEL: 'trace',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    processes.push(child);
    const [report] = (await once(child, 'message')) as [{ url: string }];
    return new AuthClient(report.url);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papertrading-auth-redis-'));
    [store, redis] = await Promise.all([startTestStore(), startTestRedis()]);
    await promisify(execFile)(process.execPath, [builtApp('api'), 'admin:create', '--email', ADMIN.email], {
      env: { PATH: process.env['PATH'], ...store.environment, ADMIN_PASSWORD: ADMIN.password },
    });
    [a, b] = await Promise.all([startApi(), startApi()]);
    await a.register(ANN.email, ANN.password);
  });

  afterAll(async () => {
    for (const child of processes.filter(({ exitCode }) => exitCode === null)) {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    }
    await Promise.all([store?.stop(), redis?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Tries logins one after the other, on the processes in turn, and returns the statuses. */
  async function tryInTurn(count: number, from: string): Promise<number[]> {
    const statuses = [];
    for (let attempt = 0; attempt < count; attempt += 1) {
      const one = attempt % 2 === 0 ? a : b;
      statuses.push((await one.tryLogIn('nobody@example.com', `guess ${attempt}`, from)).status);
    }
    return statuses;
  }

  it('refuse the sixth login from one address on either, after five spread over both', async () => {
    const from = '203.0.113.1';
    expect(await tryInTurn(5, from)).toEqual([401, 401, 401, 401, 401]);
    for (const one of [a, b]) {
      const sixth = await one.tryLogIn(ANN.email, ANN.password, from);
      expect(sixth).toMatchObject({ status: 429, body: { code: 'AUTH.TOO_MANY_ATTEMPTS' } });
      expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await b.tryLogIn(ANN.email, ANN.password, '203.0.113.2')).status).toBe(200);
  });

  it('end each other’s tokens when a password changes', async () => {
    const token = await a.logIn(ANN.email, ANN.password);
    const seenByB = async (): Promise<number> => (await b.ask('GET', '/auth/me', { token })).status;
    expect(await seenByB()).toBe(200);
    const changed = await a.ask('POST', '/auth/change-password', {
      token,
      json: {
        current_password: ANN.password,
        new_password: 'another password of ann',
        new_password_confirm: 'another password of ann',
      },
    });
    expect(changed.status).toBe(200);
    expect(await seenByB()).toBe(401);
    expect((await a.ask('GET', '/auth/me', { token })).status).toBe(401);
  });

  it('count failures of one account together', async () => {
    const email = 'bob@example.com';
    await b.register(email, 'password of bob');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await (attempt % 2 === 0 ? a : b).tryLogIn(email, `guess ${attempt}`, `198.51.100.${attempt}`);
    }
    for (const one of [a, b]) {
      expect((await one.tryLogIn(email, 'password of bob', one === a ? '198.51.100.20' : '198.51.100.21')).status).toBe(
        401,
      );
    }
  });

  it('follow a limit an admin sets on one of them', async () => {
    const token = await a.logIn(ADMIN.email, ADMIN.password);
    const set = (limit: number): Promise<{ status: number }> => {
      const json = { rate_limits: [{ group: 'login', role: 'anonymous', limit, window_seconds: 60 }] };
      return a.ask('PUT', '/admin/rate-limits', { token, json });
    };
    expect((await set(2)).status).toBe(200);
    await waitFor(
      async () => {
        const { body } = await b.ask<RateLimitsBody>('GET', '/admin/rate-limits', { token });
        return body.rate_limits.find(({ group }) => group === 'login')?.limit === 2;
      },
      { deadlineMs: 5_000, what: 'the new limit' },
    );
    expect(await tryInTurn(3, '203.0.113.3')).toEqual([401, 401, 429]);
    expect((await set(5)).status).toBe(200);
  });

  it('let fewer through when Redis is lost, and never more', async () => {
    await redis.kill();
    const from = '203.0.113.4';
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      statuses.push((await a.tryLogIn('nobody@example.com', `guess ${attempt}`, from)).status);
    }
    expect(statuses).toEqual([401, 429, 429, 429]);
    expect((await a.ask('GET', '/health')).status).toBe(200);
  });

  it('keep passwords, tokens and hashes out of every field of their logs', async () => {
    const token = await b.logIn(ADMIN.email, ADMIN.password);
    expect((await b.ask('GET', `/auth/me?token=${token}`)).status).toBe(200);
    expect((await b.ask('GET', '/auth/me', { token: `${token}x` })).status).toBe(401);
    const password = encodeURIComponent(ADMIN.password);
    expect((await b.ask('POST', `/auth/login?password=${password}`, { json: {} })).status).toBe(422);
    for (const child of processes) {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    }
    for (const path of ['/auth/login', '/auth/change-password', '/auth/me']) expect(log).toContain(`"path":"${path}"`);
    const secrets = [...a.secrets, ...b.secrets, JWT_SECRET, token, password, ADMIN.password];
    expect(secrets.length).toBeGreaterThan(20);
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
    expect(log).not.toMatch(/\$argon2|eyJ[\w-]+\.eyJ/);
  });
});
