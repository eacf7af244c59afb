import type {
  AuditListBody,
  OwnAccountBody,
  ProblemBody,
  RateLimitBody,
  RateLimitsBody,
  SessionBody,
  SettingsBody,
  UserBody,
  UserListBody,
} from '@app/contracts';
import { AccountsService } from '@app/accounts';
import type { Role } from '@app/domain';
import { newId } from '@app/platform';
import { startTestApi, type TestAnswer, type TestApi } from './api-harness';

const PASSWORD = 'correct horse battery staple';
const LOCKED_AFTER = 3;
const LOCK_MINUTES = 30;
const NOBODY = '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';

type Headers = Record<string, string>;

describe('the admin routes', () => {
  let api: TestApi;
  let admin: Headers;
  let adminId: string;
  let people = 0;

  beforeAll(async () => {
    const lockout = { threshold: LOCKED_AFTER, durationMinutes: LOCK_MINUTES };
    api = await startTestApi({ markets: 1, accounts: { lockout } });
    adminId = (await newPerson('admin')).id;
    admin = await headersOf(adminId, 'admin');
  });
  afterAll(() => api?.stop());

  const headersOf = async (id: string, role: Role): Promise<Headers> => ({
    authorization: `Bearer ${await api.tokenFor({ id, role })}`,
  });

  async function newPerson(role: Role = 'user'): Promise<{ id: string; email: string }> {
    people += 1;
    const email = `${role}-${people}@example.com`;
    const accounts = api.app.get(AccountsService, { strict: false });
    const origin = { address: null, requestId: 'a test' };
    const { account } = await accounts.provision({ email, password: PASSWORD, role }, origin);
    return { id: account.id, email };
  }

  const logIn = (email: string, password = PASSWORD): Promise<TestAnswer<SessionBody & ProblemBody>> =>
    api.post('/auth/login', { email, password });

  async function tokenOf(email: string): Promise<Headers> {
    return { authorization: `Bearer ${(await logIn(email)).body.access_token}` };
  }

  const change = <T = UserBody>(id: string, body: object, headers = admin): Promise<TestAnswer<T>> =>
    api.send<T>('PATCH', `/admin/users/${id}`, body, headers);

  const statusOf = async (headers: Headers): Promise<number> => (await api.get('/auth/me', headers)).status;

  async function actionsOn(userId: string): Promise<string[]> {
    const { body } = await api.get<AuditListBody>(`/admin/audit?user_id=${userId}&page_size=100`, admin);
    return body.entries.map(({ action }) => action);
  }

  const expectRefused = async (asked: Promise<TestAnswer<ProblemBody>>, ...fields: string[]): Promise<void> => {
    const answer = await asked;
    expect(answer).toMatchObject({ status: 422, contentType: 'application/problem+json; charset=utf-8' });
    expect(answer.body.errors?.map(({ field }) => field)).toEqual(fields);
  };

  describe('are for admins', () => {
    const bearers: Record<'nobody' | 'user' | 'premium_user' | 'admin', Headers> = {
      nobody: {},
      user: {},
      premium_user: {},
      admin: {},
    };

    beforeAll(async () => {
      bearers.user = await headersOf(newId(), 'user');
      bearers.premium_user = await headersOf(newId(), 'premium_user');
      bearers.admin = admin;
    });

    const routes: [method: string, path: string, body: unknown, allowed: number][] = [
      ['GET', '/admin/users', undefined, 200],
      ['PATCH', NOBODY, { unlock: true }, 404],
      ['GET', '/admin/settings', undefined, 200],
      ['PUT', '/admin/settings', { role_limits: {} }, 200],
      ['GET', '/admin/rate-limits', undefined, 200],
      ['PUT', '/admin/rate-limits', { rate_limits: [] }, 422],
      ['GET', '/admin/audit', undefined, 200],
      ['POST', '/markets/admin/refresh', undefined, 202],
      ['GET', '/markets/admin/refresh', undefined, 200],
      ['GET', '/markets/admin/refresh/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10', undefined, 404],
    ];

    it('all of them', async () => {
      const { paths } = (await api.get<{ paths: Record<string, object> }>('/docs-json')).body;
      const documented = Object.entries(paths)
        .filter(([path]) => path.split('/').includes('admin'))
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
      const tried = routes.map(([method, path]) => `${method} ${path}`.replace(/[\da-f]{8}-[\da-f-]{27}$/, '{id}'));
      expect(tried.sort()).toEqual(documented.map((route) => route.replace(/\{\w+\}$/, '{id}')).sort());
    });

    it.each(routes)('%s %s', async (method, path, body, allowed) => {
      const asked = await Promise.all(
        Object.values(bearers).map((headers) => api.send<ProblemBody>(method, path, body, headers)),
      );
      expect(asked.map(({ status }) => status)).toEqual([401, 403, 403, allowed]);
      expect(asked.slice(0, 3).map((answer) => answer.body.code)).toEqual([
        'AUTH.REQUIRED',
        'AUTH.FORBIDDEN',
        'AUTH.FORBIDDEN',
      ]);
      for (const { headers } of asked) expect(headers).toHaveProperty('cache-control', 'no-store');
    });

    it('and the own account is for everybody with one', async () => {
      expect(await Promise.all(Object.values(bearers).map(statusOf))).toEqual([401, 200, 200, 200]);
    });
  });

  describe('of accounts', () => {
    it('list them by role, status and address, in pages', async () => {
      const person = await newPerson('premium_user');
      const read = async (query: string): Promise<UserListBody> =>
        (await api.get<UserListBody>(`/admin/users?${query}`, admin)).body;
      const all = await read('page_size=100');
      expect(all.total).toBe(all.users.length);
      const first = await read('page_size=2');
      const second = await read('page_size=2&page=2');
      expect([...first.users, ...second.users]).toEqual(all.users.slice(0, 4));
      expect(first).toMatchObject({ page: 1, page_size: 2, has_next: true, has_prev: false });
      const premium = await read('role=premium_user&status=active&page_size=100');
      expect(new Set(premium.users.map(({ role }) => role))).toEqual(new Set(['premium_user']));
      expect(await read(`email=${person.email.toUpperCase()}`)).toMatchObject({ total: 1, users: [{ id: person.id }] });
      expect(await read('email=nobody@example.com')).toMatchObject({ total: 0, users: [], total_pages: 0 });
      expect(JSON.stringify(all)).not.toMatch(/password|hash|argon2/);
    });

    it('change a role, which ends older tokens, once however often it is asked', async () => {
      const { id, email } = await newPerson();
      const before = await tokenOf(email);
      expect(await statusOf(before)).toBe(200);
      expect(await change(id, { role: 'premium_user' })).toMatchObject({ status: 200, body: { role: 'premium_user' } });
      expect(await statusOf(before)).toBe(401);
      const after = await tokenOf(email);
      expect((await api.get<OwnAccountBody>('/auth/me', after)).body).toMatchObject({
        roles: ['user', 'premium_user'],
        limits: { portfolios: 50, open_orders: 1_000, csv_export: true },
      });
      expect((await change(id, { role: 'premium_user' })).status).toBe(200);
      expect(await statusOf(after)).toBe(200);
      expect((await actionsOn(id)).filter((action) => action === 'user.role_changed')).toHaveLength(1);
    });

    it('close an account at once, and open it again', async () => {
      const { id, email } = await newPerson();
      const token = await tokenOf(email);
      expect(await change(id, { status: 'disabled' })).toMatchObject({ status: 200, body: { status: 'disabled' } });
      expect(await statusOf(token)).toBe(401);
      expect((await logIn(email)).status).toBe(401);
      const disabled = await api.get<UserListBody>('/admin/users?status=disabled&page_size=100', admin);
      expect(disabled.body.users.map((user) => user.id)).toContain(id);
      expect(await change(id, { status: 'active' })).toMatchObject({ status: 200, body: { status: 'active' } });
      expect(await statusOf(token)).toBe(401);
      expect(await statusOf(await tokenOf(email))).toBe(200);
      expect(await actionsOn(id)).toEqual(expect.arrayContaining(['user.status_changed', 'user.login_failed']));
    });

    it('unlock an account whose password was guessed at, which tells nobody that a guess was right', async () => {
      const { id, email } = await newPerson();
      const token = await tokenOf(email);
      const wrong = await logIn(email, 'guess 1');
      for (let guess = 2; guess <= LOCKED_AFTER; guess += 1) await logIn(email, `guess ${guess}`);
      const right = await logIn(email);
      expect([right.status, right.body]).toEqual([401, wrong.body]);
      const locked = await api.get<UserListBody>('/admin/users?status=locked', admin);
      expect(locked.body.users).toMatchObject([
        { id, failed_attempts: LOCKED_AFTER, locked_until: expect.any(String) },
      ]);
      // Whoever guesses does not throw out the owner.
      expect(await statusOf(token)).toBe(200);
      expect(await change(id, { unlock: true })).toMatchObject({
        status: 200,
        body: { status: 'active', failed_attempts: 0, locked_until: null },
      });
      expect((await logIn(email)).status).toBe(200);
      expect(await actionsOn(id)).toEqual(expect.arrayContaining(['user.locked', 'user.unlocked']));
    });

    it('leave a lock to run out', async () => {
      const { email } = await newPerson();
      for (let guess = 1; guess <= LOCKED_AFTER; guess += 1) await logIn(email, `guess ${guess}`);
      expect((await logIn(email)).status).toBe(401);
      api.clock.advance(LOCK_MINUTES * 60_000);
      expect((await logIn(email)).status).toBe(200);
    });

    it('keep an active admin, and nobody from closing the own account', async () => {
      const admins = (await api.get<UserListBody>('/admin/users?role=admin&page_size=100', admin)).body.users;
      for (const { id } of admins.filter((one) => one.id !== adminId)) await change(id, { role: 'user' });
      expect(await change(adminId, { status: 'disabled' })).toMatchObject({
        status: 409,
        body: { code: 'USER.OWN_ACCOUNT' },
      });
      expect(await change(adminId, { role: 'user' })).toMatchObject({ status: 409, body: { code: 'USER.LAST_ADMIN' } });
      expect(await statusOf(admin)).toBe(200);
    });

    it.each<[unknown, string[]]>([
      [{ role: 'king' }, ['role']],
      [{ role: { $ne: 'user' } }, ['role']],
      [{ role: ['admin'] }, ['role']],
      [{ status: 'locked' }, ['status']],
      [{ status: 1 }, ['status']],
      [{ unlock: false }, ['unlock']],
      [{ unlock: 'true' }, ['unlock']],
      [{ email: 'x@example.com', unlock: true }, ['email']],
      [{ $set: { role: 'admin' } }, ['$set', 'role', 'status', 'unlock']],
      [{}, ['role', 'status', 'unlock']],
      [[], ['body']],
    ])('refuse a change to %j and change nothing', async (body, fields) => {
      const { id } = await newPerson();
      await expectRefused(api.send('PATCH', `/admin/users/${id}`, body, admin), ...fields);
      expect(await actionsOn(id)).toEqual(['user.created']);
    });

    it.each([
      ['users/not-an-id', 'id'],
      ['users/%24ne', 'id'],
      [`users/${'0'.repeat(500)}`, 'id'],
    ])('refuse PATCH /admin/%s', async (path, field) => {
      await expectRefused(api.send('PATCH', `/admin/${path}`, { unlock: true }, admin), field);
    });

    it('know nobody of another id', async () => {
      expect(await api.send('PATCH', NOBODY, { role: 'user' }, admin)).toMatchObject({
        status: 404,
        body: { code: 'USER.NOT_FOUND' },
      });
    });

    it.each([
      ['role=king', 'role'],
      ['role=user&role=admin', 'role'],
      ['role[$ne]=user', 'role[$ne]'],
      ['status=asleep', 'status'],
      ['email=nobody', 'email'],
      ['email[$gt]=', 'email[$gt]'],
      ['page=0', 'page'],
      ['page_size=101', 'page_size'],
      ['password=x', 'password'],
    ])('refuse GET /admin/users?%s', async (query, field) => {
      await expectRefused(api.get(`/admin/users?${query}`, admin), field);
    });
  });

  describe('of settings', () => {
    const read = async (): Promise<SettingsBody> => (await api.get<SettingsBody>('/admin/settings', admin)).body;
    const set = <T = SettingsBody>(roleLimits: unknown): Promise<TestAnswer<T>> =>
      api.send<T>('PUT', '/admin/settings', { role_limits: roleLimits }, admin);

    it('set what is named, for accounts from then on, and leave the rest', async () => {
      const before = await read();
      const { email } = await newPerson();
      const token = await tokenOf(email);
      const changed = await set({ user: { portfolios: 7, csv_export: true } });
      const expected = {
        ...before,
        role_limits: { ...before.role_limits, user: { ...before.role_limits.user, portfolios: 7, csv_export: true } },
      };
      expect(changed).toMatchObject({ status: 200, body: expected });
      expect(await read()).toEqual(expected);
      expect((await api.get<OwnAccountBody>('/auth/me', token)).body.limits).toEqual(expected.role_limits.user);
      const { user, premium_user: premium, admin: most } = expected.role_limits;
      expect((await api.get('/auth/roles')).body).toEqual({
        roles: [
          { role: 'user', limits: user },
          { role: 'premium_user', limits: premium },
          { role: 'admin', limits: most },
        ],
      });
      expect(await set(before.role_limits)).toMatchObject({ status: 200, body: before });
      const { body } = await api.get<AuditListBody>('/admin/audit?action=settings.changed', admin);
      expect(body.entries).toHaveLength(4);
      expect(body.entries).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ actor_id: adminId, detail: { name: 'user.portfolios', from: 5, to: 7 } }),
        ]),
      );
    });

    it('set when accounts are locked, and for how long, from then on', async () => {
      const before = await read();
      expect(before.lockout).toEqual({ threshold: LOCKED_AFTER, duration_minutes: LOCK_MINUTES });
      const setLockout = (lockout: object): Promise<TestAnswer<SettingsBody>> =>
        api.send<SettingsBody>('PUT', '/admin/settings', { lockout }, admin);
      const changed = await setLockout({ threshold: 1, duration_minutes: 5 });
      expect(changed).toMatchObject({
        status: 200,
        body: { ...before, lockout: { threshold: 1, duration_minutes: 5 } },
      });
      const { email } = await newPerson();
      await logIn(email, 'guess 1');
      expect((await logIn(email)).status).toBe(401);
      api.clock.advance(5 * 60_000);
      expect((await logIn(email)).status).toBe(200);
      expect((await setLockout(before.lockout)).body).toEqual(before);
      const { body } = await api.get<AuditListBody>('/admin/audit?action=settings.changed&page_size=4', admin);
      expect(body.entries.map(({ detail }) => detail)).toEqual(
        expect.arrayContaining([
          { name: 'lockout.threshold', from: LOCKED_AFTER, to: 1 },
          { name: 'lockout.duration_minutes', from: LOCK_MINUTES, to: 5 },
        ]),
      );
    });

    it('set the requests a minute as the rate limit of the role', async () => {
      const { requests_per_minute: before } = (await read()).role_limits.premium_user;
      expect((await set({ premium_user: { requests_per_minute: 1_234 } })).status).toBe(200);
      const { body } = await api.get<RateLimitsBody>('/admin/rate-limits', admin);
      expect(body.rate_limits).toContainEqual({ group: 'api', role: 'premium_user', limit: 1_234, window_seconds: 60 });
      expect((await set({ premium_user: { requests_per_minute: before } })).status).toBe(200);
    });

    it.each<[unknown, string[]]>([
      [{ role_limits: { user: { portfolios: -1 } } }, ['role_limits.user.portfolios']],
      [{ role_limits: { user: { portfolios: 1.5 } } }, ['role_limits.user.portfolios']],
      [{ role_limits: { user: { portfolios: '5' } } }, ['role_limits.user.portfolios']],
      [{ role_limits: { user: { portfolios: { $inc: 1 } } } }, ['role_limits.user.portfolios']],
      [{ role_limits: { user: { requests_per_minute: 0 } } }, ['role_limits.user.requests_per_minute']],
      [{ role_limits: { admin: { csv_export: 'yes' } } }, ['role_limits.admin.csv_export']],
      [{ role_limits: { user: { wealth: 1 } } }, ['role_limits.user.wealth']],
      [{ role_limits: { king: { portfolios: 1 } } }, ['role_limits.king']],
      [{ role_limits: { user: 5 } }, ['role_limits.user']],
      [{ role_limits: [] }, ['role_limits']],
      [{ lockout: { threshold: 0 } }, ['lockout.threshold']],
      [{ lockout: { duration_minutes: { $inc: 1 } } }, ['lockout.duration_minutes']],
      [{ lockout: { threshold: 5, seconds: 1 } }, ['lockout.seconds']],
      [{ lockout: 10 }, ['lockout']],
      [{}, ['role_limits', 'lockout']],
      [{ role_limits: {}, limits: {} }, ['limits']],
      [[], ['body']],
    ])('refuse %j and set nothing', async (body, fields) => {
      const before = await read();
      await expectRefused(api.send('PUT', '/admin/settings', body, admin), ...fields);
      expect(await read()).toEqual(before);
    });
  });

  describe('of rate limits', () => {
    const read = async (): Promise<RateLimitBody[]> =>
      (await api.get<RateLimitsBody>('/admin/rate-limits', admin)).body.rate_limits;
    const set = <T = RateLimitsBody>(limits: unknown): Promise<TestAnswer<T>> =>
      api.send<T>('PUT', '/admin/rate-limits', { rate_limits: limits }, admin);

    it('set what is named, at once, and leave the rest', async () => {
      const before = await read();
      const changed = await set([{ group: 'login', role: 'anonymous', limit: 90_000, window_seconds: 30 }]);
      expect(changed.status).toBe(200);
      expect(changed.body.rate_limits).toHaveLength(before.length);
      expect(await read()).toContainEqual({ group: 'login', role: 'anonymous', limit: 90_000, window_seconds: 30 });
      expect((await logIn('nobody@example.com')).headers['ratelimit-limit']).toBe('90000');
      expect((await set(before)).body.rate_limits).toEqual(before);
      const { body } = await api.get<AuditListBody>('/admin/audit?action=rate_limits.changed&page_size=100', admin);
      expect(body.entries.map(({ detail }) => detail)).toContainEqual({
        name: 'login:anonymous',
        limit: 90_000,
        window_seconds: 30,
        from_limit: 100_000,
        from_window_seconds: 60,
      });
    });

    const fine = { group: 'api', role: 'user', limit: 100_000, window_seconds: 60 };

    it.each<[unknown, string[]]>([
      [{ rate_limits: [{ ...fine, limit: 0 }] }, ['rate_limits.0.limit']],
      [{ rate_limits: [fine, { ...fine, role: 'admin', limit: 1e9 }] }, ['rate_limits.1.limit']],
      [{ rate_limits: [{ ...fine, window_seconds: 0.5 }] }, ['rate_limits.0.window_seconds']],
      [{ rate_limits: [{ ...fine, window_seconds: '60' }] }, ['rate_limits.0.window_seconds']],
      [{ rate_limits: [{ ...fine, group: 'trades' }] }, ['rate_limits.0.group']],
      [{ rate_limits: [{ ...fine, role: { $gt: '' } }] }, ['rate_limits.0.role']],
      [{ rate_limits: [{ group: 'api', role: 'user' }] }, ['rate_limits.0.limit', 'rate_limits.0.window_seconds']],
      [{ rate_limits: [{ ...fine, burst: 5 }] }, ['rate_limits.0.burst']],
      [{ rate_limits: [fine, fine] }, ['rate_limits.1']],
      [{ rate_limits: [{ ...fine, group: 'login' }] }, ['rate_limits.0']],
      [{ rate_limits: ['api:user'] }, ['rate_limits.0']],
      [{ rate_limits: [] }, ['rate_limits']],
      [{ rate_limits: Array.from({ length: 1_000 }, () => fine) }, ['rate_limits']],
      [{ rate_limits: { 0: fine } }, ['rate_limits']],
      [{}, ['rate_limits']],
    ])('refuse %j and set nothing', async (body, fields) => {
      const before = await read();
      await expectRefused(api.send('PUT', '/admin/rate-limits', body, admin), ...fields);
      expect(await read()).toEqual(before);
    });
  });

  describe('of the audit log', () => {
    const read = async (query: string): Promise<AuditListBody> =>
      (await api.get<AuditListBody>(`/admin/audit?${query}`, admin)).body;

    it('tell who did what, when and from where, the latest first', async () => {
      const { id, email } = await newPerson();
      const start = api.clock.now();
      await logIn(email);
      await logIn(email, 'not the password');
      api.clock.advance(60_000);
      const later = api.clock.now();
      await change(id, { role: 'premium_user' });

      const mine = await read(`user_id=${id}`);
      expect(mine.entries.map(({ action }) => action)).toEqual([
        'user.role_changed',
        'user.login_failed',
        'user.login',
        'user.created',
      ]);
      expect(mine.entries[0]).toMatchObject({
        actor_id: adminId,
        actor_email: expect.stringContaining('@example.com'),
        subject_id: id,
        address: '127.0.0.1',
        detail: { from: 'user', to: 'premium_user' },
      });
      expect((await read(`user_id=${id}&action=user.login_failed`)).total).toBe(1);
      const between = `from=${start.toISOString()}&to=${later.toISOString()}`;
      expect((await read(`user_id=${id}&${between}`)).entries.map(({ action }) => action)).toEqual([
        'user.login_failed',
        'user.login',
      ]);
      const pages = [await read(`user_id=${id}&page_size=3`), await read(`user_id=${id}&page_size=3&page=2`)];
      expect(pages.flatMap(({ entries }) => entries)).toEqual(mine.entries);
      expect(pages[0]).toMatchObject({ total: 4, total_pages: 2, has_next: true });
      expect(await read('user_id=nobody')).toMatchObject({ total: 0, entries: [] });
      expect(JSON.stringify(await read('page_size=100'))).not.toMatch(/not the password|argon2|eyJ/);
    });

    it('keep an address nobody has, and nothing else that was typed for one', async () => {
      await logIn('unknown@example.com');
      const { body } = await api.get<AuditListBody>('/admin/audit?action=user.login_failed&page_size=1', admin);
      expect(body.entries).toMatchObject([{ actor_id: null, actor_email: 'unknown@example.com', subject_id: null }]);
    });

    it.each([
      ['action=everything', 'action'],
      ['action=user.login&action=user.locked', 'action'],
      ['user_id=', 'user_id'],
      [`user_id=${'x'.repeat(200)}`, 'user_id'],
      ['user_id[$ne]=x', 'user_id[$ne]'],
      ['from=yesterday', 'from'],
      ['to=1770000000', 'to'],
      ['from=2026-02-02&to=2026-02-01', 'from'],
      ['page=0', 'page'],
      ['page_size=1e3', 'page_size'],
      ['since=2026-01-01', 'since'],
    ])('refuse ?%s', async (query, field) => {
      await expectRefused(api.get(`/admin/audit?${query}`, admin), field);
    });
  });
});
