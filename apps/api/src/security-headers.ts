import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What the pages of /docs load: their own files, and the styles and pictures written into them. */
const DOCS_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What the pages of /console load: their own files, and the styles their charts write; they speak to this server alone. */
const CONSOLE_POLICY = [
  "default-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const YEAR_SECONDS = 31_536_000;

/** Paths whose answers are about one person and kept by no cache. */
const PERSONAL = /^\/(?:auth|admin|portfolios|market-stream|markets\/admin)(?:[/?]|$)/;
const DOCS = /^\/docs(?:[/?]|$)/;
const CONSOLE = /^\/console(?:[/?]|$)/;

/** Returns the headers that tell a browser what not to do with an answer, and caches what not to keep. */
export function securityHeadersFor(request: { url: string; protocol: string }): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // A token in the query must not travel on to where a page links.
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'content-security-policy': policyFor(request.url),
    // Only where the request came over TLS, as far as a trusted proxy says: a server without it must stay reachable.
    ...(request.protocol === 'https' ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : {}),
    ...(PERSONAL.test(request.url) ? { 'cache-control': 'no-store' } : {}),
  };
}

function policyFor(url: string): string {
  if (DOCS.test(url)) return DOCS_POLICY;
  return CONSOLE.test(url) ? CONSOLE_POLICY : DATA_POLICY;
}

/** Puts the security headers on every answer, refusals included. */
export function secureAnswers(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.headers(securityHeadersFor(request));
      done();
    });
}
