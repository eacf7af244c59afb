import type { Schemas } from '../../api/client';
import type { Role } from '../../api/session';
import { LIMIT_KEYS, type LimitKey, ROLES } from '../../ui/roles';

type RateLimit = Schemas['RateLimit'];
type RoleLimits = Schemas['Settings']['role_limits'];
type RoleLimitsChange = NonNullable<NonNullable<Schemas['SettingsRequest']['role_limits']>[Role]>;
type Lockout = Schemas['Lockout'];

/** What was typed and not saved, by the name of its field. */
export type Edits = Readonly<Record<string, string>>;

export type RateLimitField = 'limit' | 'window_seconds';

export const rateLimitKey = ({ group, role }: Pick<RateLimit, 'group' | 'role'>, field: RateLimitField): string =>
  `${group}.${role}.${field}`;
export const roleLimitKey = (role: Role, limit: LimitKey): string => `role_limits.${role}.${limit}`;
export const lockoutKey = (field: keyof Lockout): string => `lockout.${field}`;

/** The rate limits that were changed, as they shall be. */
export function changedRateLimits(stored: readonly RateLimit[], edits: Edits): RateLimit[] {
  return stored.flatMap((limit) => {
    const next = {
      ...limit,
      limit: edited(edits[rateLimitKey(limit, 'limit')], limit.limit),
      window_seconds: edited(edits[rateLimitKey(limit, 'window_seconds')], limit.window_seconds),
    };
    return next.limit === limit.limit && next.window_seconds === limit.window_seconds ? [] : [next];
  });
}

/** The limits of roles that were changed, as they shall be. */
export function changedRoleLimits(stored: RoleLimits, edits: Edits): Partial<Record<Role, RoleLimitsChange>> {
  const changed: Partial<Record<Role, RoleLimitsChange>> = {};
  for (const role of ROLES) {
    const limits = Object.fromEntries(
      LIMIT_KEYS.flatMap((key) => {
        const before = stored[role][key];
        const text = edits[roleLimitKey(role, key)];
        const after =
          typeof before === 'boolean' ? (text === undefined ? before : text === 'true') : edited(text, before);
        return after === before ? [] : [[key, after]];
      }),
    ) as RoleLimitsChange;
    if (Object.keys(limits).length > 0) changed[role] = limits;
  }
  return changed;
}

/** How many limits of roles were changed. */
export function countChanges(changed: Partial<Record<Role, RoleLimitsChange>>): number {
  return Object.values(changed).reduce((sum, limits) => sum + Object.keys(limits).length, 0);
}

/** What was changed of when accounts are locked. */
export function changedLockout(stored: Lockout, edits: Edits): Partial<Lockout> {
  const threshold = edited(edits[lockoutKey('threshold')], stored.threshold);
  const minutes = edited(edits[lockoutKey('duration_minutes')], stored.duration_minutes);
  return {
    ...(threshold === stored.threshold ? {} : { threshold }),
    ...(minutes === stored.duration_minutes ? {} : { duration_minutes: minutes }),
  };
}

/** An emptied field is no zero: the form asks for it before it is sent. */
function edited(text: string | undefined, stored: number): number {
  return text === undefined || text.trim() === '' ? stored : Number(text);
}
