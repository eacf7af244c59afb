import { DomainError, type RateLimit } from '@app/domain';
import { checkRateLimits, defaultRateLimits, rateLimitKey, storedRateLimitProblem } from './rate-limits';

const DEFAULTS = defaultRateLimits({ loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: 100 });
const KNOWN = DEFAULTS.map(({ group, role }) => rateLimitKey(group, role));
const aLimit = (overrides: Partial<RateLimit> = {}): RateLimit => ({
  group: 'api',
  role: 'user',
  limit: 10,
  windowSeconds: 60,
  ...overrides,
});

function fieldsOf(changes: readonly RateLimit[]): [string, string[]] {
  try {
    checkRateLimits(changes, KNOWN);
  } catch (error) {
    if (error instanceof DomainError) return [error.code, (error.details.fields ?? []).map(({ field }) => field)];
  }
  throw new Error('it was not refused');
}

describe('rate limits', () => {
  it('are those of the contract by default', () => {
    expect(
      DEFAULTS.map(({ group, role, limit, windowSeconds }) => `${group}:${role} ${limit}/${windowSeconds}`),
    ).toEqual([
      'login:anonymous 5/60',
      'register:anonymous 10/60',
      'api:anonymous 100/60',
      'api:user 100/60',
      'api:premium_user 600/60',
      'api:admin 600/60',
    ]);
  });

  it('of registrations follow the environment like the others', () => {
    const options = { loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: 100 };
    const limits = defaultRateLimits({ ...options, registerAttempts: 3, registerWindowSeconds: 600 });
    expect(limits).toContainEqual({ group: 'register', role: 'anonymous', limit: 3, windowSeconds: 600 });
  });

  it.each([
    ['of nothing', { limit: 0 }, 'limit must be'],
    ['of text', { limit: '5' as unknown as number }, 'limit must be'],
    ['without a window', { windowSeconds: undefined as unknown as number }, 'window_seconds must be'],
  ])('stored by hand are not used %s', (_what, overrides, reason) => {
    expect(storedRateLimitProblem(aLimit(overrides))).toContain(`api:user in system_db cannot be used: ${reason}`);
    expect(storedRateLimitProblem(aLimit())).toBeNull();
  });

  it('can be set within their ranges', () => {
    expect(() =>
      checkRateLimits(
        [
          aLimit({ limit: 1, windowSeconds: 86_400 }),
          aLimit({ role: 'admin', limit: 30, windowSeconds: 60 }),
          aLimit({ role: 'premium_user', limit: 1_000_000 }),
        ],
        KNOWN,
      ),
    ).not.toThrow();
  });

  it.each([
    ['an audience without one', [aLimit({ group: 'login', role: 'admin' })], 'SETTING.UNKNOWN', ['rate_limits.0']],
    ['no requests at all', [aLimit({ limit: 0 })], 'REQUEST.UNACCEPTABLE', ['rate_limits.0.limit']],
    ['a fraction', [aLimit({ windowSeconds: 0.5 })], 'REQUEST.UNACCEPTABLE', ['rate_limits.0.window_seconds']],
    ['endlessly many', [aLimit({ limit: Infinity })], 'REQUEST.UNACCEPTABLE', ['rate_limits.0.limit']],
    [
      'what would lock admins out',
      [aLimit({ role: 'admin', limit: 29, windowSeconds: 60 })],
      'REQUEST.UNACCEPTABLE',
      ['rate_limits.0.limit'],
    ],
    [
      'what would make admins wait for long',
      [aLimit({ role: 'admin', limit: 1_000_000, windowSeconds: 61 })],
      'REQUEST.UNACCEPTABLE',
      ['rate_limits.0.limit'],
    ],
    ['one named twice', [aLimit(), aLimit({ limit: 20 })], 'REQUEST.UNACCEPTABLE', ['rate_limits.1']],
  ] as const)('refuse %s', (_what, changes, code, fields) => {
    expect(fieldsOf(changes)).toEqual([code, fields]);
  });
});
