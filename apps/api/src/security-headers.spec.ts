import { securityHeadersFor } from './security-headers';

const headersOf = (url: string, protocol = 'http'): Record<string, string> => securityHeadersFor({ url, protocol });

describe('the security headers', () => {
  it('are on every answer', () => {
    for (const url of ['/', '/health', '/markets?page=1', '/auth/me', '/docs']) {
      expect(headersOf(url)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    }
  });

  it.each([
    '/auth/login',
    '/auth/me?token=x',
    '/admin/users',
    '/admin/users?page=2',
    '/markets/admin/refresh',
    '/portfolios',
    '/portfolios/1/trades?format=csv',
  ])('let no cache keep %s', (url) => {
    expect(headersOf(url)).toHaveProperty('cache-control', 'no-store');
  });

  it.each(['/markets', '/authors', '/administration', '/docs', '/health?x=/auth/'])(
    'say nothing of keeping %s',
    (url) => {
      expect(headersOf(url)).not.toHaveProperty('cache-control');
    },
  );

  it('let scripts of our own run on the pages of the documentation, and nowhere else', () => {
    for (const url of ['/docs', '/docs/', '/docs?x', '/docs/swagger-ui.css']) {
      expect(headersOf(url)['content-security-policy']).toContain("default-src 'self';");
    }
    for (const url of ['/docs-json', '/markets', '/documents']) {
      expect(headersOf(url)['content-security-policy']).toContain("default-src 'none';");
    }
  });

  it('let the console run its own scripts and speak to its own server, and no other', () => {
    for (const url of ['/console', '/console/', '/console/markets/x?y', '/console/assets/index.js']) {
      const directives = headersOf(url)['content-security-policy']?.split('; ') ?? [];
      expect(directives).toEqual(
        expect.arrayContaining([
          "default-src 'self'",
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'self'",
          "frame-ancestors 'none'",
        ]),
      );
      expect(directives.filter((directive) => directive.startsWith('script-src'))).toEqual([]);
      expect(headersOf(url)).not.toHaveProperty('cache-control');
    }
    expect(headersOf('/consoles')['content-security-policy']).toContain("default-src 'none'");
  });

  it('ask for TLS where the client came with it', () => {
    expect(headersOf('/markets', 'https')).toHaveProperty('strict-transport-security', 'max-age=31536000');
    expect(headersOf('/markets', 'http')).not.toHaveProperty('strict-transport-security');
  });
});
