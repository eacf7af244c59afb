import { AccountsService, RateLimitPolicies } from '@app/accounts';
import type { ProblemBody } from '@app/contracts';
import type { RateLimit, Role } from '@app/domain';
import { RateLimitRepository } from '@app/persistence';
import { waitFor } from '@app/testing';
import { hasRedisServer, startTestRedis, type TestRedis } from '../../../libs/platform/test/redis-server';
import { AccessTokenService } from '../src';
import { startTestApi, type TestApi } from './api-harness';
import { LiveClient } from './live-client';

const LIMIT = 12;
const PASSWORD = 'correct horse battery';
const ACCOUNTS = { rateLimits: { loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: LIMIT } };
const ORIGIN = { address: null, requestId: 'a test' };

interface Asked {
  /** The address the connection comes from. */
  peer?: string;
  forwardedFor?: string;
  token?: string;
  body?: object;
  form?: Record<string, string>;
}

interface Answered {
  status: number;
  headers: Record<string, string | undefined>;
  body: ProblemBody;
}

interface Documented {
  paths: Record<
    string,
    Record<string, { 'x-rate-limit-group': string; responses: Record<string, { headers?: object }> }>
  >;
}

async function ask(api: TestApi, path: string, asked: Asked = {}): Promise<Answered> {
  const { peer = '203.0.113.1', forwardedFor, token, body, form } = asked;
  const payload = form === undefined ? body : new URLSearchParams(form).toString();
  const answer = await api.app.inject({
    method: payload === undefined ? 'GET' : 'POST',
    url: path,
    remoteAddress: peer,
    headers: {
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, value === undefined ? value : String(value)]),
    ),
    body: (isJson ? answer.json() : {}) as ProblemBody,
  };
}

/** Statuses of so many requests, one after the other. */
async function statuses(count: number, send: (index: number) => Promise<Answered>): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await send(index)).status);
  return seen;
}

function times(status: number, count: number): number[] {
  return Array.from({ length: count }, () => status);
}

async function tokenOf(api: TestApi, email: string, role: Role): Promise<string> {
  const accounts = api.app.get(AccountsService, { strict: false });
  const { account } = await accounts.provision({ email, password: PASSWORD, role }, ORIGIN);
  return api.app.get(AccessTokenService, { strict: false }).issue(account);
}

const wrongLogin = (api: TestApi, peer: string): Promise<Answered> =>
  ask(api, '/auth/login', { peer, body: { email: 'someone@example.com', password: 'not the password' } });

describe('request limits', () => {
  let api: TestApi;
  let addresses = 0;

  beforeAll(async () => {
    api = await startTestApi({ markets: 5, accounts: ACCOUNTS, trustedProxies: ['10.0.0.0/8', 'fd00::/8'] });
  });
  afterAll(() => api?.stop());

  /** An address nobody has asked from yet. */
  const newAddress = (): string => `198.51.100.${(addresses += 1)}`;

  it('counts a connection of /ws/live, and each market it has fetched from the venue, but none that is known', async () => {
    const client = await LiveClient.connect(api.url, await api.tokenFor({ id: 'watcher', role: 'user' }));
    const [known] = await api.storeListedMarkets();
    const unknown = Array.from({ length: LIMIT }, (_, number) => `nobody-knows-${number}`);
    await client.subscribe({ market_ids: [...unknown, known?.slug] });
    const refusals = client.all('error').filter(({ code }) => code === 'REQUEST.TOO_MANY');
    expect(refusals).toMatchObject([{ message: expect.stringMatching(/ in \d+ s\.$/) }]);
    expect(unknown).toContain(refusals[0]?.market_id);
    await client.close();
  });

  it('counts markets that begin to be followed by themselves, over /ws/live and by polling together; what is watched here already is free', async () => {
    const fresh = await api.venue.addMarkets(2);
    const [market, polled] = (await api.storeListedMarkets()).filter(({ slug }) => fresh.includes(slug));
    const [token = '', pollersToken = ''] = await Promise.all(
      ['flipper', 'poller'].map((id) => api.tokenFor({ id, role: 'user' })),
    );
    const client = await LiveClient.connect(api.url, token);
    const flip = async (): Promise<void> => {
      await client.subscribe({ market_ids: [market?.slug], channels: ['trades'] });
      client.send({ action: 'unsubscribe', market_ids: [market?.slug] });
      await client.next('unsubscribed');
    };
    for (let times = 0; times < LIMIT; times += 1) await flip();
    expect(client.all('error')).toEqual([]);
    await flip();
    expect(client.all('error')).toMatchObject([
      { code: 'REQUEST.TOO_MANY', market_id: market?.slug, message: expect.stringMatching(/markets.* in \d+ s\.$/) },
    ]);
    const start = (): Promise<{ status: number; headers: Record<string, string> }> =>
      api.post(`/market-stream/start/${polled?.clobTokenIds[0]}`, undefined, { authorization: `Bearer ${token}` });
    const refused = await start();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);

    const other = await LiveClient.connect(api.url, pollersToken);
    await other.subscribe({ market_ids: [market?.slug], channels: ['trades'] });
    for (let times = 0; times < 3; times += 1) {
      expect((await client.subscribe({ market_ids: [market?.slug], channels: ['trades'] })).market_ids).toHaveLength(1);
      client.send({ action: 'unsubscribe', market_ids: [market?.slug] });
      await client.next('unsubscribed');
    }
    api.clock.advance(60_000);
    expect((await start()).status).toBe(200);
    await Promise.all([client.close(), other.close()]);
  });

  it('counts down, refuses one too many in words, and lets in again when it said', async () => {
    const peer = newAddress();
    for (let left = LIMIT - 1; left >= 0; left -= 1) {
      const { status, headers } = await ask(api, '/markets/top', { peer });
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'ratelimit-limit': String(LIMIT), 'ratelimit-remaining': String(left) });
      expect(Number(headers['ratelimit-reset'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['ratelimit-reset'])).toBeLessThanOrEqual(60);
    }
    const refused = await ask(api, '/markets/top', { peer });
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'ratelimit-limit': String(LIMIT),
      'ratelimit-remaining': '0',
      'ratelimit-reset': refused.headers['retry-after'],
    });
    expect(refused.body).toMatchObject({
      status: 429,
      code: 'REQUEST.TOO_MANY',
      instance: '/markets/top',
      detail: expect.stringContaining(
        `${LIMIT} in 60 s are allowed. Try again in ${refused.headers['retry-after']} s.`,
      ),
    });
    api.clock.advance(Number(refused.headers['retry-after']) * 1000);
    expect((await ask(api, '/markets/top', { peer })).status).toBe(200);
  });

  it('counts all routes together, and says what is left on errors too', async () => {
    const peer = newAddress();
    expect((await ask(api, '/markets/stats', { peer })).headers['ratelimit-remaining']).toBe(String(LIMIT - 1));
    const bad = await ask(api, '/markets?page=0', { peer });
    expect(bad.status).toBe(422);
    expect(bad.headers['ratelimit-remaining']).toBe(String(LIMIT - 2));
    const closed = await ask(api, '/auth/me', { peer });
    expect(closed.status).toBe(401);
    expect(closed.headers['ratelimit-remaining']).toBe(String(LIMIT - 3));
  });

  it('never refuses probes and scrapers', async () => {
    const peer = newAddress();
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      const answer = await ask(api, path, { peer });
      expect(answer.headers['ratelimit-limit']).toBeUndefined();
      expect(await statuses(LIMIT + 1, () => ask(api, path, { peer }))).toEqual(times(answer.status, LIMIT + 1));
      expect(answer.status).not.toBe(429);
    }
  });

  it('counts a user wherever they are, by their role, and nobody else with them', async () => {
    const peer = newAddress();
    const [user, other, premium, admin] = await Promise.all([
      tokenOf(api, 'user@example.com', 'user'),
      tokenOf(api, 'other@example.com', 'user'),
      tokenOf(api, 'premium@example.com', 'premium_user'),
      tokenOf(api, 'admin@example.com', 'admin'),
    ]);
    const spread = await statuses(LIMIT + 1, () => ask(api, '/markets/top', { peer: newAddress(), token: user }));
    expect(spread).toEqual([...times(200, LIMIT), 429]);
    expect((await ask(api, '/markets/top', { peer, token: user })).body.detail).toContain('this account');
    expect((await ask(api, '/markets/top', { peer, token: other })).status).toBe(200);
    expect((await ask(api, '/markets/top', { peer })).headers['ratelimit-remaining']).toBe(String(LIMIT - 1));
    for (const token of [premium, admin]) {
      expect((await ask(api, '/markets/top', { peer, token })).headers['ratelimit-limit']).toBe(String(6 * LIMIT));
    }
    expect((await ask(api, `/markets/top?token=${user}`, { peer })).status).toBe(429);
  });

  it('counts a token that is no good by its address', async () => {
    const peer = newAddress();
    const tokens = ['nonsense', await tokenOf(api, 'short@example.com', 'premium_user').then((one) => `${one}x`)];
    const seen = await statuses(LIMIT + 1, (index) =>
      ask(api, '/markets/top', { peer, token: tokens[index % 2] ?? '' }),
    );
    expect(seen).toEqual([...times(200, LIMIT), 429]);
  });

  it('stops guessing at 5 logins a minute from one address, whichever way they are sent and whoever sends them', async () => {
    const peer = newAddress();
    const token = await tokenOf(api, 'known@example.com', 'premium_user');
    const form = { username: 'known@example.com', password: 'not the password' };
    const right = { email: 'known@example.com', password: PASSWORD };
    const seen = await statuses(5, (index) =>
      index % 2 === 0 ? wrongLogin(api, peer) : ask(api, '/auth/token', { peer, form, token }),
    );
    expect(seen).toEqual(times(401, 5));
    for (const sixth of [
      await ask(api, '/auth/login', { peer, body: right }),
      await ask(api, '/auth/login', { peer, body: right, token }),
      await ask(api, '/auth/token', { peer, form }),
    ]) {
      expect(sixth.status).toBe(429);
      expect(sixth.body.code).toBe('AUTH.TOO_MANY_ATTEMPTS');
      expect(Number(sixth.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(sixth.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '0' });
    }
    expect((await ask(api, '/auth/login', { peer: newAddress(), body: right })).status).toBe(200);
    expect((await ask(api, '/markets/top', { peer })).status).toBe(200);
    api.clock.advance(60_000);
    expect((await ask(api, '/auth/login', { peer, body: right })).status).toBe(200);
  });

  it('stops registering at 10 a minute from one address', async () => {
    const peer = newAddress();
    const register = (): Promise<Answered> => ask(api, '/auth/register', { peer, body: { email: 'not an address' } });
    expect(await statuses(11, register)).toEqual([...times(422, 10), 429]);
    expect((await wrongLogin(api, peer)).status).toBe(401);
  });

  it('takes no word of a stranger for their address', async () => {
    const peer = newAddress();
    const seen = await statuses(LIMIT + 1, (index) =>
      ask(api, '/markets/top', { peer, forwardedFor: `192.0.2.${index}, 10.0.0.${index}` }),
    );
    expect(seen).toEqual([...times(200, LIMIT), 429]);
  });

  it('takes the word of trusted proxies, over several hops, and of nobody behind them', async () => {
    const left = async (peer: string, forwardedFor: string): Promise<number> =>
      Number((await ask(api, '/markets/top', { peer, forwardedFor })).headers['ratelimit-remaining']);
    const client = newAddress();
    expect(await left('10.0.0.1', client)).toBe(LIMIT - 1);
    expect(await left('10.0.0.2', `${client}, 10.9.9.9`)).toBe(LIMIT - 2);
    expect(await left('fd00::2', `${client}, 10.9.9.9, 10.0.0.1`)).toBe(LIMIT - 3);
    expect(await left('10.0.0.1', `192.0.2.77, ${client}`)).toBe(LIMIT - 4);
    expect(await left('10.0.0.1', `10.3.3.3, ${client}, 10.9.9.9`)).toBe(LIMIT - 5);
    expect(await left('10.0.0.1', `${client}:51234`)).toBe(LIMIT - 6);
    expect(await left(client, '192.0.2.78')).toBe(LIMIT - 7);
    expect(await left('::ffff:10.0.0.1', client)).toBe(LIMIT - 8);
    expect(await left('10.0.0.1', newAddress())).toBe(LIMIT - 1);
  });

  it('takes an IPv6 network of 64 bits for one client', async () => {
    const seen = await statuses(LIMIT + 1, (index) => ask(api, '/markets/top', { peer: `2001:db8:1:2::${index + 1}` }));
    expect(seen).toEqual([...times(200, LIMIT), 429]);
    expect((await ask(api, '/markets/top', { peer: '2001:db8:1:3::1' })).status).toBe(200);
  });

  it('follows a policy at once where it was changed, and soon where it was not', async () => {
    const peer = newAddress();
    const limitNow = async (): Promise<string | undefined> =>
      (await ask(api, '/markets/top', { peer })).headers['ratelimit-limit'];
    const policies = api.app.get(RateLimitPolicies, { strict: false });
    const admin = { id: null, email: 'a test' };
    const changed = (limit: number): RateLimit[] => [{ group: 'api', role: 'anonymous', limit, windowSeconds: 60 }];
    expect(await limitNow()).toBe(String(LIMIT));
    await policies.update(admin, changed(7), ORIGIN);
    expect(await limitNow()).toBe('7');
    // What another instance would write.
    await api.app.get(RateLimitRepository, { strict: false }).replaceMany(changed(9), null, api.clock.now());
    await waitFor(async () => (await limitNow()) === '9', { what: 'the new limit' });
    await policies.update(admin, changed(LIMIT), ORIGIN);
  });

  it('documents of each route its group, the headers that say what is left, and the answer to one too many', async () => {
    const { paths } = (await api.get<Documented>('/docs-json')).body;
    const left = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];
    const groups = new Map<string, string[]>();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses, 'x-rate-limit-group': group }] of Object.entries(methods)) {
        const route = `${method.toUpperCase()} ${path}`;
        groups.set(group, [...(groups.get(group) ?? []), route]);
        const good = Object.keys(responses).find((status) => status.startsWith('2')) ?? '';
        const expected = group === 'none' ? [] : left;
        expect([route, Object.keys(responses[good]?.headers ?? {})]).toEqual([route, expect.arrayContaining(expected)]);
        expect([route, Object.keys(responses['429']?.headers ?? {})]).toEqual([
          route,
          group === 'none' ? [] : ['Retry-After', ...left],
        ]);
      }
    }
    expect(groups.get('none')?.sort()).toEqual([
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
    ]);
    expect(groups.get('login')?.sort()).toEqual(['POST /auth/login', 'POST /auth/token']);
    expect(groups.get('register')).toEqual(['POST /auth/register']);
    expect([...groups.keys()].sort()).toEqual(['api', 'login', 'none', 'register']);
  });
});

const redisLane = hasRedisServer() ? describe : describe.skip;

redisLane('request limits on Redis', () => {
  let redis: TestRedis;
  let api: TestApi;

  beforeAll(async () => {
    redis = await startTestRedis();
    api = await startTestApi({ markets: 5, accounts: ACCOUNTS, redis: { REDIS_URL: redis.url } });
  });
  afterAll(async () => {
    await api?.stop();
    await redis?.stop();
  });

  it('closes further when Redis is lost, and never opens', async () => {
    expect(await statuses(3, () => wrongLogin(api, '203.0.113.7'))).toEqual(times(401, 3));
    await redis.kill();
    const seen = await statuses(6, () => wrongLogin(api, '203.0.113.7'));
    expect(seen).toEqual([401, ...times(429, 5)]);
    const registered = await statuses(6, () =>
      ask(api, '/auth/register', { peer: '203.0.113.7', body: { email: 'not an address' } }),
    );
    expect(registered).toEqual([422, 422, ...times(429, 4)]);
    const markets = await statuses(LIMIT + 1, () => ask(api, '/markets/top', { peer: '203.0.113.7' }));
    expect(markets).toEqual([...times(200, LIMIT), 429]);
    const { status, headers } = await ask(api, '/auth/login', { peer: '203.0.113.8', body: {} });
    expect(status).toBe(422);
    expect(headers).toMatchObject({ 'ratelimit-limit': '1', 'ratelimit-remaining': '0' });
  });
});
