import { startTestStore, type TestStore } from '@app/testing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { startTestApi, type TestApi } from './api-harness';

const PAGE = '<!doctype html><title>PaperTradingPM</title><div id="app"></div>';
const SCRIPT = `console.log(${JSON.stringify('long enough to be worth compressing '.repeat(20))});`;
const STYLE = 'body { margin: 0 }';
const SECRET = 'nobody outside reads this';
const YEAR = 'public, max-age=31536000, immutable';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

describe('the console', () => {
  let folder: string;
  let store: TestStore;
  let api: TestApi;
  let apiWithout: TestApi;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
    const built = join(folder, 'console');
    mkdirSync(join(built, 'assets'), { recursive: true });
    mkdirSync(join(folder, 'not-built'));
    writeFileSync(join(folder, 'secret.txt'), SECRET);
    for (const [name, content, compressed] of [
      ['index.html', PAGE, true],
      ['assets/index-Bx1.js', SCRIPT, true],
      ['assets/index-Cz2.css', STYLE, false],
    ] as const) {
      writeFileSync(join(built, name), content);
      if (!compressed) continue;
      writeFileSync(join(built, `${name}.gz`), gzipSync(content));
      writeFileSync(join(built, `${name}.br`), brotliCompressSync(content));
    }
    store = await startTestStore();
    [api, apiWithout] = await Promise.all([
      startTestApi({ markets: 1, store, consoleFolder: built }),
      startTestApi({ markets: 1, store, consoleFolder: join(folder, 'not-built') }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([api?.stop(), apiWithout?.stop()]);
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends the path as it is, dots and all, and leaves what comes compressed. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', from = api): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(from.url);
      const asked = request({ hostname, port, path, method, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        );
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });

  it('is below /console/, where whoever leaves the slash out is sent for good', async () => {
    const answer = await ask('/console');
    expect(answer.status).toBe(308);
    expect(answer.headers.location).toBe('/console/');
  });

  it.each([
    '/console/',
    '/console/?x=1',
    '/console/index.html',
    '/console/markets/will-it-rain.tomorrow',
    '/console/portfolios/0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10/orders/1',
    '/console/admin/sync?page=2',
  ])('is one page, asked for each time, at %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: expect.stringMatching(/accept-encoding/i),
    });
    expect(answer.body.toString()).toBe(PAGE);
  });

  it.each([
    ['/console/assets/index-Bx1.js', /^text\/javascript|^application\/javascript/, SCRIPT],
    ['/console/assets/index-Cz2.css', /^text\/css/, STYLE],
  ])('lets caches keep %s for good, for its name changes with it', async (path, type, content) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(type);
    expect(answer.headers['cache-control']).toBe(YEAR);
    expect(answer.body.toString()).toBe(content);
  });

  it.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['identity', undefined, (body: Buffer) => body],
    ['zstd', undefined, (body: Buffer) => body],
  ] as const)('comes as the client can read it: %s', async (accepted, encoding, read) => {
    for (const [path, content] of [
      ['/console/assets/index-Bx1.js', SCRIPT],
      ['/console/markets', PAGE],
    ] as const) {
      const answer = await ask(path, { 'accept-encoding': accepted });
      expect([answer.status, answer.headers['content-encoding']]).toEqual([200, encoding]);
      expect(read(answer.body).toString()).toBe(content);
    }
  });

  it('comes whole where there is no compressed copy', async () => {
    const answer = await ask('/console/assets/index-Cz2.css', { 'accept-encoding': 'br, gzip' });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.body.toString()).toBe(STYLE);
  });

  it('answers HEAD as GET, without the body', async () => {
    for (const path of ['/console/', '/console/markets', '/console/assets/index-Bx1.js']) {
      const [head, get] = [await ask(path, {}, 'HEAD'), await ask(path)];
      expect([head.status, head.body.length]).toEqual([200, 0]);
      for (const name of ['content-type', 'content-length', 'cache-control', 'content-security-policy', 'etag']) {
        expect([path, name, head.headers[name]]).toEqual([path, name, get.headers[name]]);
      }
    }
  });

  it('is not sent again while it is the same', async () => {
    const { etag } = (await ask('/console/')).headers;
    expect((await ask('/console/', { 'if-none-match': etag ?? '' })).status).toBe(304);
  });

  it.each(['/console/assets/index-Old.js', '/console/assets/', '/console/assets/index-Bx1.js/x'])(
    'has no page for a file that is gone: %s',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.headers['cache-control'] ?? '').not.toContain('immutable');
      expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 404 });
    },
  );

  it.each([
    '/console/../secret.txt',
    '/console/assets/../../secret.txt',
    '/console/%2e%2e/secret.txt',
    '/console/..%2fsecret.txt',
    '/console/assets/..%2f..%2fsecret.txt',
    '/console/..%5csecret.txt',
    '/console/%252e%252e/secret.txt',
    '/console//secret.txt',
    '/console/%00/../../secret.txt',
  ])('shows nothing outside its folder: %s', async (path) => {
    const answer = await ask(path);
    expect(answer.body.toString()).not.toContain(SECRET);
    expect([200, 400, 403, 404]).toContain(answer.status);
    expect(answer.status === 200 ? answer.body.toString() : PAGE).toBe(PAGE);
  });

  it('runs its own scripts alone, speaks to this server alone, and is framed by nobody', async () => {
    for (const path of ['/console/', '/console/markets', '/console/assets/index-Bx1.js']) {
      const policy = (await ask(path)).headers['content-security-policy'];
      expect(policy).toContain("default-src 'self';");
      expect(policy).toContain("connect-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src|unsafe-eval|https?:|\*/);
    }
    expect((await ask('/console/')).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  it('takes nothing', async () => {
    expect((await ask('/console/', {}, 'POST')).status).toBe(404);
  });

  it.each(['/console', '/console/', '/console/markets', '/console/assets/index-Bx1.js'])(
    'is not there where it was not built: %s',
    async (path) => {
      const answer = await ask(path, {}, 'GET', apiWithout);
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );
});
