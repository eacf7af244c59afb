import { startTestApi, type TestApi } from './api-harness';

const PASSWORD = 'correct horse battery staple';

/** A server that the whole run shares cannot be taken away. */
const ownStore = process.env['MONGO_URI'] || process.env['TEST_STORE_URI'] ? describe.skip : describe;

ownStore('accounts without their database', () => {
  let api: TestApi;
  let authorization: string;

  beforeAll(async () => {
    api = await startTestApi({ markets: 1, storeTimeoutMs: 250 });
    authorization = `Bearer ${await api.tokenFor({ id: 'root', role: 'admin' })}`;
    await api.loseStore();
  });
  afterAll(() => api?.stop());

  it.each<[string, string, unknown]>([
    ['POST', '/auth/login', { email: 'ann@example.com', password: PASSWORD }],
    ['POST', '/auth/register', { email: 'ann@example.com', password: PASSWORD, password_confirm: PASSWORD }],
    ['GET', '/auth/me', undefined],
    ['GET', '/admin/users', undefined],
    ['PUT', '/admin/settings', { role_limits: { user: { portfolios: 6 } } }],
  ])('%s %s says when to try again, and lets nobody in', async (method, path, body) => {
    const answer = await api.send(method, path, body, { authorization });
    expect(answer).toMatchObject({
      status: 503,
      contentType: 'application/problem+json; charset=utf-8',
      headers: { 'retry-after': '5' },
      body: { code: 'STORE.UNAVAILABLE' },
    });
  });

  it('still tells a token that is no good', async () => {
    expect((await api.get('/auth/me', { authorization: `${authorization}x` })).status).toBe(401);
    expect((await api.get('/auth/me')).status).toBe(401);
  });
});
