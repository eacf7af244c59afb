import type { LockoutRule } from '@app/domain';

/** The cost of one Argon2id hash. */
export interface PasswordHashCost {
  memoryKib: number;
  iterations: number;
  parallelism: number;
}

export interface AccountsOptions {
  passwordHash: PasswordHashCost;
  /** Counts until an admin sets another. */
  lockout: LockoutRule;
  /** Limits that count until an admin sets others. */
  rateLimits: {
    loginAttempts: number;
    loginWindowSeconds: number;
    /** Default 10. */
    registerAttempts?: number;
    /** Default 60. */
    registerWindowSeconds?: number;
    requestsPerMinute: number;
  };
  auditRetentionDays: number;
  /** False for a command that runs beside the servers: what they stored as defaults stays. Default true. */
  storesDefaults?: boolean;
  /** How often settings and rate limits are read again, milliseconds. Default 2000. */
  pollMs?: number;
  /** How long a process may take an account for what it was, milliseconds: 0 where other processes serve clients, too. Default 1000. */
  identityCacheMs?: number;
}

/** Token of the module's options. */
export const ACCOUNTS_OPTIONS = Symbol('ACCOUNTS_OPTIONS');

/** What an admin changes on one instance counts on every other after this long at most, milliseconds. */
export const POLL_MS = 2_000;

/** What another instance changed about an account is noticed after this long at most, milliseconds. */
export const IDENTITY_CACHE_MS = 1_000;
