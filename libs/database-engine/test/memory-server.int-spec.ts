import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cachedMongod, downloadMongod } from '../src/memory-server';

/** An archive of one executable file, as the download site serves them. */
function archiveOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o755, 7), 100);
  header.write(octal(0, 7) + octal(0, 7) + octal(content.length, 11) + octal(0, 11), 108);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return gzipSync(Buffer.concat([header, content, padding, Buffer.alloc(1024)]));
}

/** The download site is a server of this test's own; no other is asked. */
describe('mongodb-memory-server', () => {
  const before = { ...process.env };
  let folder: string;
  let site: Server;
  let asked: string[];
  let isSilent: boolean;
  let archive: Buffer | null;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papertrading-download-'));
    asked = [];
    isSilent = false;
    archive = null;
    site = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (isSilent) return;
      if (archive === null) response.writeHead(404).end();
      else if (request.url?.endsWith('.md5') === true)
        response.end(`${createHash('md5').update(archive).digest('hex')}  archive\n`);
      else response.writeHead(200, { 'content-length': archive.length }).end(archive);
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

  // The archives of Windows are of another kind.
  (process.platform === 'win32' ? it.skip : it)(
    'downloads a mongod once, and finds it in the cache from then on',
    async () => {
      archive = archiveOf(
        'mongodb/bin/mongod',
        Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(2_000_000, '#')]),
      );
      const path = await downloadMongod(never);
      expect(statSync(path).mode & 0o111).not.toBe(0);
      expect(statSync(path).size).toBe(2_000_010);
      const requests = asked.length;
      expect(await cachedMongod()).toBe(path);
      expect(await downloadMongod(never)).toBe(path);
      expect(asked).toHaveLength(requests);
    },
  );

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
