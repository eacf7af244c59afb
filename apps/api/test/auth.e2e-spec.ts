import type { OwnAccountBody, RateLimitsBody } from '@app/contracts';
import { databaseConnection, openConnection, UserRepository } from '@app/persistence';
import { builtApp, startTestStore, type TestStore } from '@app/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StandaloneProcess } from '../../standalone/test/standalone-process';
import { AuthClient, claimsOf, forgeToken } from './auth-client';
import { LiveClient } from './live-client';

const NOWHERE = 'http://127.0.0.1:9';
const JWT_SECRET = 'a secret that is only ever used in tests';
const ADMIN = { email: 'Admin@Example.com', password: 'admin password of the test' };
const LOCKED_AFTER = 10;

interface UserList {
  users: { id: string; email: string; role: string; status: string; failed_attempts: number }[];
  total: number;
}
interface AuditList {
  entries: { action: string; actor_id: string | null; subject_id: string | null; address: string | null }[];
  total: number;
}

/** Nobody stands before this process but the tests, which play the trusted proxy of many clients. */
describe('accounts, over HTTP on the built app without Redis', () => {
  let folder: string;
  let store: TestStore;
  let server: StandaloneProcess;
  let client: AuthClient;
  let admin: string;
  let people = 0;

  /** An account of its own for one test. */
  async function newPerson(
    role: 'user' | 'premium_user' = 'user',
  ): Promise<{ id: string; email: string; password: string }> {
    people += 1;
    const [email, password] = [`person-${people}@example.com`, `password of person ${people}`];
    const id = await client.register(email, password);
    if (role !== 'user') {
      const changed = await client.ask('PATCH', `/admin/users/${id}`, { token: admin, json: { role } });
      expect(changed.status).toBe(200);
    }
    return { id, email, password };
  }

  const statusOf = async (token: string): Promise<number> => (await client.ask('GET', '/auth/me', { token })).status;

  async function auditOf(userId: string): Promise<string[]> {
    const { body } = await client.ask<AuditList>('GET', `/admin/audit?user_id=${userId}&page_size=100`, {
      token: admin,
    });
    return body.entries.map(({ action }) => action);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papertrading-auth-'));
    store = await startTestStore();
    await promisify(execFile)(process.execPath, [builtApp('api'), 'admin:create', '--email', ADMIN.email], {
      env: {
        PATH: process.env['PATH'],
        ...store.environment,
        ADMIN_PASSWORD: ADMIN.password,
        PASSWORD_HASH_MEMORY_KIB: '1024',
      },
    });
    server = StandaloneProcess.start('start', {
      DATA_DIR: folder,
      ...store.environment,
      GAMMA_URL: NOWHERE,
      CLOB_URL: NOWHERE,
      DATA_URL: NOWHERE,
      JWT_SECRET_KEY: JWT_SECRET,
      TRUSTED_PROXIES: '127.0.0.1',
      PASSWORD_HASH_MEMORY_KIB: '1024',
      LOG_LEVEL: 'trace',
    });
    await server.untilReady();
    client = new AuthClient(server.url);
    client.secrets.add(JWT_SECRET);
    admin = await client.logIn(ADMIN.email, ADMIN.password);
  });

  afterAll(async () => {
    await server?.kill('SIGKILL');
    await store?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe('the story of an account', () => {
    it('registers, logs in by form and by JSON, says whose the token is, and refreshes it', async () => {
      const registered = await client.ask<{ user_id: string; email: string }>('POST', '/auth/register', {
        json: {
          email: 'Ann@Example.com',
          password: 'correct horse battery',
          password_confirm: 'correct horse battery',
        },
      });
      client.secrets.add('correct horse battery');
      expect(registered).toMatchObject({
        status: 201,
        body: { email: 'Ann@Example.com', message: expect.any(String) },
      });

      const form = new URLSearchParams({
        grant_type: 'password',
        username: 'ann@example.com',
        password: 'correct horse battery',
      });
      const byForm = await client.ask<{ access_token: string }>('POST', '/auth/token', { form: form.toString() });
      expect(byForm).toMatchObject({
        status: 200,
        headers: { 'cache-control': expect.stringContaining('no-store') },
        body: { token_type: 'bearer', expires_in: 1800, user_id: registered.body.user_id, roles: ['user'] },
      });
      client.secrets.add(byForm.body.access_token);
      const byJson = await client.logIn('ANN@example.com', 'correct horse battery');

      const me = await client.ask<OwnAccountBody>('GET', `/auth/me?token=${byJson}`);
      expect(me).toMatchObject({
        status: 200,
        body: {
          id: registered.body.user_id,
          email: 'Ann@Example.com',
          role: 'user',
          roles: ['user'],
          status: 'active',
          limits: { portfolios: 5, open_orders: 50, ws_subscriptions: 20, csv_export: false },
        },
      });

      const refreshed = await client.ask<{ access_token: string }>('POST', '/auth/refresh', { token: byJson });
      expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 1800 } });
      expect(await statusOf(refreshed.body.access_token)).toBe(200);
      expect(await auditOf(registered.body.user_id)).toEqual(['user.login', 'user.login', 'user.registered']);
    });

    it('has one account for an address in whatever case', async () => {
      const { email, password } = await newPerson();
      const json = { email: ` ${email.toUpperCase()} `, password, password_confirm: password };
      const again = await client.ask('POST', '/auth/register', { json });
      expect(again).toMatchObject({ status: 409, body: { code: 'AUTH.EMAIL_TAKEN' } });
    });

    it('answers an unknown address and a wrong password alike', async () => {
      const { email } = await newPerson();
      const wrong = await client.tryLogIn(email, 'a guess of somebody');
      const unknown = await client.tryLogIn('nobody@example.com', 'a guess of somebody');
      expect(wrong).toMatchObject({ status: 401, body: { code: 'AUTH.BAD_CREDENTIALS' } });
      expect(unknown.body).toEqual(wrong.body);
    });

    it('ends every older token when the password changes', async () => {
      const { email, password } = await newPerson();
      const [older, other] = [await client.logIn(email, password), await client.logIn(email, password)];
      const change = (current: string): Promise<{ status: number }> =>
        client.ask('POST', '/auth/change-password', {
          token: older,
          json: {
            current_password: current,
            new_password: 'another password of theirs',
            new_password_confirm: 'another password of theirs',
          },
        });
      client.secrets.add('another password of theirs');
      expect((await change('a guess of somebody')).status).toBeGreaterThanOrEqual(400);
      expect(await statusOf(older)).toBe(200);
      expect((await change(password)).status).toBe(200);
      expect([await statusOf(older), await statusOf(other)]).toEqual([401, 401]);
      expect((await client.ask('POST', '/auth/refresh', { token: other })).status).toBe(401);
      expect((await client.tryLogIn(email, password)).status).toBe(401);
      expect(await statusOf(await client.logIn(email, 'another password of theirs'))).toBe(200);
    });

    it('ends older tokens when the role changes, and lets the new role in', async () => {
      const { id, email, password } = await newPerson();
      const before = await client.logIn(email, password);
      const promoted = await client.ask('PATCH', `/admin/users/${id}`, {
        token: admin,
        json: { role: 'premium_user' },
      });
      expect(promoted).toMatchObject({ status: 200, body: { role: 'premium_user' } });
      expect(await statusOf(before)).toBe(401);
      const me = await client.ask<OwnAccountBody>('GET', '/auth/me', { token: await client.logIn(email, password) });
      expect(me.body).toMatchObject({ roles: ['user', 'premium_user'], limits: { portfolios: 50, csv_export: true } });
      expect(await auditOf(id)).toContain('user.role_changed');
    });

    it('closes a disabled account at once, tokens and log in alike', async () => {
      const { id, email, password } = await newPerson();
      const token = await client.logIn(email, password);
      const disabled = await client.ask('PATCH', `/admin/users/${id}`, { token: admin, json: { status: 'disabled' } });
      expect(disabled.status).toBe(200);
      expect(await statusOf(token)).toBe(401);
      const refused = await client.tryLogIn(email, password);
      expect(refused).toMatchObject({ status: 401, body: { code: 'AUTH.BAD_CREDENTIALS' } });
      await client.ask('PATCH', `/admin/users/${id}`, { token: admin, json: { status: 'active' } });
      expect(await statusOf(token)).toBe(401);
      expect(await statusOf(await client.logIn(email, password))).toBe(200);
    });

    it('ends tokens at once when another process on the same databases ends them', async () => {
      const { id, email, password } = await newPerson();
      const token = await client.logIn(email, password);
      const connection = await openConnection(store);
      try {
        const users = new UserRepository(databaseConnection(connection, 'auth_db', store.databasePrefix));
        expect(await statusOf(token)).toBe(200);
        await users.update(id, { role: 'premium_user' }, { endTokens: true }, new Date());
        expect(await statusOf(token)).toBe(401);
      } finally {
        await connection.close();
      }
    });

    it('gives accounts the limits an admin sets, and notes who set them', async () => {
      const { email, password } = await newPerson();
      const token = await client.logIn(email, password);
      const set = (portfolios: number): Promise<{ status: number }> =>
        client.ask('PUT', '/admin/settings', { token: admin, json: { role_limits: { user: { portfolios } } } });
      expect((await set(7)).status).toBe(200);
      expect((await client.ask<OwnAccountBody>('GET', '/auth/me', { token })).body.limits).toMatchObject({
        portfolios: 7,
        open_orders: 50,
      });
      expect((await set(5)).status).toBe(200);
      const { body } = await client.ask<AuditList>('GET', '/admin/audit?action=settings.changed', { token: admin });
      expect(body.entries).toMatchObject(
        Array(2).fill({ actor_id: claimsOf(admin)['sub'], address: expect.stringMatching(/^10\./) }),
      );
    });

    it('keeps an admin', async () => {
      const { body } = await client.ask<UserList>('GET', '/admin/users?role=admin', { token: admin });
      expect(body.users).toMatchObject([{ email: ADMIN.email }]);
      for (const json of [{ role: 'user' }, { status: 'disabled' }]) {
        const refused = await client.ask('PATCH', `/admin/users/${body.users[0]?.id}`, { token: admin, json });
        expect(refused.status).toBe(409);
      }
      expect(await statusOf(admin)).toBe(200);
    });
  });

  describe('guessing', () => {
    it('locks after ten failures from ten addresses, says nothing of a right password, and an admin unlocks', async () => {
      const { id, email, password } = await newPerson();
      const token = await client.logIn(email, password);
      const wrong = await client.tryLogIn(email, 'guess number 1');
      for (let attempt = 2; attempt <= LOCKED_AFTER; attempt += 1)
        await client.tryLogIn(email, `guess number ${attempt}`);
      const right = await client.tryLogIn(email, password);
      expect(right.status).toBe(401);
      expect(right.body).toEqual(wrong.body);
      const { body: locked } = await client.ask<UserList>('GET', `/admin/users?email=${email}`, { token: admin });
      expect(locked.users).toMatchObject([{ id, status: 'locked', failed_attempts: LOCKED_AFTER }]);
      // Whoever guesses does not throw out the owner.
      expect(await statusOf(token)).toBe(200);

      const unlocked = await client.ask('PATCH', `/admin/users/${id}`, { token: admin, json: { unlock: true } });
      expect(unlocked).toMatchObject({ status: 200, body: { status: 'active', failed_attempts: 0 } });
      expect((await client.tryLogIn(email, password)).status).toBe(200);
      const audit = await auditOf(id);
      expect(audit.filter((action) => action === 'user.login_failed').length).toBeGreaterThanOrEqual(LOCKED_AFTER);
      expect(audit).toEqual(expect.arrayContaining(['user.locked', 'user.unlocked', 'user.login']));
    });

    it('counts failures of many logins at once, to the last one', async () => {
      const { email } = await newPerson();
      const attempts = Array.from({ length: LOCKED_AFTER - 1 }, (_, index) =>
        client.tryLogIn(email, `at once ${index}`),
      );
      expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(attempts.map(() => 401));
      const { body } = await client.ask<UserList>('GET', `/admin/users?email=${email}`, { token: admin });
      expect(body.users).toMatchObject([{ status: 'active', failed_attempts: LOCKED_AFTER - 1 }]);
    });

    it('refuses the sixth login a minute from one address, right or wrong, and no other address', async () => {
      const { email, password } = await newPerson();
      const from = client.newAddress();
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const answer = await client.tryLogIn(email, attempt === 1 ? password : 'a guess of somebody', from);
        expect(answer.status).toBe(attempt === 1 ? 200 : 401);
        expect(answer.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': String(5 - attempt) });
      }
      const sixth = await client.tryLogIn(email, password, from);
      expect(sixth).toMatchObject({ status: 429, body: { code: 'AUTH.TOO_MANY_ATTEMPTS' } });
      const wait = Number(sixth.headers['retry-after']);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      const byForm = new URLSearchParams({ username: email, password }).toString();
      expect((await client.ask('POST', '/auth/token', { form: byForm, from })).status).toBe(429);
      expect((await client.tryLogIn(email, password)).status).toBe(200);
    });

    it('refuses the eleventh registration a minute from one address', async () => {
      const from = client.newAddress();
      const register = (index: number): Promise<{ status: number }> =>
        client.ask('POST', '/auth/register', {
          from,
          json: { email: `many-${index}@example.com`, password: 'short', password_confirm: 'short' },
        });
      for (let index = 1; index <= 10; index += 1) expect((await register(index)).status).toBe(422);
      expect((await register(11)).status).toBe(429);
    });

    it('counts requests by account, by the policy an admin set', async () => {
      const premium = await newPerson('premium_user');
      const token = await client.logIn(premium.email, premium.password);
      const { body: before } = await client.ask<RateLimitsBody>('GET', '/admin/rate-limits', { token: admin });
      const policy = before.rate_limits.find(({ group, role }) => group === 'api' && role === 'premium_user');
      const set = (limit: number): Promise<{ status: number }> =>
        client.ask('PUT', '/admin/rate-limits', { token: admin, json: { rate_limits: [{ ...policy, limit }] } });
      expect((await set(2)).status).toBe(200);
      const statuses = [];
      for (let request = 1; request <= 3; request += 1) statuses.push(await statusOf(token));
      expect(statuses).toEqual([200, 200, 429]);
      expect((await set(policy?.limit ?? 0)).status).toBe(200);
      expect(await statusOf(token)).toBe(200);
      const { body: audit } = await client.ask<AuditList>('GET', '/admin/audit?action=rate_limits.changed', {
        token: admin,
      });
      expect(audit.total).toBe(2);
    });
  });

  describe('what only admins may do', () => {
    const routes: [method: string, path: string, json: unknown, admitted: number[]][] = [
      ['GET', '/admin/users', undefined, [200]],
      ['PATCH', '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', { unlock: true }, [404]],
      ['GET', '/admin/settings', undefined, [200]],
      ['PUT', '/admin/settings', {}, [422]],
      ['GET', '/admin/rate-limits', undefined, [200]],
      ['PUT', '/admin/rate-limits', {}, [422]],
      ['GET', '/admin/audit', undefined, [200]],
      ['POST', '/markets/admin/refresh?mode=full', undefined, [202, 409]],
      ['GET', '/markets/admin/refresh', undefined, [200]],
      ['GET', '/markets/admin/refresh/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', undefined, [404]],
    ];
    const tokens: Record<'user' | 'premium_user', string> = { user: '', premium_user: '' };

    beforeAll(async () => {
      for (const role of ['user', 'premium_user'] as const) {
        const { email, password } = await newPerson(role);
        tokens[role] = await client.logIn(email, password);
      }
    });

    it.each(routes)('%s %s', async (method, path, json, admitted) => {
      const ask = async (token?: string): Promise<number> =>
        (await client.ask(method, path, { json, ...(token === undefined ? {} : { token }) })).status;
      expect(await ask()).toBe(401);
      expect(await ask(tokens.user)).toBe(403);
      expect(await ask(tokens.premium_user)).toBe(403);
      expect(admitted).toContain(await ask(admin));
    });
  });

  describe('bad input', () => {
    const right = { email: 'somebody@example.com', password: 'a fine password', password_confirm: 'a fine password' };
    const operator = { $gt: '' };

    it.each<[what: string, json: unknown, fields: string[]]>([
      ['a number for an address', { ...right, email: 5 }, ['email']],
      ['an operator for an address', { ...right, email: operator }, ['email']],
      ['an operator for a password', { ...right, password: operator }, ['password']],
      ['a list for a password', { ...right, password: ['a fine password'] }, ['password']],
      ['no address', { ...right, email: undefined }, ['email']],
      ['no password', { email: right.email }, ['password', 'password_confirm']],
      ['no repetition', { ...right, password_confirm: undefined }, ['password_confirm']],
      ['an unknown field', { ...right, role: 'admin' }, ['role']],
      ['an address that is none', { ...right, email: 'somebody at example.com' }, ['email']],
      ['an address with a line break', { ...right, email: 'somebody@example.com\r\nBcc: x@example.com' }, ['email']],
      ['an over-long address', { ...right, email: `${'a'.repeat(250)}@example.com` }, ['email']],
      ['seven characters', { ...right, password: '1234567', password_confirm: '1234567' }, ['password']],
      ['129 characters', { ...right, password: 'x'.repeat(129), password_confirm: 'x'.repeat(129) }, ['password']],
      ['too many bytes', { ...right, password: 'ﷺ'.repeat(40), password_confirm: 'ﷺ'.repeat(40) }, ['password']],
      ['only spaces', { ...right, password: ' '.repeat(12), password_confirm: ' '.repeat(12) }, ['password']],
      ['another repetition', { ...right, password_confirm: 'another password' }, ['password_confirm']],
    ])('registering with %s', async (_what, json, fields) => {
      const answer = await client.ask('POST', '/auth/register', { json });
      expect(answer.status).toBe(422);
      expect(answer.body.errors?.map(({ field }) => field)).toEqual(expect.arrayContaining(fields));
    });

    it.each([
      ['text that is no JSON', '/auth/register', { type: 'application/json', text: '{"email": ' }, 400],
      ['a list', '/auth/login', { type: 'application/json', text: '[]' }, 422],
      ['text of another type', '/auth/login', { type: 'application/xml', text: '<email>x</email>' }, 415],
      [
        'an endless body',
        '/auth/login',
        { type: 'application/json', text: JSON.stringify({ email: 'x'.repeat(300_000) }) },
        413,
      ],
    ])('a body that is %s', async (_what, path, raw, status) => {
      expect((await client.ask('POST', path, { raw })).status).toBe(status);
    });

    it.each([
      ['a field given twice', 'username=a@example.com&username=b@example.com&password=a+fine+password', 'username'],
      ['a password given twice', 'username=a@example.com&password=one+password&password=two+password', 'password'],
      ['an operator in brackets', 'username[$gt]=&password=a+fine+password', 'username'],
      ['no password', 'username=a@example.com', 'password'],
      ['another grant', 'grant_type=client_credentials&username=a@example.com&password=a+fine+password', 'grant_type'],
      ['an unknown field', 'username=a@example.com&password=a+fine+password&roles=admin', 'roles'],
    ])('a form with %s', async (_what, form, field) => {
      const answer = await client.ask('POST', '/auth/token', { form });
      expect(answer.status).toBe(422);
      expect(answer.body.errors?.map((problem) => problem.field)).toContain(field);
    });

    it.each([
      ['PATCH', '/admin/users/not-an-id', { role: 'user' }, 'id'],
      ['PATCH', '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', { role: 'king' }, 'role'],
      ['PATCH', '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', { role: { $ne: 'user' } }, 'role'],
      ['PATCH', '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', { status: 'locked' }, 'status'],
      ['GET', '/admin/users?page_size=1000', undefined, 'page_size'],
      ['GET', '/admin/users?email[$gt]=', undefined, 'email[$gt]'],
      ['GET', '/admin/audit?from=yesterday', undefined, 'from'],
      ['GET', '/admin/audit?action=everything', undefined, 'action'],
    ])('%s %s', async (method, path, json, field) => {
      const answer = await client.ask(method, path, { token: admin, json });
      expect(answer.status).toBe(422);
      expect(answer.body.errors?.map((problem) => problem.field)).toContain(field);
    });

    it('makes no account of any of it', async () => {
      for (const email of [right.email, 'a@example.com', 'b@example.com']) {
        const { body } = await client.ask<UserList>('GET', `/admin/users?email=${email}`, { token: admin });
        expect(body.total).toBe(0);
      }
    });
  });

  describe('tokens nobody gave', () => {
    it('takes none of another kind, secret, issuer, audience or time', async () => {
      const { email, password } = await newPerson();
      const token = await client.logIn(email, password);
      const claims = claimsOf(token);
      const now = Math.floor(Date.now() / 1000);
      const ours = { secret: JWT_SECRET };
      expect(await statusOf(forgeToken(claims, ours))).toBe(200);
      const forged = {
        'no signature': forgeToken(claims, { ...ours, algorithm: 'none' }),
        'another algorithm': forgeToken(claims, { ...ours, algorithm: 'HS512' }),
        'another secret': forgeToken(claims, { secret: 'another secret that is long enough to be one' }),
        'another audience': forgeToken({ ...claims, aud: 'another-api' }, ours),
        'another issuer': forgeToken({ ...claims, iss: 'somebody-else' }, ours),
        'expired by a second': forgeToken({ ...claims, exp: now - 1 }, ours),
        'another account': forgeToken({ ...claims, sub: 'nobody' }, ours),
        'an older version': forgeToken({ ...claims, ver: Number(claims['ver']) - 1 }, ours),
        'a later version': forgeToken({ ...claims, ver: Number(claims['ver']) + 1 }, ours),
        'no version': forgeToken({ ...claims, ver: undefined }, ours),
        'another role, signed by nobody': `${token.split('.')[0]}.${Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url')}.${token.split('.')[2]}`,
        'something else': 'not-a-token',
      };
      const found = await Promise.all(
        Object.entries(forged).map(async ([what, one]) => {
          const answer = await client.ask('GET', '/auth/me', { token: one });
          return [what, answer.status, answer.body.code, answer.headers['www-authenticate']];
        }),
      );
      expect(found).toEqual(Object.keys(forged).map((what) => [what, 401, 'AUTH.REQUIRED', 'Bearer']));
    });

    it('gives no role to a token that only says so', async () => {
      const { email, password } = await newPerson();
      const claims = claimsOf(await client.logIn(email, password));
      const token = forgeToken({ ...claims, roles: ['user', 'premium_user', 'admin'] }, { secret: JWT_SECRET });
      expect((await client.ask('GET', '/admin/users', { token })).status).toBe(403);
    });
  });

  it('answers with headers that keep browsers careful', async () => {
    const { headers } = await client.ask('GET', '/auth/me');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    const docs = await fetch(`${server.url}/docs`);
    expect(docs.status).toBe(200);
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('lets connections of /ws/live in by a token, and ends them with the password it was given for', async () => {
    await client.register('wes@example.com', 'the password of wes');
    const token = await client.logIn('wes@example.com', 'the password of wes');
    const live = await LiveClient.connect(server.url, token);
    const stranger = LiveClient.open(server.url, `${token}x`);
    expect((await stranger.ended()).code).toBe(1008);
    client.secrets.add('the next one of wes');
    const changed = await client.ask('POST', '/auth/change-password', {
      token,
      json: {
        current_password: 'the password of wes',
        new_password: 'the next one of wes',
        new_password_confirm: 'the next one of wes',
      },
    });
    expect(changed.status).toBe(200);
    expect(await live.ended()).toEqual({ code: 1008, reason: 'The access token no longer counts; log in again.' });
    expect((await LiveClient.open(server.url, token).ended()).code).toBe(1008);
  });

  it('keeps passwords, tokens and hashes out of its log, its errors and its metrics', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const { output } = await server.kill('SIGTERM');
    for (const seen of ['/auth/login', '/auth/change-password', '/auth/me']) expect(output).toContain(seen);
    expect(client.secrets.size).toBeGreaterThan(40);
    expect(client.answers.length).toBeGreaterThan(60);
    const searched = { log: output, errors: client.answers.join('\n'), metrics };
    for (const [where, text] of Object.entries(searched)) {
      const found = [...client.secrets].filter((secret) => text.includes(secret));
      expect({ where, found }).toEqual({ where, found: [] });
      expect(text).not.toMatch(/\$argon2|eyJ[\w-]+\.eyJ/);
    }
  });
});
