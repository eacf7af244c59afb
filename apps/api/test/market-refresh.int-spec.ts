import type {
  AuditListBody,
  MarketRefreshAcceptedBody,
  MarketRefreshJobBody,
  MarketRefreshListBody,
} from '@app/contracts';
import { JobRunRepository, SyncStateRepository } from '@app/persistence';
import { createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Role } from '@app/domain';
import { startTestApi, TEST_SECRET, type TestApi } from './api-harness';

const REFRESH = '/markets/admin/refresh';

describe('refreshing on demand', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ markets: 5 });
  });
  afterAll(() => api?.stop());

  const bearer = async (role: Role): Promise<{ authorization: string }> => ({
    authorization: `Bearer ${await api.tokenFor({ id: `${role}-1`, role })}`,
  });
  const later = (ms: number): Date => new Date(api.clock.now().getTime() + ms);

  it('queues a job, tells its progress and frees the way when it is done', async () => {
    const headers = await bearer('admin');
    const accepted = await api.post<MarketRefreshAcceptedBody>(
      `${REFRESH}?mode=full&limit=50&active_only=true`,
      undefined,
      headers,
    );
    expect(accepted.status).toBe(202);
    const { job_id: jobId, status_url: statusUrl } = accepted.body;
    expect(statusUrl).toBe(`${REFRESH}/${jobId}`);
    expect((await api.get<MarketRefreshJobBody>(statusUrl, headers)).body).toMatchObject({
      job_id: jobId,
      mode: 'full',
      limit: 50,
      active_only: true,
      state: 'queued',
      requested_by: 'admin-1',
      started_at: null,
    });

    const again = await api.post(`${REFRESH}?mode=full`, undefined, headers);
    expect(again).toMatchObject({ status: 409, body: { code: 'JOB.ALREADY_RUNNING' } });
    expect(again.body.detail).toContain(jobId);

    const jobs = api.app.get(JobRunRepository, { strict: false });
    await jobs.claimNext('worker-1', later(60_000), api.clock.now());
    const progress = { fetched: 40, written: 30, unchanged: 10, failed: 0, percent: 80 };
    await jobs.progress(jobId, 'worker-1', progress, later(60_000), api.clock.now());
    expect((await api.get<MarketRefreshJobBody>(statusUrl, headers)).body).toMatchObject({
      state: 'running',
      progress,
    });
    expect((await api.post(`${REFRESH}?mode=full`, undefined, headers)).status).toBe(409);

    await jobs.finish(jobId, 'worker-1', { state: 'completed', progress, lastError: null }, api.clock.now());
    expect((await api.get<MarketRefreshJobBody>(statusUrl, headers)).body.state).toBe('completed');
    expect((await api.post(`${REFRESH}?mode=full`, undefined, headers)).status).toBe(202);
  });

  it('lists what was asked for, the latest first', async () => {
    const headers = await bearer('admin');
    const whole = (await api.get<MarketRefreshListBody>(REFRESH, headers)).body;
    expect(whole.jobs.map(({ state, mode, limit }) => ({ state, mode, limit }))).toEqual([
      { state: 'queued', mode: 'full', limit: null },
      { state: 'completed', mode: 'full', limit: 50 },
    ]);
    expect(whole.jobs[0]).toEqual((await api.get(`${REFRESH}/${whole.jobs[0]?.job_id}`, headers)).body);
    const second = (await api.get<MarketRefreshListBody>(`${REFRESH}?page=2&page_size=1`, headers)).body;
    expect(second).toEqual({
      jobs: [whole.jobs[1]],
      total: 2,
      page: 2,
      page_size: 1,
      total_pages: 2,
      has_next: false,
      has_prev: true,
    });
    expect(await api.get(`${REFRESH}?state=queued`, headers)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'state' }] },
    });
    expect((await api.get(REFRESH, await bearer('premium_user'))).status).toBe(403);
  });

  it('lets one of several at once through, and notes that one', async () => {
    const headers = await bearer('admin');
    const noted = async (): Promise<AuditListBody> =>
      (await api.get<AuditListBody>('/admin/audit?action=markets.refresh_requested', headers)).body;
    const before = await noted();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.post<MarketRefreshAcceptedBody>(REFRESH, undefined, headers)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409, 409, 409]);
    const accepted = answers.find(({ status }) => status === 202);
    const { entries, total } = await noted();
    expect(total).toBe(before.total + 1);
    expect(entries[0]).toMatchObject({ actor_id: 'admin-1', detail: { job_id: accepted?.body.job_id } });
  });

  it('gives way to a pass that runs by the clock', async () => {
    const states = api.app.get(SyncStateRepository, { strict: false });
    const jobs = api.app.get(JobRunRepository, { strict: false });
    const open = await jobs.claimNext('worker-2', later(60_000), api.clock.now());
    const progress = { fetched: 0, written: 0, unchanged: 0, failed: 0, percent: 0 };
    for (let job = open; job !== null; job = await jobs.claimNext('worker-2', later(60_000), api.clock.now())) {
      await jobs.finish(job.id, 'worker-2', { state: 'failed', progress, lastError: 'given up' }, api.clock.now());
    }
    const lease = await states.acquireLease(
      { holder: 'w', kind: 'incremental', until: later(30_000) },
      api.clock.now(),
    );
    const headers = await bearer('admin');
    expect((await api.post(`${REFRESH}?mode=incremental`, undefined, headers)).status).toBe(409);
    await states.releaseLease(lease ?? { holder: 'w', token: 0 }, api.clock.now());
    expect((await api.post(`${REFRESH}?mode=incremental`, undefined, headers)).status).toBe(202);
  });

  it('is for admins, by header or by query, the header winning', async () => {
    const admin = await api.tokenFor({ id: 'a', role: 'admin' });
    const user = await api.tokenFor({ id: 'u', role: 'premium_user' });
    const path = `${REFRESH}/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10`;
    const status = async (query: string, headers: Record<string, string> = {}): Promise<number> =>
      (await api.get(path + query, headers)).status;
    expect(await status('')).toBe(401);
    expect(await status('?token=')).toBe(401);
    expect(await status(`?token=${user}`)).toBe(403);
    expect(await status(`?token=${admin}`)).toBe(404);
    expect(await status('', { authorization: `Bearer ${admin}` })).toBe(404);
    expect(await status(`?token=${admin}`, { authorization: `Bearer ${user}` })).toBe(403);
    expect(await status(`?token=${user}`, { authorization: `Bearer ${admin}` })).toBe(404);
  });

  it.each([
    ['expired by a second', { expiresIn: -1 }, {}],
    ['of another issuer', { issuer: 'somebody-else' }, {}],
    ['for another audience', { audience: 'another-api' }, {}],
    ['signed with another algorithm', { algorithm: 'HS512' as const }, {}],
    ['signed with another secret', {}, { secret: createSecretKey(Buffer.from('another secret that is long enough')) }],
    ['without a version', {}, { claims: { roles: ['admin'] } }],
    ['of another version', {}, { claims: { roles: ['admin'], ver: 2 } }],
    ['of nobody we know', { subject: 'nobody' }, {}],
  ])(
    'refuses a token that is %s',
    async (_name, override, { secret, claims }: { secret?: unknown; claims?: object }) => {
      await api.tokenFor({ id: 'x', role: 'admin' });
      const jwt = new JwtService({ secret: (secret ?? createSecretKey(Buffer.from(TEST_SECRET))) as Buffer });
      const token = await jwt.signAsync(claims ?? { roles: ['admin'], ver: 1 }, {
        subject: 'x',
        issuer: 'papertrading-pm',
        audience: 'papertrading-pm-api',
        algorithm: 'HS256',
        expiresIn: 60,
        ...override,
      });
      const answer = await api.get(`${REFRESH}/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10`, {
        authorization: `Bearer ${token}`,
      });
      expect(answer).toMatchObject({ status: 401, body: { code: 'AUTH.REQUIRED' } });
      expect(answer.headers).toHaveProperty('www-authenticate', 'Bearer');
      expect(JSON.stringify(answer.body)).not.toContain(token);
    },
  );

  it('refuses an unsigned token', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    await api.tokenFor({ id: 'x', role: 'admin' });
    const claims = {
      sub: 'x',
      roles: ['admin'],
      ver: 1,
      iss: 'papertrading-pm',
      aud: 'papertrading-pm-api',
      exp: 9_999_999_999,
    };
    const token = `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
    expect((await api.post(`${REFRESH}?token=${token}`)).status).toBe(401);
  });

  it.each([
    ['mode=both', 'mode'],
    ['limit=0', 'limit'],
    ['limit=1.5', 'limit'],
    ['active_only=x', 'active_only'],
    ['modus=full', 'modus'],
  ])('names the field of %s', async (query, field) => {
    const answer = await api.post(`${REFRESH}?${query}`, undefined, await bearer('admin'));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field }] } });
  });

  it('names a job id that is none', async () => {
    const answer = await api.get(`${REFRESH}/not-a-job`, await bearer('admin'));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'job_id' }] } });
  });
});
