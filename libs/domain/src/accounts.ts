import type { Role } from './roles';

/**
 * `active`: may log in. `disabled`: an admin closed it, tokens included. `locked`: too many wrong passwords in a row; nobody logs in until
 * the lock runs out, tokens issued before go on.
 */
export const USER_STATUSES = ['active', 'disabled', 'locked'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

/** What an account may have and use, by its role. */
export interface RoleLimits {
  portfolios: number;
  openOrders: number;
  wsSubscriptions: number;
  requestsPerMinute: number;
  /** How far back price histories go, in days. */
  priceHistoryDays: number;
  csvExport: boolean;
}

/** The whole numbers an admin may set each limit to. */
export const ROLE_LIMIT_RANGES: Readonly<Record<Exclude<keyof RoleLimits, 'csvExport'>, { min: number; max: number }>> =
  {
    portfolios: { min: 0, max: 10_000 },
    openOrders: { min: 0, max: 100_000 },
    wsSubscriptions: { min: 0, max: 10_000 },
    requestsPerMinute: { min: 1, max: 1_000_000 },
    priceHistoryDays: { min: 1, max: 36_500 },
  };

/** After how many wrong passwords in a row an account is locked, and for how long. */
export interface LockoutRule {
  threshold: number;
  durationMinutes: number;
}

/** The whole numbers it may be set to, by the environment and by an admin. */
export const LOCKOUT_RANGES: Readonly<Record<keyof LockoutRule, { min: number; max: number }>> = {
  threshold: { min: 1, max: 1_000 },
  durationMinutes: { min: 1, max: 525_600 },
};

/** Groups of routes whose requests are counted together. */
export const RATE_LIMIT_GROUPS = ['login', 'register', 'api'] as const;
export type RateLimitGroup = (typeof RATE_LIMIT_GROUPS)[number];

/** Whom a rate limit is for: the bearers of a role, or callers without a token. */
export type Audience = Role | 'anonymous';

/** So many requests in so many seconds, for one group of routes and one audience. */
export interface RateLimit {
  group: RateLimitGroup;
  role: Audience;
  limit: number;
  windowSeconds: number;
}

/** The whole numbers an admin may set a rate limit to. */
export const RATE_LIMIT_RANGES = {
  limit: { min: 1, max: 1_000_000 },
  windowSeconds: { min: 1, max: 86_400 },
} as const;

/** Requests a minute an admin keeps whatever is set, so that a wrong limit can still be put right. */
export const LEAST_ADMIN_REQUESTS_PER_MINUTE = 30;

/** What the audit log tells of. */
export const AUDIT_ACTIONS = [
  'user.registered',
  'user.registration_refused',
  'user.created',
  'user.login',
  'user.login_failed',
  'user.locked',
  'user.unlocked',
  'user.password_changed',
  'user.password_change_refused',
  'user.role_changed',
  'user.status_changed',
  'settings.changed',
  'rate_limits.changed',
  'markets.refresh_requested',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
