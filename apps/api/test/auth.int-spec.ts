import type {
  OwnAccountBody,
  PasswordChangedBody,
  ProblemBody,
  RefreshedTokenBody,
  RegisteredBody,
  SessionBody,
  UserListBody,
} from '@app/contracts';
import { UserRepository } from '@app/persistence';
import { JwtService } from '@nestjs/jwt';
import { createHmac, createSecretKey } from 'node:crypto';
import { startTestApi, type TestAnswer, type TestApi, TEST_SECRET } from './api-harness';

const PASSWORD = 'correct horse battery staple';
const JUST_NOW = Math.floor(Date.now() / 1_000);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Person {
  id: string;
  email: string;
}

describe('accounts', () => {
  let api: TestApi;
  let clients = 0;

  beforeAll(async () => {
    api = await startTestApi({ markets: 1, trustedProxies: ['127.0.0.1'] });
  });
  afterAll(() => api?.stop());

  /** Asks as a client nobody has heard of, so that no limit is met. */
  function send<T = ProblemBody>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer<T>> {
    clients += 1;
    const from = { 'x-forwarded-for': `10.0.${clients >> 8}.${clients & 255}` };
    return api.send<T>(method, path, body, { ...from, ...headers });
  }

  const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
  const formOf = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

  async function newPerson(): Promise<Person> {
    const email = `person-${clients + 1}@example.com`;
    const body = { email, password: PASSWORD, password_confirm: PASSWORD };
    const registered = await send<RegisteredBody>('POST', '/auth/register', body);
    expect(registered.status).toBe(201);
    return { id: registered.body.user_id, email };
  }

  async function logIn(email: string, password = PASSWORD): Promise<string> {
    const session = await send<SessionBody>('POST', '/auth/login', { email, password });
    expect(session.status).toBe(200);
    return session.body.access_token;
  }

  const statusOf = async (token: string): Promise<number> =>
    (await send('GET', '/auth/me', undefined, bearer(token))).status;

  async function countUsers(): Promise<number> {
    return (await api.app.get(UserRepository, { strict: false }).list({ page: 1, pageSize: 1 }, api.clock.now())).total;
  }

  function claimsOf(token: string): Record<string, unknown> {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  }

  it('registers an address once, in whatever case', async () => {
    const body = { email: ' Ann@Example.com ', password: PASSWORD, password_confirm: PASSWORD };
    const registered = await send<RegisteredBody>('POST', '/auth/register', body);
    expect(registered).toMatchObject({
      status: 201,
      body: { email: 'Ann@Example.com', message: expect.stringMatching(/\w/) },
    });
    expect(registered.body.user_id).toMatch(/^[0-9a-f-]{36}$/);
    const users = await countUsers();
    for (const email of ['ann@example.com', 'ANN@EXAMPLE.COM']) {
      const again = await send('POST', '/auth/register', { ...body, email });
      expect(again).toMatchObject({
        status: 409,
        body: { code: 'AUTH.EMAIL_TAKEN', errors: [{ field: 'email', message: expect.any(String) }] },
      });
    }
    expect(await countUsers()).toBe(users);
  });

  it('lets one of many who register an address at once have it', async () => {
    const users = await countUsers();
    const body = { email: 'wanted@example.com', password: PASSWORD, password_confirm: PASSWORD };
    const answers = await Promise.all(Array.from({ length: 6 }, () => send('POST', '/auth/register', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await countUsers()).toBe(users + 1);
  });

  it('logs in with the form and with JSON, for the same answer', async () => {
    const { id, email } = await newPerson();
    const fields = { grant_type: 'password', username: email.toUpperCase(), password: PASSWORD };
    const extra = { scope: '', client_id: 'a client', client_secret: '' };
    const byForm = await send<SessionBody>('POST', '/auth/token', formOf({ ...fields, ...extra }), FORM);
    const byJson = await send<SessionBody>('POST', '/auth/login', { email, password: PASSWORD });
    for (const answer of [byForm, byJson]) {
      expect(answer).toMatchObject({
        status: 200,
        body: { token_type: 'bearer', expires_in: 1_800, user_id: id, roles: ['user'] },
        headers: { 'cache-control': 'no-store' },
      });
      const claims = claimsOf(answer.body.access_token);
      expect(claims).toMatchObject({
        sub: id,
        roles: ['user'],
        ver: 1,
        iss: 'papertrading-pm',
        aud: 'papertrading-pm-api',
        jti: expect.any(String),
      });
      expect(Number(claims['exp']) - Number(claims['iat'])).toBe(1_800);
    }
    expect(claimsOf(byForm.body.access_token)['jti']).not.toBe(claimsOf(byJson.body.access_token)['jti']);
  });

  it('answers a wrong password, an unknown address and a disabled account alike', async () => {
    const { id, email } = await newPerson();
    const attempt = (address: string, password: string): Promise<TestAnswer<ProblemBody>> =>
      send('POST', '/auth/login', { email: address, password });
    const wrong = await attempt(email, 'not the password');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'AUTH.BAD_CREDENTIALS' } });
    expect((await attempt('nobody@example.com', 'not the password')).body).toEqual(wrong.body);
    const admin = await api.tokenFor({ id: 'root', role: 'admin' });
    await send('PATCH', `/admin/users/${id}`, { status: 'disabled' }, bearer(admin));
    expect((await attempt(email, PASSWORD)).body).toEqual(wrong.body);
  });

  it('tells whose a token is, by header or by query, the header winning', async () => {
    const { id, email } = await newPerson();
    const own = await logIn(email);
    const other = await logIn((await newPerson()).email);
    for (const answer of [
      await send<OwnAccountBody>('GET', '/auth/me', undefined, bearer(own)),
      await send<OwnAccountBody>('GET', `/auth/me?token=${own}`),
      await send<OwnAccountBody>('GET', `/auth/me?token=${other}`, undefined, bearer(own)),
    ]) {
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'no-store' },
        body: {
          id,
          email,
          role: 'user',
          roles: ['user'],
          status: 'active',
          created_at: expect.stringMatching(/Z$/),
          limits: { portfolios: 5, open_orders: 50, ws_subscriptions: 20, csv_export: false },
        },
      });
    }
  });

  it('gives a fresh token for a good one', async () => {
    const { email } = await newPerson();
    const token = await logIn(email);
    const refreshed = await send<RefreshedTokenBody>('POST', '/auth/refresh', undefined, bearer(token));
    expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 1_800 } });
    expect(claimsOf(refreshed.body.access_token)['jti']).not.toBe(claimsOf(token)['jti']);
    expect(await statusOf(refreshed.body.access_token)).toBe(200);
    expect((await send('POST', '/auth/refresh')).status).toBe(401);
  });

  it('gives fresh tokens for twelve hours after the login, and none that outlives them', async () => {
    const { id, email } = await newPerson();
    const loggedIn = (hoursAgo: number): Promise<string> =>
      new JwtService({ secret: createSecretKey(Buffer.from(TEST_SECRET)) }).signAsync(
        { ver: 1, auth_time: Math.floor(Date.now() / 1_000) - Math.round(hoursAgo * 3_600) },
        { subject: id, issuer: 'papertrading-pm', audience: 'papertrading-pm-api', expiresIn: 600 },
      );
    const refresh = (token: string): Promise<TestAnswer<RefreshedTokenBody>> =>
      send<RefreshedTokenBody>('POST', '/auth/refresh', undefined, bearer(token));

    const late = await refresh(await loggedIn(11.9));
    expect(late.status).toBe(200);
    expect(late.body.expires_in).toBeGreaterThan(0);
    expect(late.body.expires_in).toBeLessThanOrEqual(360);
    const { exp, iat, auth_time: since } = claimsOf(late.body.access_token);
    expect(Number(exp) - Number(iat)).toBe(late.body.expires_in);
    expect(Number(exp) - Number(since)).toBeLessThanOrEqual(12 * 3_600);

    const over = await loggedIn(12.1);
    expect(await statusOf(over)).toBe(200);
    expect(await send('POST', '/auth/refresh', undefined, bearer(over))).toMatchObject({
      status: 401,
      body: { code: 'AUTH.REQUIRED', detail: expect.stringContaining('log in again') },
    });
    expect((await refresh(await logIn(email))).body.expires_in).toBe(1_800);
  });

  it('ends every token from before a password change', async () => {
    const { id, email } = await newPerson();
    const [token, other] = [await logIn(email), await logIn(email)];
    const body = {
      current_password: PASSWORD,
      new_password: 'a newer staple for the horse',
      new_password_confirm: 'a newer staple for the horse',
    };
    const wrong = { ...body, current_password: 'not the password' };
    expect(await send('POST', '/auth/change-password', wrong, bearer(token))).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'current_password' }] },
    });
    expect(await statusOf(token)).toBe(200);
    const changed = await send<PasswordChangedBody>('POST', '/auth/change-password', body, bearer(token));
    expect(changed).toMatchObject({ status: 200, body: { user_id: id, email, message: expect.stringMatching(/\w/) } });
    for (const ended of [token, other]) {
      expect(await send('GET', '/auth/me', undefined, bearer(ended))).toMatchObject({
        status: 401,
        body: { code: 'AUTH.REQUIRED' },
        headers: { 'www-authenticate': 'Bearer' },
      });
      expect((await send('POST', '/auth/refresh', undefined, bearer(ended))).status).toBe(401);
    }
    expect((await send('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(401);
    expect(await statusOf(await logIn(email, body.new_password))).toBe(200);
  });

  describe('bad input', () => {
    const right = { email: 'somebody@example.com', password: PASSWORD, password_confirm: PASSWORD };
    const operator = { $gt: '' };
    const both = (password: string): object => ({ ...right, password, password_confirm: password });
    const nested = `{"a": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`;

    const expectRefused = async (asked: Promise<TestAnswer<ProblemBody>>, fields: string[]): Promise<void> => {
      const answer = await asked;
      expect(answer).toMatchObject({
        status: 422,
        contentType: 'application/problem+json; charset=utf-8',
        body: { code: 'REQUEST.UNACCEPTABLE' },
      });
      expect(answer.body.errors?.map(({ field }) => field)).toEqual(fields);
      for (const { message } of answer.body.errors ?? []) expect(message).toMatch(/^(?!.*Invalid input).*\w/);
    };

    it.each<[string, unknown, string[]]>([
      ['an address that is a number', { ...right, email: 5 }, ['email']],
      ['an address that is an operator', { ...right, email: operator }, ['email']],
      ['an address that is null', { ...right, email: null }, ['email']],
      ['an address that is a list', { ...right, email: ['somebody@example.com'] }, ['email']],
      ['no address', { password: PASSWORD, password_confirm: PASSWORD }, ['email']],
      ['an empty address', { ...right, email: '' }, ['email']],
      ['an address without a host', { ...right, email: 'somebody' }, ['email']],
      ['an address with two hosts', { ...right, email: 'somebody@example.com@example.com' }, ['email']],
      ['an address with a space', { ...right, email: 'some body@example.com' }, ['email']],
      ['an address with a line break', { ...right, email: 'somebody@example.com\r\nBcc: x@example.com' }, ['email']],
      ['an address with a NUL', { ...right, email: 'somebody\u0000@example.com' }, ['email']],
      ['an address in other letters', { ...right, email: 'sömebödy@example.com' }, ['email']],
      ['an over-long address', { ...right, email: `${'a'.repeat(250)}@example.com` }, ['email']],
      ['an address as long as a book', { ...right, email: 'a@'.repeat(100_000) }, ['email']],
      ['a password that is an operator', { ...right, password: operator }, ['password']],
      ['a password that is a number', { ...right, password: 12_345_678 }, ['password']],
      ['no password', { email: right.email }, ['password', 'password_confirm']],
      ['no repetition', { email: right.email, password: PASSWORD }, ['password_confirm']],
      ['a repetition that differs', { ...right, password_confirm: `${PASSWORD} ` }, ['password_confirm']],
      ['a password of seven characters', both('1234567'), ['password']],
      ['a password of 129 characters', both('x'.repeat(129)), ['password']],
      ['a password of too many bytes', both('\uFDFA'.repeat(64)), ['password']],
      ['a password of spaces', both(' '.repeat(12)), ['password']],
      ['a password that is the address', both('Somebody@example.com'), ['password']],
      ['a role', { ...right, role: 'admin' }, ['role']],
      ['two unknown fields', { ...right, is_admin: true, $where: '1' }, ['is_admin', '$where']],
      [
        'everything wrong',
        { email: 1, password: 2, password_confirm: 3, x: 4 },
        ['email', 'password', 'password_confirm', 'x'],
      ],
      ['a list', [right], ['body']],
      ['null', 'null', ['body']],
      ['text', '"email"', ['body']],
      ['nothing', undefined, ['body']],
    ])('registering with %s names the field and makes nobody', async (_what, body, fields) => {
      const users = await countUsers();
      await expectRefused(send('POST', '/auth/register', body), fields);
      expect(await countUsers()).toBe(users);
    });

    it.each<[string, unknown, string[]]>([
      ['no password', { email: right.email }, ['password']],
      ['an empty password', { email: right.email, password: '' }, ['password']],
      ['an endless password', { email: right.email, password: 'x'.repeat(1_025) }, ['password']],
      ['operators', { email: operator, password: operator }, ['email', 'password']],
      ['the form', { username: right.email, password: PASSWORD }, ['email', 'username']],
      ['no address', { email: 'nobody', password: PASSWORD }, ['email']],
    ])('logging in with %s names the field', async (_what, body, fields) => {
      await expectRefused(send('POST', '/auth/login', body), fields);
    });

    it.each([
      ['an address given twice', 'username=a@example.com&username=b@example.com&password=x', ['username']],
      ['a password given twice', 'username=a@example.com&password=x&password=y', ['password']],
      ['an ignored field given twice', 'username=a@example.com&password=x&scope=a&scope=b', ['scope']],
      ['an operator in brackets', 'username[$gt]=&password=x', ['username', 'username[$gt]']],
      ['no password', 'username=a@example.com', ['password']],
      ['another grant', 'grant_type=client_credentials&username=a@example.com&password=x', ['grant_type']],
      ['an unknown field', 'username=a@example.com&password=x&roles=admin', ['roles']],
      ['bad percent encoding', 'username=%E0%A4%A&password=%ZZ', ['username']],
      ['nothing', '', ['username', 'password']],
    ])('a form with %s names the field', async (_what, form, fields) => {
      await expectRefused(send('POST', '/auth/token', form, FORM), fields);
    });

    it.each<[string, object, string[]]>([
      ['an operator', { current_password: operator }, ['current_password']],
      ['a short one', { new_password: 'short', new_password_confirm: 'short' }, ['new_password']],
      ['spaces', { new_password: ' '.repeat(9), new_password_confirm: ' '.repeat(9) }, ['new_password']],
      ['an over-long one', { new_password: 'x'.repeat(129), new_password_confirm: 'x'.repeat(129) }, ['new_password']],
      ['a repetition that differs', { new_password_confirm: 'something else' }, ['new_password_confirm']],
      ['the same one', { new_password: PASSWORD, new_password_confirm: PASSWORD }, ['new_password']],
      ['an unknown field', { user_id: 'somebody else' }, ['user_id']],
    ])('changing the password with %s names the field and changes nothing', async (_what, change, fields) => {
      const { email } = await newPerson();
      const token = await logIn(email);
      const body = {
        current_password: PASSWORD,
        new_password: 'a newer staple for the horse',
        new_password_confirm: 'a newer staple for the horse',
        ...change,
      };
      await expectRefused(send('POST', '/auth/change-password', body, bearer(token)), fields);
      expect(await statusOf(token)).toBe(200);
      await logIn(email);
    });

    it.each([
      ['text that is no JSON', '{"email": ', 'application/json', 400],
      ['a prototype', '{"__proto__": {"role": "admin"}}', 'application/json', 400],
      ['nothing but a content type', '', 'application/json', 400],
      ['markup', '<email/>', 'application/xml', 415],
      ['too much', JSON.stringify({ email: 'x'.repeat(300_000) }), 'application/json', 413],
      ['too deep a nest', nested, 'application/json', 422],
    ])('a body that is %s is refused as such', async (_what, body, contentType, status) => {
      for (const path of ['/auth/register', '/auth/login', '/auth/token']) {
        const answer = await send('POST', path, body, { 'content-type': contentType });
        expect(answer).toMatchObject({
          status,
          contentType: 'application/problem+json; charset=utf-8',
          body: { status },
        });
      }
    });

    it.each(['/auth/register', '/auth/login', '/auth/token', '/auth/refresh'])(
      'POST %s takes nothing from the query, least of all a password',
      async (path) => {
        const token = await logIn((await newPerson()).email);
        const asked = send('POST', `${path}?password=${encodeURIComponent(PASSWORD)}`, undefined, bearer(token));
        await expectRefused(asked, ['password']);
      },
    );

    it('never repeats a password', async () => {
      const secret = 'a very secret thing';
      for (const [path, body] of [
        ['/auth/register', { email: 'nobody', password: secret, password_confirm: `${secret}!`, x: secret }],
        ['/auth/register', { email: secret, password: [secret], password_confirm: { secret } }],
        ['/auth/login', { email: 'nobody@example.com', password: secret }],
        ['/auth/login', { email: secret, password: secret }],
      ] as const) {
        const answer = await send('POST', path, body);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(JSON.stringify(answer)).not.toContain(secret);
      }
    });
  });

  describe('a token', () => {
    let person: Person;
    let good: string;

    beforeAll(async () => {
      person = await newPerson();
      good = await logIn(person.email);
    });

    const sign = (claims: object, options: object, secret = TEST_SECRET): Promise<string> =>
      new JwtService({ secret: createSecretKey(Buffer.from(secret)) }).signAsync(
        { auth_time: JUST_NOW, ...claims },
        {
          subject: person.id,
          issuer: 'papertrading-pm',
          audience: 'papertrading-pm-api',
          algorithm: 'HS256',
          expiresIn: 60,
          ...options,
        },
      );
    const byHand = (algorithm: 'none' | 'HS256', claims: object): string => {
      const parts = [{ alg: algorithm, typ: 'JWT' }, claims].map((part) => JSON.stringify(part));
      const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
      const signature = createHmac('sha256', TEST_SECRET).update(signed).digest('base64url');
      return `${signed}.${algorithm === 'none' ? '' : signature}`;
    };

    it('made by the rules is taken', async () => {
      expect(await statusOf(await sign({ ver: 1 }, {}))).toBe(200);
      expect(await statusOf(byHand('HS256', claimsOf(good)))).toBe(200);
    });

    it.each<[string, () => Promise<string> | string]>([
      ['without a signature', () => byHand('none', claimsOf(good))],
      ['with the signature cut off', () => good.slice(0, good.lastIndexOf('.') + 1)],
      ['signed with another secret', () => sign({ ver: 1 }, {}, 'another secret that is long enough to be one')],
      ['signed with another algorithm', () => sign({ ver: 1 }, { algorithm: 'HS512' })],
      ['for another audience', () => sign({ ver: 1 }, { audience: 'another-api' })],
      ['of another issuer', () => sign({ ver: 1 }, { issuer: 'somebody-else' })],
      ['expired by a second', () => sign({ ver: 1 }, { expiresIn: -1 })],
      ['not yet valid', () => sign({ ver: 1 }, { notBefore: 3_600 })],
      ['of an older version', () => sign({ ver: 0 }, {})],
      ['of a later version', () => sign({ ver: 2 }, {})],
      ['without a version', () => sign({}, {})],
      ['whose version is text', () => sign({ ver: '1' }, {})],
      ['that does not say when its bearer logged in', () => sign({ ver: 1, auth_time: undefined }, {})],
      ['whose login is no time', () => sign({ ver: 1, auth_time: '0' }, {})],
      ['of nobody we know', () => sign({ ver: 1 }, { subject: 'nobody' })],
      ['whose subject is an operator', () => byHand('HS256', { ...claimsOf(good), sub: { $gt: '' } })],
      ['that is no token', () => 'not.a.token'],
      ['that is endless', () => 'x'.repeat(7_000)],
    ])('%s is refused', async (_what, make) => {
      const token = await make();
      for (const answer of [
        await send('GET', '/auth/me', undefined, bearer(token)),
        await send('GET', `/auth/me?token=${token}`),
      ]) {
        expect(answer).toMatchObject({
          status: 401,
          contentType: 'application/problem+json; charset=utf-8',
          headers: { 'www-authenticate': 'Bearer' },
          body: { code: 'AUTH.REQUIRED' },
        });
        expect(JSON.stringify(answer.body)).not.toContain(token);
      }
    });

    it('given twice, or empty, is refused', async () => {
      expect((await send('GET', `/auth/me?token=${good}&token=${good}`)).status).toBe(401);
      expect((await send('GET', '/auth/me?token=')).status).toBe(401);
      expect((await send('GET', '/auth/me', undefined, { authorization: 'Bearer ' })).status).toBe(401);
    });

    it('gives no role because it says so', async () => {
      const token = await sign({ ver: 1, roles: ['user', 'premium_user', 'admin'] }, {});
      expect(await send('GET', '/admin/users', undefined, bearer(token))).toMatchObject({
        status: 403,
        body: { code: 'AUTH.FORBIDDEN' },
      });
    });
  });

  describe('every answer', () => {
    it('keeps browsers careful, and caches off what is personal', async () => {
      for (const path of ['/auth/me', '/auth/nothing', '/health', '/markets/top', '/docs']) {
        const { headers } = await send('GET', path);
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
          'x-request-id': expect.any(String),
        });
        expect(headers).not.toHaveProperty('x-powered-by');
        expect(headers['cache-control'] === 'no-store').toBe(path.startsWith('/auth') || path === '/health');
      }
    });

    it('asks for TLS where a trusted proxy says the client came with it', async () => {
      const { headers } = await send('GET', '/health', undefined, { 'x-forwarded-proto': 'https' });
      expect(headers['strict-transport-security']).toMatch(/^max-age=\d+/);
      expect((await send('GET', '/health')).headers).not.toHaveProperty('strict-transport-security');
    });

    it('carries the id it was asked under, in the audit log too', async () => {
      const { id, email } = await newPerson();
      const asked = await send('POST', '/auth/login', { email, password: PASSWORD }, { 'x-request-id': 'a-test:1' });
      expect(asked.headers['x-request-id']).toBe('a-test:1');
      const admin = bearer(await api.tokenFor({ id: 'root', role: 'admin' }));
      const path = `/admin/audit?user_id=${id}&action=user.login`;
      const { body } = await send<{ entries: { request_id: string; address: string }[] }>(
        'GET',
        path,
        undefined,
        admin,
      );
      expect(body.entries).toMatchObject([{ request_id: 'a-test:1', address: expect.stringMatching(/^10\.0\./) }]);
    });
  });

  it('is noted with the address of who asked, not with whatever else was written for one', async () => {
    const { id, email } = await newPerson();
    for (const written of ['192.0.2.44:5122', 'not an address']) {
      await send('POST', '/auth/login', { email, password: PASSWORD }, { 'x-forwarded-for': written });
    }
    const admin = bearer(await api.tokenFor({ id: 'root', role: 'admin' }));
    const path = `/admin/audit?user_id=${id}&action=user.login`;
    const { body } = await send<{ entries: { address: string }[] }>('GET', path, undefined, admin);
    expect(body.entries.map(({ address }) => address)).toEqual(['127.0.0.1', '192.0.2.44']);
  });

  it('can be found by admins, in whatever case', async () => {
    const { id, email } = await newPerson();
    const admin = bearer(await api.tokenFor({ id: 'root', role: 'admin' }));
    const path = `/admin/users?email=${encodeURIComponent(email.toUpperCase())}`;
    const { body } = await send<UserListBody>('GET', path, undefined, admin);
    expect(body).toMatchObject({ total: 1, users: [{ id, email, role: 'user', status: 'active' }] });
  });
});
