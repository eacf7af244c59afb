import {
  type Audience,
  DomainError,
  type FieldProblem,
  LEAST_ADMIN_REQUESTS_PER_MINUTE,
  RATE_LIMIT_RANGES,
  type RateLimit,
  type RateLimitGroup,
} from '@app/domain';
import type { AccountsOptions } from '../accounts.options';

const REGISTER_ATTEMPTS = 10;
const MINUTE_SECONDS = 60;
/** Premium users and admins get so many times the requests of a user. */
const PREMIUM_FACTOR = 6;

/** How many requests in how long. */
export interface Policy {
  limit: number;
  windowMs: number;
}

/** Returns the limits that count until an admin sets others; no other limits exist. */
export function defaultRateLimits(options: AccountsOptions['rateLimits']): RateLimit[] {
  const perMinute = (role: Audience, limit: number): RateLimit => ({
    group: 'api',
    role,
    limit,
    windowSeconds: MINUTE_SECONDS,
  });
  const { requestsPerMinute } = options;
  return [
    { group: 'login', role: 'anonymous', limit: options.loginAttempts, windowSeconds: options.loginWindowSeconds },
    {
      group: 'register',
      role: 'anonymous',
      limit: options.registerAttempts ?? REGISTER_ATTEMPTS,
      windowSeconds: options.registerWindowSeconds ?? MINUTE_SECONDS,
    },
    perMinute('anonymous', requestsPerMinute),
    perMinute('user', requestsPerMinute),
    perMinute('premium_user', PREMIUM_FACTOR * requestsPerMinute),
    perMinute('admin', PREMIUM_FACTOR * requestsPerMinute),
  ];
}

/** Returns a limit's name. */
export function rateLimitKey(group: RateLimitGroup, role: Audience): string {
  return `${group}:${role}`;
}

/**
 * Checks the limits an admin wants to set.
 * @param known names of the limits there are
 * @throws DomainError `SETTING.UNKNOWN` for a limit there is none of, `REQUEST.UNACCEPTABLE` for a value out of range or a limit named twice
 */
export function checkRateLimits(changes: readonly RateLimit[], known: readonly string[]): void {
  const names = changes.map(({ group, role }) => rateLimitKey(group, role));
  const unknown = names.flatMap((name, at): FieldProblem[] =>
    known.includes(name) ? [] : [{ field: `rate_limits.${at}`, message: `must be one of ${known.join(', ')}` }],
  );
  if (unknown.length > 0) {
    const detail = `There is no rate limit for ${names.filter((name) => !known.includes(name)).join(', ')}.`;
    throw new DomainError('SETTING.UNKNOWN', detail, { fields: unknown });
  }
  const fields = changes.flatMap((change, at) => [
    ...(names.indexOf(names[at] ?? '') < at
      ? [{ field: `rate_limits.${at}`, message: 'names a limit that is named before' }]
      : []),
    ...valueProblems(`rate_limits.${at}.`, change),
    ...(locksAdminsOut(change)
      ? [
          {
            field: `rate_limits.${at}.limit`,
            message: `must leave admins at least ${LEAST_ADMIN_REQUESTS_PER_MINUTE} requests a minute, in windows of a minute at most`,
          },
        ]
      : []),
  ]);
  if (fields.length > 0) throw new DomainError('REQUEST.UNACCEPTABLE', 'The rate limits cannot be set.', { fields });
}

/** Returns why a stored limit, which somebody may have written by hand, cannot be used; null when it can. */
export function storedRateLimitProblem(stored: RateLimit): string | null {
  const problems = valueProblems('', stored).map(({ field, message }) => `${field} ${message}`);
  if (problems.length === 0) return null;
  return `the rate limit ${rateLimitKey(stored.group, stored.role)} in system_db cannot be used: ${problems.join('; ')}`;
}

/** Whether a limit would keep admins from putting it right again. */
function locksAdminsOut({ group, role, limit, windowSeconds }: RateLimit): boolean {
  if (group !== 'api' || role !== 'admin') return false;
  return windowSeconds > MINUTE_SECONDS || limit * MINUTE_SECONDS < LEAST_ADMIN_REQUESTS_PER_MINUTE * windowSeconds;
}

function valueProblems(prefix: string, { limit, windowSeconds }: RateLimit): FieldProblem[] {
  return [
    ...outOfRange(`${prefix}limit`, limit, RATE_LIMIT_RANGES.limit),
    ...outOfRange(`${prefix}window_seconds`, windowSeconds, RATE_LIMIT_RANGES.windowSeconds),
  ];
}

/** Returns what is wrong with a number that must be whole and in a range. */
function outOfRange(field: string, value: number, range: { min: number; max: number }): FieldProblem[] {
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return [];
  return [{ field, message: `must be a whole number from ${range.min} to ${range.max}` }];
}
