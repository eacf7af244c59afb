import { LOCKOUT_RANGES, RATE_LIMIT_RANGES } from '@app/domain';
import { z } from 'zod';
import type { AccountsOptions } from './accounts.options';

function wholeNumber(
  unit: string,
  { min, max }: { min: number; max: number },
  byDefault: number,
): z.ZodDefault<z.ZodCoercedNumber> {
  const message = `must be a whole number of ${unit}`;
  return z.coerce
    .number({ error: message })
    .int(message)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(byDefault);
}

/** How accounts are guarded: limits of attempts, the cost of a password hash, how long the audit log goes back. */
export const accountsEnv = z.object({
  LOGIN_RATE_LIMIT_ATTEMPTS: wholeNumber('attempts', RATE_LIMIT_RANGES.limit, 5).meta({
    description: 'Logins one address may try in each window, until an admin sets another limit.',
  }),
  LOGIN_RATE_LIMIT_WINDOW_SECONDS: wholeNumber('seconds', RATE_LIMIT_RANGES.windowSeconds, 60).meta({
    description: 'Length of that window in seconds, until an admin sets another.',
  }),
  REGISTER_RATE_LIMIT_ATTEMPTS: wholeNumber('attempts', RATE_LIMIT_RANGES.limit, 10).meta({
    description: 'Registrations one address may try in each window, until an admin sets another limit.',
  }),
  REGISTER_RATE_LIMIT_WINDOW_SECONDS: wholeNumber('seconds', RATE_LIMIT_RANGES.windowSeconds, 60).meta({
    description: 'Length of that window in seconds, until an admin sets another.',
  }),
  USER_LOCKOUT_THRESHOLD: wholeNumber('failures', LOCKOUT_RANGES.threshold, 10).meta({
    description:
      'Wrong passwords in a row, from whatever addresses, that lock an account, until an admin sets another number.',
  }),
  USER_LOCKOUT_DURATION_MINUTES: wholeNumber('minutes', LOCKOUT_RANGES.durationMinutes, 30).meta({
    description: 'Minutes for which an account stays locked, until an admin sets another number.',
  }),
  GLOBAL_RATE_LIMIT_PER_MINUTE: wholeNumber('requests', { min: 1, max: 166_666 }, 100).meta({
    description:
      'Requests a minute of a user, and of an address without a token, until an admin sets another limit; premium users and admins get six times it.',
  }),
  // Argon2 needs 8 KiB for each lane: the least memory is enough for the most lanes.
  PASSWORD_HASH_MEMORY_KIB: wholeNumber('KiB', { min: 512, max: 4_194_304 }, 19_456).meta({
    description:
      'Memory of one Argon2id password hash in KiB. Hashes made with other parameters are renewed at the next login.',
  }),
  PASSWORD_HASH_ITERATIONS: wholeNumber('passes', { min: 1, max: 1_000 }, 2).meta({
    description: 'Passes of one password hash.',
  }),
  PASSWORD_HASH_PARALLELISM: wholeNumber('lanes', { min: 1, max: 64 }, 1).meta({
    description: 'Lanes of one password hash.',
  }),
  AUDIT_RETENTION_DAYS: wholeNumber('days', { min: 1, max: 36_500 }, 365).meta({
    description: 'Days after which an entry of the audit log is removed; counts for entries written from then on.',
  }),
});

export type AccountsEnv = z.output<typeof accountsEnv>;

/** Returns the options of the accounts module that an environment stands for. */
export function accountsOptions(env: AccountsEnv): AccountsOptions {
  return {
    passwordHash: {
      memoryKib: env.PASSWORD_HASH_MEMORY_KIB,
      iterations: env.PASSWORD_HASH_ITERATIONS,
      parallelism: env.PASSWORD_HASH_PARALLELISM,
    },
    lockout: { threshold: env.USER_LOCKOUT_THRESHOLD, durationMinutes: env.USER_LOCKOUT_DURATION_MINUTES },
    rateLimits: {
      loginAttempts: env.LOGIN_RATE_LIMIT_ATTEMPTS,
      loginWindowSeconds: env.LOGIN_RATE_LIMIT_WINDOW_SECONDS,
      registerAttempts: env.REGISTER_RATE_LIMIT_ATTEMPTS,
      registerWindowSeconds: env.REGISTER_RATE_LIMIT_WINDOW_SECONDS,
      requestsPerMinute: env.GLOBAL_RATE_LIMIT_PER_MINUTE,
    },
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
  };
}
