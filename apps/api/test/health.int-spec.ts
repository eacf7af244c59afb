import type { HealthBody } from '@app/contracts';
import { HealthRegistry, HeartbeatStore } from '@app/platform';
import { waitFor } from '@app/testing';
import { startTestApi, type TestApi } from './api-harness';

describe('health', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ markets: 5 });
  });
  afterAll(() => api?.stop());

  const health = async (): Promise<HealthBody> => (await api.get<HealthBody>('/health')).body;

  it('tells of the databases, Redis, and where market data comes from', async () => {
    await waitFor(async () => (await health()).upstream.venue === 'simulated');
    const body = await health();
    expect(body).toMatchObject({ status: 'healthy', version: '0.0.0-test', redis: { status: 'up' } });
    expect(Object.keys(body.databases).sort()).toEqual(['auth_db', 'markets_db', 'system_db', 'trading_db']);
    for (const database of Object.values(body.databases)) {
      expect(database).toEqual({ status: 'up', latency_ms: expect.any(Number), detail: null });
    }
    expect(body.uptime_s).toBeGreaterThan(0);
  });

  it('tells of the workers, and of one that has gone silent', async () => {
    await api.app
      .get(HeartbeatStore, { strict: false })
      .beat('sync-worker:test', api.clock.now(), { doing: 'waiting' });
    expect((await health()).workers).toEqual([
      {
        process: 'sync-worker:test',
        last_heartbeat: expect.any(String),
        age_s: expect.any(Number),
        alive: true,
        detail: { doing: 'waiting' },
      },
    ]);
    api.clock.advance(120_000);
    expect(await health()).toMatchObject({ status: 'degraded', workers: [{ alive: false }] });
    await api.app.get(HeartbeatStore, { strict: false }).beat('sync-worker:test', api.clock.now(), {});
  });

  it('is degraded while the venue is away, and well again afterwards', async () => {
    await api.venue.fault({ kind: 'status', path: '/gamma/', status: 500, times: 4 });
    await api.get('/markets/by-slug/some-unknown-market');
    expect(await health()).toMatchObject({ status: 'degraded', upstream: { gamma: { status: 'down' } } });
    expect((await api.get('/health/ready')).status).toBe(200);
    await api.venue.reset();
    await api.get('/markets/by-slug/some-unknown-market');
    expect(await health()).toMatchObject({ status: 'healthy', upstream: { gamma: { status: 'up' } } });
  });

  it('is unhealthy and not ready while something essential is down', async () => {
    const failing = {
      name: 'disk',
      isEssential: true,
      check: () => Promise.resolve({ status: 'down' as const, latencyMs: 1, detail: 'full' }),
    };
    api.app.get(HealthRegistry, { strict: false }).register(failing);
    expect(await health()).toMatchObject({
      status: 'unhealthy',
      components: { disk: { status: 'down', detail: 'full' } },
    });
    const ready = await api.get('/health/ready');
    expect(ready).toMatchObject({ status: 503, contentType: 'application/problem+json; charset=utf-8' });
    expect(ready.body.detail).toContain('disk');
    expect((await api.get('/health/live')).status).toBe(200);
  });

  it('is measured by route template, never by slug', async () => {
    await api.get('/markets/by-slug/some-unknown-market?token=secret-token');
    const metrics = await api.get<string>('/metrics');
    expect(metrics.contentType).toContain('text/plain');
    expect(metrics.body).toContain('route="/markets/by-slug/:slug"');
    expect(metrics.body).not.toContain('some-unknown-market');
    expect(metrics.body).not.toContain('secret-token');
  });
});
