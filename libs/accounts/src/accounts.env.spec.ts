import { ConfigError, parseEnv } from '@app/platform';
import { accountsEnv, accountsOptions } from './accounts.env';

describe('accountsEnv', () => {
  it('defaults to what the contract says', () => {
    expect(accountsOptions(parseEnv(accountsEnv, {}))).toEqual({
      passwordHash: { memoryKib: 19_456, iterations: 2, parallelism: 1 },
      lockout: { threshold: 10, durationMinutes: 30 },
      rateLimits: {
        loginAttempts: 5,
        loginWindowSeconds: 60,
        registerAttempts: 10,
        registerWindowSeconds: 60,
        requestsPerMinute: 100,
      },
      auditRetentionDays: 365,
    });
  });

  it.each([
    ['USER_LOCKOUT_THRESHOLD', '0'],
    ['LOGIN_RATE_LIMIT_ATTEMPTS', 'many'],
    ['LOGIN_RATE_LIMIT_WINDOW_SECONDS', '1.5'],
    ['REGISTER_RATE_LIMIT_ATTEMPTS', '0'],
    ['REGISTER_RATE_LIMIT_WINDOW_SECONDS', '86401'],
    ['AUDIT_RETENTION_DAYS', '-1'],
    ['PASSWORD_HASH_MEMORY_KIB', '511'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => parseEnv(accountsEnv, { [name]: value })).toThrow(ConfigError);
    expect(() => parseEnv(accountsEnv, { [name]: value })).toThrow(name);
  });
});
