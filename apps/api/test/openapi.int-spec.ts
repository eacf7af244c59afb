import type { OpenInterestBody, OrderBody, RateLimitsBody, RegisteredBody, SessionBody } from '@app/contracts';
import { z } from 'zod';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { findTradedMarkets, PortfolioClient, type TradedMarket } from './portfolio-client';

type Json = Record<string, unknown>;

interface Operation {
  summary?: string;
  tags?: string[];
  security?: Json[];
  parameters?: { name: string; in: string; description?: string; schema: Json }[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

interface Content {
  schema: Json;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Json };
}

/** Routes that answer a table too. */
const ALSO_CSV = new Set(['GET /portfolios/{id}/trades']);

const UNKNOWN_USER = '/admin/users/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';

describe('the OpenAPI document', () => {
  let api: TestApi;
  let document: Document;
  let operations: { name: string; operation: Operation }[];

  beforeAll(async () => {
    api = await startTestApi({ markets: 100, venueOptions: PATIENT });
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
      'DELETE /portfolios/{id}',
      'DELETE /portfolios/{id}/orders',
      'DELETE /portfolios/{id}/orders/{order_id}',
      'GET /admin/audit',
      'GET /admin/rate-limits',
      'GET /admin/settings',
      'GET /admin/users',
      'GET /auth/me',
      'GET /auth/roles',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /market-stream/latest',
      'GET /market-stream/orderbook',
      'GET /markets',
      'GET /markets/admin/refresh',
      'GET /markets/admin/refresh/{job_id}',
      'GET /markets/by-condition/{condition_id}',
      'GET /markets/by-slug/{slug}',
      'GET /markets/by-slug/{slug}/book',
      'GET /markets/by-slug/{slug}/prices',
      'GET /markets/stats',
      'GET /markets/top',
      'GET /metrics',
      'GET /portfolios',
      'GET /portfolios/{id}',
      'GET /portfolios/{id}/ledger',
      'GET /portfolios/{id}/metrics',
      'GET /portfolios/{id}/mtm',
      'GET /portfolios/{id}/orders',
      'GET /portfolios/{id}/orders/{order_id}',
      'GET /portfolios/{id}/orders/{order_id}/explain',
      'GET /portfolios/{id}/positions',
      'GET /portfolios/{id}/trades',
      'PATCH /admin/users/{id}',
      'PATCH /portfolios/{id}',
      'POST /auth/change-password',
      'POST /auth/login',
      'POST /auth/refresh',
      'POST /auth/register',
      'POST /auth/token',
      'POST /market-stream/start/{asset_ids}',
      'POST /market-stream/stop',
      'POST /markets/admin/refresh',
      'POST /markets/open-interest',
      'POST /portfolios',
      'POST /portfolios/{id}/merge',
      'POST /portfolios/{id}/orders',
      'POST /portfolios/{id}/orders/batch',
      'POST /portfolios/{id}/orders/preview',
      'POST /portfolios/{id}/reset',
      'POST /portfolios/{id}/split',
      'POST /portfolios/{id}/trades',
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
          const { example, examples = {} } = response.content?.['application/problem+json'] ?? {};
          const shown = example === undefined ? Object.values(examples).map(({ value }) => value) : [example];
          expect([what, shown.length > 0]).toEqual([what, true]);
          for (const one of shown)
            expect([what, one]).toEqual([what, expect.objectContaining({ status: Number(status) })]);
        } else {
          const expected = status === '204' ? 0 : 1 + Number(ALSO_CSV.has(name));
          expect([what, types.length]).toEqual([what, expected]);
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
      'CancelledOrders',
      'ChangePasswordRequest',
      'CompleteSetsRequest',
      'FilledTrade',
      'Health',
      'Ledger',
      'LedgerEntry',
      'Liveness',
      'LoginRequest',
      'MarkToMarket',
      'MarketDetail',
      'MarketRefreshAccepted',
      'MarketRefreshJob',
      'MarketSummary',
      'OpenInterest',
      'OpenInterestRequest',
      'Order',
      'OrderBook',
      'OrderExplanation',
      'OrderList',
      'OrderRequest',
      'OwnAccount',
      'PasswordChanged',
      'Portfolio',
      'PortfolioChangeRequest',
      'PortfolioDetail',
      'PortfolioMetrics',
      'PortfolioRequest',
      'Position',
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
      'SetsChanged',
      'Settings',
      'SettingsRequest',
      'TokenForm',
      'Trade',
      'TradeList',
      'TradeRequest',
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
        /\/admin\/|\/portfolios|\/market-stream|\/auth\/(?:me|refresh|change-password)$/.test(name),
      ]);
    }
  });

  it('is what the routes really answer', async () => {
    const stored = await api.storeListedMarkets();
    const open = stored.find((market) => !market.closed && market.acceptingOrders);
    const closed = stored.find((market) => market.closed);
    const [traded] = (await findTradedMarkets(api, stored, 1)) as [TradedMarket];
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
      ['GET /markets/admin/refresh', 200, await api.get('/markets/admin/refresh', headers)],
      ['GET /markets/admin/refresh/{job_id}', 200, await api.get(accepted.body.status_url, headers)],
      ...(await askAboutAccounts(headers)),
      ...(await askAboutTrading(traded)),
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
      ...(await askBadlyAboutTrading(traded)),
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
      ['GET /auth/roles', 200, await api.get('/auth/roles')],
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

  const limitBuy = ({ market }: TradedMarket): object => ({
    market_id: market.slug,
    outcome_index: 0,
    side: 'buy',
    type: 'limit',
    quantity: 100,
    price: 0.01,
  });

  async function askAboutTrading(traded: TradedMarket): Promise<[string, number, { status: number; body: unknown }][]> {
    const client = await PortfolioClient.of(api, 'premium_user');
    const path = await client.open();
    const { market } = traded;
    const sets = { market_id: market.slug, quantity: 10 };
    const trade = { market_id: market.slug, outcome: market.outcomes[0], side: 'buy', quantity: 5 };
    const resting = await client.post<OrderBody>(`${path}/orders`, limitBuy(traded));
    const order = `${path}/orders/${resting.body.id}`;
    const bought = await client.post(`${path}/trades`, trade);
    const batch = [limitBuy(traded), { ...limitBuy(traded), price: 0.573 }];
    return [
      ['POST /portfolios', 201, await client.post('/portfolios', { name: 'Documented' })],
      ['GET /portfolios', 200, await client.get('/portfolios')],
      ['POST /portfolios/{id}/orders', 201, resting],
      ['POST /portfolios/{id}/orders/batch', 200, await client.post(`${path}/orders/batch`, batch)],
      ['POST /portfolios/{id}/orders/preview', 200, await client.post(`${path}/orders/preview`, limitBuy(traded))],
      ['POST /portfolios/{id}/orders/preview', 200, await client.post(`${path}/orders/preview`, batch[1])],
      ['POST /portfolios/{id}/trades', 201, bought],
      ['POST /portfolios/{id}/split', 200, await client.post(`${path}/split`, sets)],
      ['POST /portfolios/{id}/merge', 200, await client.post(`${path}/merge`, sets)],
      ['GET /portfolios/{id}', 200, await client.get(path)],
      ['GET /portfolios/{id}/positions', 200, await client.get(`${path}/positions`)],
      ['GET /portfolios/{id}/orders', 200, await client.get(`${path}/orders`)],
      ['GET /portfolios/{id}/orders/{order_id}', 200, await client.get(order)],
      ['GET /portfolios/{id}/orders/{order_id}/explain', 200, await client.get(`${order}/explain`)],
      ['GET /portfolios/{id}/trades', 200, await client.get(`${path}/trades`)],
      ['GET /portfolios/{id}/ledger', 200, await client.get(`${path}/ledger`)],
      ['GET /portfolios/{id}/metrics', 200, await client.get(`${path}/metrics`)],
      ['GET /portfolios/{id}/mtm', 200, await client.get(`${path}/mtm`)],
      ['DELETE /portfolios/{id}/orders/{order_id}', 200, await client.ask('DELETE', order)],
      ['DELETE /portfolios/{id}/orders', 200, await client.ask('DELETE', `${path}/orders`)],
      ['PATCH /portfolios/{id}', 200, await client.ask('PATCH', path, { name: 'Renamed' })],
      ['POST /portfolios/{id}/reset', 200, await client.post(`${path}/reset`)],
    ];
  }

  async function askBadlyAboutTrading(
    traded: TradedMarket,
  ): Promise<[string, number, { status: number; body: unknown }][]> {
    const client = await PortfolioClient.of(api);
    const path = await client.open();
    const order = limitBuy(traded);
    return [
      ['POST /portfolios', 422, await client.post('/portfolios', {})],
      ['POST /portfolios/{id}/orders', 401, await api.post(`${path}/orders`, order)],
      ['POST /portfolios/{id}/orders', 422, await client.post(`${path}/orders`, { ...order, price: 0.573 })],
      ['POST /portfolios/{id}/orders', 409, await client.post(`${path}/orders`, { ...order, quantity: 9_000_000 })],
      [
        'POST /portfolios/{id}/orders',
        404,
        await client.post(`${path}/orders`, { ...order, market_id: 'no-such-market' }),
      ],
      ['GET /portfolios/{id}/trades', 403, await client.get(`${path}/trades?format=csv`)],
      ['GET /portfolios/{id}', 404, await client.get('/portfolios/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e20')],
    ];
  }

  it('serves the page that shows it', async () => {
    expect(await api.get<string>('/docs')).toMatchObject({ status: 200, body: expect.stringContaining('swagger-ui') });
  });
});
