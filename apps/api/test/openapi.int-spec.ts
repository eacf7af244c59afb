import type { OpenInterestBody, RateLimitsBody, RegisteredBody, SessionBody } from '@app/contracts';
import { z } from 'zod';
import { startTestApi, type TestApi } from './api-harness';

type Json = Record<string, unknown>;

interface Operation {
  summary?: string;
  tags?: string[];
  security?: Json[];
  parameters?: { name: string; in: string; description?: string; schema: Json }[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json; example?: unknown }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Json };
}

const UNKNOWN_USER = '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';

describe('the OpenAPI document', () => {
  let api: TestApi;
  let document: Document;
  let operations: { name: string; operation: Operation }[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 60 });
    document = (await api.get<Document>('/docs-json')).body;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    );
  });
  afterAll(() => api?.stop());

  /** The schema without references, in plain JSON Schema. */
  function resolve(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(resolve);
    if (typeof schema !== 'object' || schema === null) return schema;
    const { $ref, nullable, ...rest } = schema as Json;
    if (typeof $ref === 'string') {
      const target = document.components.schemas[$ref.replace('#/components/schemas/', '')];
      if (target === undefined) throw new Error(`${$ref} leads nowhere`);
      return resolve(nullable === true ? { ...target, nullable } : target);
    }
    const resolved = Object.fromEntries(
      Object.entries(rest)
        .filter(([key]) => key !== 'example')
        .map(([key, value]) => [key, resolve(value)]),
    );
    return nullable === true ? { anyOf: [resolved, { type: 'null' }] } : resolved;
  }

  function schemaOf(name: string, status: number, contentType = 'application/json'): z.ZodType {
    const found = operations.find((operation) => operation.name === name);
    const schema = found?.operation.responses[status]?.content?.[contentType]?.schema;
    if (schema === undefined) throw new Error(`${name} ${status} ${contentType} is not documented`);
    return z.fromJSONSchema(resolve(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  }

  it('names every route of the contract, without a prefix', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual([
      'GET /admin/audit',
      'GET /admin/rate-limits',
      'GET /admin/settings',
      'GET /admin/users',
      'GET /auth/me',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /markets',
      'GET /markets/admin/refresh/{job_id}',
      'GET /markets/by-condition/{condition_id}',
      'GET /markets/by-slug/{slug}',
      'GET /markets/by-slug/{slug}/book',
      'GET /markets/by-slug/{slug}/prices',
      'GET /markets/stats',
      'GET /markets/top',
      'GET /metrics',
      'PATCH /admin/users/{id}',
      'POST /auth/change-password',
      'POST /auth/login',
      'POST /auth/refresh',
      'POST /auth/register',
      'POST /auth/token',
      'POST /markets/admin/refresh',
      'POST /markets/open-interest',
      'PUT /admin/rate-limits',
      'PUT /admin/settings',
    ]);
  });

  it('says of every route what it does, what it takes and what can go wrong', () => {
    for (const { name, operation } of operations) {
      const context = (what: string): string => `${name}: ${what}`;
      expect([context('summary'), operation.summary ?? '']).toEqual([
        context('summary'),
        expect.stringMatching(/\w{3}/),
      ]);
      expect([context('tags'), operation.tags?.length]).toEqual([context('tags'), 1]);
      const parameters = operation.parameters ?? [];
      expect([context('token'), parameters.some((one) => one.name === 'token' && one.in === 'query')]).toEqual([
        context('token'),
        true,
      ]);
      for (const parameter of parameters) {
        const what = context(parameter.name);
        expect([what, parameter.description ?? '']).toEqual([what, expect.stringMatching(/\w{3}/)]);
        if (parameter.name !== 'token')
          expect([what, parameter.schema]).toEqual([what, expect.objectContaining({ example: expect.anything() })]);
      }
      const statuses = Object.keys(operation.responses).map(Number);
      expect([context('422'), statuses]).toEqual([context('422'), expect.arrayContaining([422, 500])]);
      for (const [status, response] of Object.entries(operation.responses)) {
        const what = context(status);
        expect([what, response.description]).toEqual([what, expect.stringMatching(/\w{2}/)]);
        const types = Object.keys(response.content ?? {});
        if (Number(status) >= 400) {
          expect([what, types]).toEqual([what, ['application/problem+json']]);
          expect([what, response.content?.['application/problem+json']?.example]).toEqual([
            what,
            expect.objectContaining({ status: Number(status) }),
          ]);
        } else {
          expect([what, types.length]).toEqual([what, 1]);
        }
      }
    }
  });

  it('shows an example of every body, which conforms to its own schema', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      if (schema['example'] === undefined) continue;
      const parsed = z
        .fromJSONSchema(resolve(schema) as Parameters<typeof z.fromJSONSchema>[0])
        .safeParse(schema['example']);
      expect([name, parsed.error?.issues ?? []]).toEqual([name, []]);
    }
    const answered = [
      'AuditEntry',
      'AuditList',
      'ChangePasswordRequest',
      'Health',
      'Liveness',
      'LoginRequest',
      'MarketDetail',
      'MarketRefreshAccepted',
      'MarketRefreshJob',
      'MarketSummary',
      'OpenInterest',
      'OpenInterestRequest',
      'OrderBook',
      'OwnAccount',
      'PasswordChanged',
      'PriceHistory',
      'Problem',
      'RateLimit',
      'RateLimits',
      'RateLimitsRequest',
      'Readiness',
      'RefreshedToken',
      'RegisterRequest',
      'Registered',
      'RoleLimits',
      'Session',
      'Settings',
      'SettingsRequest',
      'TokenForm',
      'User',
      'UserChangeRequest',
      'UserList',
    ];
    for (const name of answered)
      expect([name, document.components.schemas[name]]).toEqual([
        name,
        expect.objectContaining({ example: expect.anything() }),
      ]);
  });

  it('describes every field of every schema', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const [field, part] of Object.entries((schema['properties'] ?? {}) as Record<string, Json>)) {
        const described = JSON.stringify(part).includes('description') || JSON.stringify(part).includes('$ref');
        expect([`${name}.${field}`, described]).toEqual([`${name}.${field}`, true]);
      }
    }
  });

  it('asks for a token where one is needed, and only there', () => {
    for (const { name, operation } of operations) {
      expect([name, (operation.security ?? []).length > 0]).toEqual([
        name,
        /\/admin\/|\/auth\/(?:me|refresh|change-password)$/.test(name),
      ]);
    }
  });

  it('is what the routes really answer', async () => {
    const stored = await api.storeListedMarkets();
    const open = stored.find((market) => !market.closed && market.acceptingOrders);
    const closed = stored.find((market) => market.closed);
    const headers = { authorization: `Bearer ${await api.tokenFor({ id: 'a', role: 'admin' })}` };
    const accepted = await api.post<{ status_url: string; job_id: string }>(
      '/markets/admin/refresh',
      undefined,
      headers,
    );
    const answers: [string, number, { status: number; body: unknown }][] = [
      ['GET /health', 200, await api.get('/health')],
      ['GET /health/live', 200, await api.get('/health/live')],
      ['GET /health/ready', 200, await api.get('/health/ready')],
      ['GET /markets', 200, await api.get('/markets?page_size=100')],
      ['GET /markets/top', 200, await api.get('/markets/top')],
      ['GET /markets/stats', 200, await api.get('/markets/stats')],
      ['GET /markets/by-slug/{slug}', 200, await api.get(`/markets/by-slug/${open?.slug}`)],
      ['GET /markets/by-slug/{slug}', 200, await api.get(`/markets/by-slug/${closed?.slug}`)],
      ['GET /markets/by-condition/{condition_id}', 200, await api.get(`/markets/by-condition/${open?.conditionId}`)],
      ['GET /markets/by-slug/{slug}/prices', 200, await api.get(`/markets/by-slug/${open?.slug}/prices`)],
      ['GET /markets/by-slug/{slug}/book', 200, await api.get(`/markets/by-slug/${open?.slug}/book`)],
      [
        'POST /markets/open-interest',
        200,
        await api.post<OpenInterestBody[]>('/markets/open-interest', { slugs: [open?.slug, 'no-such-market'] }),
      ],
      ['POST /markets/admin/refresh', 202, accepted],
      ['GET /markets/admin/refresh/{job_id}', 200, await api.get(accepted.body.status_url, headers)],
      ...(await askAboutAccounts(headers)),
    ];
    for (const [name, status, answer] of answers) {
      expect([name, answer.status]).toEqual([name, status]);
      expect([name, schemaOf(name, status).safeParse(answer.body).error?.issues ?? []]).toEqual([name, []]);
    }
    const problems: [string, number, { status: number; body: unknown }][] = [
      ['GET /markets', 422, await api.get('/markets?page=0')],
      ['GET /markets/by-slug/{slug}', 404, await api.get('/markets/by-slug/no-such-market')],
      ['POST /markets/open-interest', 400, await api.post('/markets/open-interest', '{')],
      ['POST /markets/admin/refresh', 401, await api.post('/markets/admin/refresh')],
      ['POST /auth/login', 401, await api.post('/auth/login', { email: 'nobody@example.com', password: 'x' })],
      ['POST /auth/register', 422, await api.post('/auth/register', {})],
      ['PATCH /admin/users/{id}', 404, await api.send('PATCH', UNKNOWN_USER, { unlock: true }, headers)],
      ['POST /markets/admin/refresh', 409, await api.post('/markets/admin/refresh', undefined, headers)],
    ];
    for (const [name, status, answer] of problems) {
      expect([name, answer.status]).toEqual([name, status]);
      const schema = schemaOf(name, status, 'application/problem+json');
      expect([name, schema.safeParse(answer.body).error?.issues ?? []]).toEqual([name, []]);
    }
  });

  async function askAboutAccounts(
    admin: Record<string, string>,
  ): Promise<[string, number, { status: number; body: unknown }][]> {
    const password = 'correct horse battery staple';
    const credentials = { email: 'ann@example.com', password };
    const registered = await api.post<RegisteredBody>('/auth/register', { ...credentials, password_confirm: password });
    const session = await api.post<SessionBody>('/auth/login', credentials);
    const own = { authorization: `Bearer ${session.body.access_token}` };
    const form = new URLSearchParams({ username: credentials.email, password }).toString();
    const isForm = { 'content-type': 'application/x-www-form-urlencoded' };
    const change = {
      current_password: password,
      new_password: `new ${password}`,
      new_password_confirm: `new ${password}`,
    };
    const limits = await api.get<RateLimitsBody>('/admin/rate-limits', admin);
    return [
      ['POST /auth/register', 201, registered],
      ['POST /auth/login', 200, session],
      ['POST /auth/token', 200, await api.post('/auth/token', form, isForm)],
      ['POST /auth/refresh', 200, await api.post('/auth/refresh', undefined, own)],
      ['GET /auth/me', 200, await api.get('/auth/me', own)],
      ['POST /auth/change-password', 200, await api.post('/auth/change-password', change, own)],
      ['GET /admin/users', 200, await api.get('/admin/users', admin)],
      [
        'PATCH /admin/users/{id}',
        200,
        await api.send('PATCH', `/admin/users/${registered.body.user_id}`, { role: 'premium_user' }, admin),
      ],
      ['GET /admin/settings', 200, await api.get('/admin/settings', admin)],
      ['PUT /admin/settings', 200, await api.send('PUT', '/admin/settings', { role_limits: {} }, admin)],
      ['GET /admin/rate-limits', 200, limits],
      ['PUT /admin/rate-limits', 200, await api.send('PUT', '/admin/rate-limits', limits.body, admin)],
      ['GET /admin/audit', 200, await api.get('/admin/audit', admin)],
    ];
  }

  it('serves the page that shows it', async () => {
    expect(await api.get<string>('/docs')).toMatchObject({ status: 200, body: expect.stringContaining('swagger-ui') });
  });
});
