import {
  DomainError,
  type FieldProblem,
  LEAST_ADMIN_REQUESTS_PER_MINUTE,
  LOCKOUT_RANGES,
  type LockoutRule,
  ROLE_LIMIT_RANGES,
  type Role,
  type RoleLimits,
  ROLES,
} from '@app/domain';
import { z } from 'zod';

/** What an admin can set at run time. */
export interface Settings {
  roleLimits: Readonly<Record<Role, RoleLimits>>;
  lockout: LockoutRule;
}

/** What to set; what is not named stays. */
export interface SettingsChange {
  roleLimits?: Partial<Record<Role, Partial<RoleLimits>>>;
  lockout?: Partial<LockoutRule>;
}

/** A role's limits without the budget of requests, which is the rate limit of the role. */
export type StoredRoleLimits = Omit<RoleLimits, 'requestsPerMinute'>;

const PREMIUM_LIMITS: StoredRoleLimits = {
  portfolios: 50,
  openOrders: 1_000,
  wsSubscriptions: 500,
  priceHistoryDays: 1_825,
  csvExport: true,
};

/** The limits that count until an admin sets others. */
export const DEFAULT_ROLE_LIMITS: Readonly<Record<Role, StoredRoleLimits>> = {
  user: { portfolios: 5, openOrders: 50, wsSubscriptions: 20, priceHistoryDays: 90, csvExport: false },
  premium_user: PREMIUM_LIMITS,
  admin: PREMIUM_LIMITS,
};

/** Each limit as it is called outside of the program. */
const WIRE_NAMES: Readonly<Record<keyof RoleLimits, string>> = {
  portfolios: 'portfolios',
  openOrders: 'open_orders',
  wsSubscriptions: 'ws_subscriptions',
  requestsPerMinute: 'requests_per_minute',
  priceHistoryDays: 'price_history_days',
  csvExport: 'csv_export',
};

const LIMIT_NAMES = Object.keys(WIRE_NAMES) as (keyof RoleLimits)[];

/** Returns what a role may have. */
export function limitsOf(role: Role, settings: Settings): RoleLimits {
  return settings.roleLimits[role];
}

/** A stored role's limits; what a newer or older program left out has its default. */
function storedLimits(defaults: StoredRoleLimits): z.ZodType<StoredRoleLimits> {
  const wholeNumber = (name: keyof typeof ROLE_LIMIT_RANGES, byDefault: number): z.ZodDefault<z.ZodNumber> =>
    z.number().int().min(ROLE_LIMIT_RANGES[name].min).max(ROLE_LIMIT_RANGES[name].max).default(byDefault);
  return z
    .object({
      portfolios: wholeNumber('portfolios', defaults.portfolios),
      open_orders: wholeNumber('openOrders', defaults.openOrders),
      ws_subscriptions: wholeNumber('wsSubscriptions', defaults.wsSubscriptions),
      price_history_days: wholeNumber('priceHistoryDays', defaults.priceHistoryDays),
      csv_export: z.boolean().default(defaults.csvExport),
    })
    .transform((stored) => ({
      portfolios: stored.portfolios,
      openOrders: stored.open_orders,
      wsSubscriptions: stored.ws_subscriptions,
      priceHistoryDays: stored.price_history_days,
      csvExport: stored.csv_export,
    }));
}

const storedRoleLimits = z.object({
  user: storedLimits(DEFAULT_ROLE_LIMITS.user).prefault({}),
  premium_user: storedLimits(DEFAULT_ROLE_LIMITS.premium_user).prefault({}),
  admin: storedLimits(DEFAULT_ROLE_LIMITS.admin).prefault({}),
});

/** Reads the stored limits. @throws Error naming what in them cannot be used */
export function parseStoredRoleLimits(stored: unknown): Record<Role, StoredRoleLimits> {
  const parsed = storedRoleLimits.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new Error(`the setting role_limits in system_db cannot be used: ${z.prettifyError(parsed.error)}`);
}

/** Returns the limits as they are stored. */
export function toStoredRoleLimits(
  limits: Readonly<Record<Role, StoredRoleLimits>>,
): Record<Role, Record<string, number | boolean>> {
  const fields = (role: Role): Record<string, number | boolean> => ({
    portfolios: limits[role].portfolios,
    open_orders: limits[role].openOrders,
    ws_subscriptions: limits[role].wsSubscriptions,
    price_history_days: limits[role].priceHistoryDays,
    csv_export: limits[role].csvExport,
  });
  return { user: fields('user'), premium_user: fields('premium_user'), admin: fields('admin') };
}

/** The rule of locks as far as an admin has set it; the rest follows the environment. */
const storedLockout = z
  .object({
    threshold: lockoutNumber('threshold'),
    duration_minutes: lockoutNumber('durationMinutes'),
  })
  .transform(({ threshold, duration_minutes: durationMinutes }) => ({
    ...(threshold === undefined ? {} : { threshold }),
    ...(durationMinutes === undefined ? {} : { durationMinutes }),
  }));

function lockoutNumber(name: keyof LockoutRule): z.ZodOptional<z.ZodNumber> {
  return z.number().int().min(LOCKOUT_RANGES[name].min).max(LOCKOUT_RANGES[name].max).optional();
}

/** Reads what is stored of the rule of locks. @throws Error naming what in it cannot be used */
export function parseStoredLockout(stored: unknown): Partial<LockoutRule> {
  const parsed = storedLockout.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new Error(`the setting lockout in system_db cannot be used: ${z.prettifyError(parsed.error)}`);
}

/** Returns what is set of the rule of locks as it is stored. */
export function toStoredLockout({ threshold, durationMinutes }: Partial<LockoutRule>): Record<string, number> {
  return {
    ...(threshold === undefined ? {} : { threshold }),
    ...(durationMinutes === undefined ? {} : { duration_minutes: durationMinutes }),
  };
}

/** One setting that becomes another. */
interface Change {
  /** Its name outside of the program, with its role's. */
  wireName: string;
  from: number | boolean;
  to: number | boolean;
}

export interface LimitChange extends Change {
  role: Role;
  name: keyof RoleLimits;
}

export interface LockoutChange extends Change {
  name: keyof LockoutRule;
  to: number;
}

/** What a change would change. */
export interface PlannedSettings {
  limits: LimitChange[];
  lockout: LockoutChange[];
}

/**
 * Returns what a change would change.
 * @throws DomainError `SETTING.UNKNOWN` for a role or limit there is none of, `REQUEST.UNACCEPTABLE` for a value out of range
 */
export function planSettingsChange(current: Settings, change: SettingsChange): PlannedSettings {
  const bad: FieldProblem[] = [];
  const planned = {
    limits: planLimits(current.roleLimits, change.roleLimits ?? {}, bad),
    lockout: planLockout(current.lockout, change.lockout ?? {}, bad),
  };
  if (bad.length > 0) throw new DomainError('REQUEST.UNACCEPTABLE', 'The settings cannot be set.', { fields: bad });
  return planned;
}

function planLimits(
  current: Settings['roleLimits'],
  change: NonNullable<SettingsChange['roleLimits']>,
  bad: FieldProblem[],
): LimitChange[] {
  const planned: LimitChange[] = [];
  for (const [role, limits] of Object.entries(change)) {
    if (!isRole(role)) throw unknown(role, ROLES);
    for (const [name, to] of Object.entries(limits)) {
      if (!isLimitName(name)) throw unknown(`${role}.${name}`, Object.values(WIRE_NAMES));
      const wireName = `${role}.${WIRE_NAMES[name]}`;
      const message = valueProblem(role, name, to);
      if (message !== null) bad.push({ field: `role_limits.${wireName}`, message });
      const from = current[role][name];
      if (from !== to) planned.push({ role, name, wireName, from, to });
    }
  }
  return planned;
}

const LOCKOUT_WIRE_NAMES: Readonly<Record<keyof LockoutRule, string>> = {
  threshold: 'threshold',
  durationMinutes: 'duration_minutes',
};

function planLockout(current: LockoutRule, change: Partial<LockoutRule>, bad: FieldProblem[]): LockoutChange[] {
  return (['threshold', 'durationMinutes'] as const).flatMap((name) => {
    const to = change[name];
    if (to === undefined) return [];
    const wireName = `lockout.${LOCKOUT_WIRE_NAMES[name]}`;
    const message = rangeProblem(to, LOCKOUT_RANGES[name]);
    if (message !== null) bad.push({ field: wireName, message });
    return to === current[name] ? [] : [{ name, wireName, from: current[name], to }];
  });
}

/** Returns what is set of the rule of locks after changes. */
export function applyLockoutChanges(
  set: Partial<LockoutRule>,
  changes: readonly LockoutChange[],
): Partial<LockoutRule> {
  return { ...set, ...Object.fromEntries(changes.map(({ name, to }) => [name, to])) };
}

/** Returns limits after changes. */
export function applyLimitChanges(
  limits: Readonly<Record<Role, StoredRoleLimits>>,
  changes: readonly LimitChange[],
): Record<Role, StoredRoleLimits> {
  const changed = (role: Role): StoredRoleLimits => ({
    ...limits[role],
    ...Object.fromEntries(
      changes
        .filter((change) => change.role === role && change.name !== 'requestsPerMinute')
        .map(({ name, to }) => [name, to]),
    ),
  });
  return { user: changed('user'), premium_user: changed('premium_user'), admin: changed('admin') };
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

function isLimitName(text: string): text is keyof RoleLimits {
  return (LIMIT_NAMES as readonly string[]).includes(text);
}

function valueProblem(role: Role, name: keyof RoleLimits, value: unknown): string | null {
  if (name === 'csvExport') return typeof value === 'boolean' ? null : 'must be true or false';
  const { max } = ROLE_LIMIT_RANGES[name];
  const keepsAdmins = role === 'admin' && name === 'requestsPerMinute';
  const min = keepsAdmins ? LEAST_ADMIN_REQUESTS_PER_MINUTE : ROLE_LIMIT_RANGES[name].min;
  return rangeProblem(value, { min, max });
}

function rangeProblem(value: unknown, { min, max }: { min: number; max: number }): string | null {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return fits ? null : `must be a whole number from ${min} to ${max}`;
}

function unknown(name: string, known: readonly string[]): DomainError {
  const message = `must be one of ${known.join(', ')}`;
  return new DomainError('SETTING.UNKNOWN', `There is no setting role_limits.${name}.`, {
    fields: [{ field: `role_limits.${name}`, message }],
  });
}
