import { DomainError } from '@app/domain';
import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect } from 'node:net';
import { z } from 'zod';
import {
  configureHttp,
  createHttpAdapter,
  HTTP_PROVIDERS,
  listenHttp,
  Metrics,
  PlatformModule,
  StartError,
  useLogs,
} from '../src';

const pageQuery = z.strictObject({
  page: z.coerce.number().int().min(1, 'must be at least 1').default(1),
  volume_min: z.string().regex(/^\d+$/, 'must be a number').optional(),
});
const orderBody = z.strictObject({ slug: z.string(), levels: z.array(z.object({ price: z.string() })).optional() });
const slugParam = z.string().max(5, 'must be at most 5 characters');

@Controller('things')
class ThingsController {
  @Get()
  list(@Query({ schema: pageQuery }) query: unknown): unknown {
    return query;
  }

  @Get('by-slug/:slug')
  one(@Param('slug', { schema: slugParam }) slug: string): unknown {
    return { slug };
  }

  @Post()
  create(@Body({ schema: orderBody }) body: unknown): unknown {
    return body;
  }

  @Get('busy')
  busy(): unknown {
    throw new DomainError('VENUE.BUSY', 'Polymarket asks to slow down.', { retryAfterSeconds: 7 });
  }

  @Get('broken')
  broken(): unknown {
    throw new TypeError('secret detail');
  }
}

const logged: string[] = [];

@Module({
  imports: [
    PlatformModule.forRoot({
      logging: { level: 'trace', destination: { write: (line) => logged.push(line) } },
      redis: {},
    }),
  ],
  controllers: [ThingsController],
  providers: [...HTTP_PROVIDERS],
})
class ThingsModule {}

interface Answer {
  status: number;
  type: string | null;
  headers: Headers;
  body: Record<string, unknown> & { errors?: { field: string; message: string }[] };
}

describe('an HTTP app on the platform', () => {
  let app: NestFastifyApplication;
  let base: string;

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(ThingsModule, createHttpAdapter({ TRUSTED_PROXIES: [] }), {
      bufferLogs: true,
    });
    useLogs(app);
    configureHttp(app, { CORS_ORIGINS: ['https://app.example', 'http://localhost:*'] }, app.get(Metrics));
    base = `http://127.0.0.1:${await listenHttp(app, { PORT: 0, HOST: '127.0.0.1' })}`;
  });

  afterAll(() => app.close());

  async function call(path: string, init?: RequestInit): Promise<Answer> {
    const answer = await fetch(base + path, init);
    const body = (await answer.json()) as Answer['body'];
    return { status: answer.status, type: answer.headers.get('content-type'), headers: answer.headers, body };
  }

  function expectProblem(answer: Answer, status: number, instance: string): void {
    expect(answer.type).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ status, instance, title: expect.any(String), detail: expect.any(String) });
    expect(answer.status).toBe(status);
  }

  it('parses what fits the schema', async () => {
    expect((await call('/things?page=3')).body).toEqual({ page: 3 });
    expect((await call('/things')).body).toEqual({ page: 1 });
  });

  it('names every bad query field as the client spelled it', async () => {
    const answer = await call('/things?page=0&volume_min=x&pge=2');
    expectProblem(answer, 422, '/things');
    expect(answer.body.errors).toEqual([
      { field: 'page', message: 'must be at least 1' },
      { field: 'volume_min', message: 'must be a number' },
      { field: 'pge', message: 'is not a known field; check its spelling' },
    ]);
    expect(answer.body['detail']).toContain('page: must be at least 1');
  });

  it('names a path parameter, and nested body fields with dots', async () => {
    const path = await call('/things/by-slug/toolong?token=x');
    expectProblem(path, 422, '/things/by-slug/toolong');
    expect(path.body.errors).toEqual([{ field: 'slug', message: 'must be at most 5 characters' }]);
    const body = await call('/things', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ slug: 'a', levels: [{ price: '1' }, { price: 2 }] }),
    });
    expectProblem(body, 422, '/things');
    expect(body.body.errors?.map((error) => error.field)).toEqual(['levels.1.price']);
  });

  it.each([
    ['broken JSON', '{"slug":', 'application/json', 400, 'not valid JSON'],
    ['nothing', '', 'application/json', 400, 'send a JSON document'],
    ['another media type', 'slug=a', 'text/csv', 415, 'send application/json'],
    ['300 kB', `{"slug":"${'a'.repeat(300_000)}"}`, 'application/json', 413, 'too large'],
    ['an array', '[]', 'application/json', 422, 'body'],
    ['a prototype', '{"__proto__":{"slug":"a"}}', 'application/json', 400, '__proto__'],
  ])('refuses a body of %s, and says what to do', async (_title, body, type, status, advice) => {
    const answer = await call('/things', { method: 'POST', headers: { 'content-type': type }, body });
    expectProblem(answer, status, '/things');
    expect(answer.body['detail']).toContain(advice);
  });

  it.each([
    ['a token beyond all headers', `GET /things?token=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a header beyond all headers', `GET /things HTTP/1.1\r\nHost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['no HTTP', 'hello\r\n\r\n', 400],
    [
      'a body of two lengths',
      'POST /things HTTP/1.1\r\nHost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('answers %s in problem details', async (_title, text, status) => {
    const [head = '', body = ''] = (await sendRaw(new URL(base), text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.stringMatching(/\w.*\.$/),
      instance: '/',
    });
    expect(body).not.toContain('xxxx');
  });

  it('answers an unknown route, and one with another method, with a 404 in words', async () => {
    expectProblem(await call('/nowhere?token=secret'), 404, '/nowhere');
    const answer = await call('/things/busy', { method: 'DELETE' });
    expectProblem(answer, 404, '/things/busy');
    expect(answer.body['detail']).toContain('DELETE /things/busy');
  });

  it('answers a path the router cannot decode or take with problem details', async () => {
    expectProblem(await call('/things/by-slug/%E0%A4%A'), 400, '/things/by-slug/%E0%A4%A');
    const long = await call(`/things/by-slug/${'a'.repeat(10_000)}`);
    expect(long.status).toBe(414);
    expect(long.type).toBe('application/problem+json; charset=utf-8');
  });

  it('passes Retry-After on', async () => {
    const answer = await call('/things/busy');
    expectProblem(answer, 503, '/things/busy');
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.body['detail']).toBe('Polymarket asks to slow down.');
  });

  it('hides a failure of ours behind an id', async () => {
    const answer = await call('/things/broken');
    expectProblem(answer, 500, '/things/broken');
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
    expect(answer.body['error_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs requests, but neither queries, headers nor bodies', async () => {
    logged.length = 0;
    await call('/things/by-slug/abc?token=in-the-query', { headers: { authorization: 'Bearer in-the-header' } });
    await call('/things', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"slug":"in-the-body"}',
    });
    await call('/things/broken?token=in-the-query');
    const lines = logged.map((line) => JSON.parse(line) as { req?: { path: string }; errorId?: string });
    expect(lines.map((line) => line.req?.path)).toEqual(
      expect.arrayContaining(['/things/by-slug/abc', '/things', '/things/broken']),
    );
    expect(lines.some((line) => line.errorId !== undefined)).toBe(true);
    expect(logged.join('')).not.toMatch(/in-the-(query|header|body)/);
  });

  it('measures requests by route template', async () => {
    await call('/things/by-slug/abc');
    const text = await app.get(Metrics).registry.metrics();
    expect(text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/things/by-slug/:slug",status="200"}',
    );
    expect(text).toContain('route="unmatched",status="404"');
    expect(text).not.toContain('abc');
  });

  it('opens itself to the configured origins alone', async () => {
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${base}/things`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });
    expect((await preflight('https://app.example')).headers.get('access-control-allow-origin')).toBe(
      'https://app.example',
    );
    for (const origin of ['http://localhost:5173', 'http://localhost']) {
      const answer = await preflight(origin);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    }
    for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'https://localhost:5173']) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('answers an OPTIONS request that is no preflight without a body, as one', async () => {
    const answer = await fetch(`${base}/things`, { method: 'OPTIONS' });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is closed to every origin without a configured one', async () => {
    const closed = await NestFactory.create<NestFastifyApplication>(
      ThingsModule,
      createHttpAdapter({ TRUSTED_PROXIES: [] }),
      { logger: false },
    );
    configureHttp(closed, { CORS_ORIGINS: [] }, closed.get(Metrics));
    const url = `http://127.0.0.1:${await listenHttp(closed, { PORT: 0, HOST: '127.0.0.1' })}/things`;
    const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'GET' };
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await fetch(url, { method, headers });
      const names = [...answer.headers.keys()];
      expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    await closed.close();
  });

  it('says what to do when the port is in use', async () => {
    const taken = Number(new URL(base).port);
    const second = await NestFactory.create<NestFastifyApplication>(
      ThingsModule,
      createHttpAdapter({ TRUSTED_PROXIES: [] }),
      { logger: false },
    );
    const listening = listenHttp(second, { PORT: taken, HOST: '127.0.0.1' });
    await expect(listening).rejects.toThrow(StartError);
    await expect(listening).rejects.toThrow(`Port ${taken} on 127.0.0.1 is already in use`);
    await second.close();
  });
});

/** Sends text as it is and returns all that comes back until the connection is closed. */
function sendRaw({ hostname, port }: URL, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
