import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedMongod, downloadMongod } from '../src/memory-server';

jest.setTimeout(30_000);

/** The download site is a server of this test's own; no other is asked. */
describe('mongodb-memory-server', () => {
  const before = { ...process.env };
  let folder: string;
  let site: Server;
  let asked: string[];
  let isSilent: boolean;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papertrading-download-'));
    asked = [];
    isSilent = false;
    site = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (!isSilent) response.writeHead(404).end();
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    Object.assign(process.env, {
      MONGOMS_DOWNLOAD_DIR: folder,
      MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
      MONGOMS_USE_HTTP: 'true',
    });
  });

  afterEach(async () => {
    process.env = { ...before };
    site.closeAllConnections();
    site.close();
    await rm(folder, { recursive: true, force: true });
  });

  const never = new AbortController().signal;

  it('asks nobody when it looks into the cache', async () => {
    expect(await cachedMongod()).toBeNull();
    expect(asked).toEqual([]);
  });

  it('says why a download failed', async () => {
    await expect(downloadMongod(never)).rejects.toThrow(/could not be downloaded: [^]*404/);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('gives up when nothing arrives', async () => {
    isSilent = true;
    await expect(downloadMongod(never, 1_500)).rejects.toThrow('nothing arrived for 1.5 s');
  });

  it('ends when the start is called off', async () => {
    isSilent = true;
    const stopping = new AbortController();
    const download = downloadMongod(stopping.signal);
    const reason = new Error('called off');
    site.once('request', () => stopping.abort(reason));
    await expect(download).rejects.toBe(reason);
  });
});
