import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Below it names change with what a file holds: a cache may keep such a file for good. */
const LASTING_FOLDER = 'assets';
const LASTING = 'public, max-age=31536000, immutable';
const ASKED_EACH_TIME = 'no-cache';

/**
 * Serves the built console at `/console`: its files, and its page at every other path there, for those are its own to read. A folder
 * without a page is not served.
 */
export function serveConsole(app: NestFastifyApplication, folder: string): void {
  if (!existsSync(join(folder, 'index.html'))) return;
  const server = app.getHttpAdapter().getInstance();
  void server.register(fastifyStatic, {
    root: folder,
    prefix: '/console/',
    // Each file is a route, so that what is none of them is left to the page.
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isLasting = path.startsWith(join(folder, LASTING_FOLDER));
      void reply.header('cache-control', isLasting ? LASTING : ASKED_EACH_TIME);
    },
  });
  server.get('/console', (_request, reply) => reply.redirect('/console/', 308));
  server.get('/console/*', (request, reply) => {
    // A file that is gone must not be answered with a page.
    if (request.url.startsWith(`/console/${LASTING_FOLDER}/`)) return reply.callNotFound();
    return reply.sendFile('index.html');
  });
}
