import { LOCKOUT_RANGES, type LockoutRule, type Role, type RoleLimits } from '@app/domain';
import { z } from 'zod';
import { bodyOf, partOf, wholeNumberBodyField } from '../body-fields';
import {
  fromRoleLimitsChange,
  ROLE_LIMITS_EXAMPLE,
  roleLimitsChangeSchema,
  roleLimitsSchema,
  toRoleLimits,
} from '../role-limits';

const PREMIUM_EXAMPLE = {
  portfolios: 50,
  open_orders: 1_000,
  ws_subscriptions: 500,
  requests_per_minute: 600,
  price_history_days: 1_825,
  csv_export: true,
} as const;

const LOCKOUT_EXAMPLE = { threshold: 10, duration_minutes: 30 } as const;

/** Schema of when accounts are locked. */
const lockoutSchema = z
  .strictObject(
    {
      threshold: wholeNumberBodyField(LOCKOUT_RANGES.threshold, {
        description: 'How many wrong passwords in a row, from whatever addresses, lock an account.',
        example: LOCKOUT_EXAMPLE.threshold,
      }),
      duration_minutes: wholeNumberBodyField(LOCKOUT_RANGES.durationMinutes, {
        description: 'How many minutes an account that is locked from then on stays so.',
        example: LOCKOUT_EXAMPLE.duration_minutes,
      }),
    },
    partOf('an object with threshold and duration_minutes'),
  )
  .meta({ id: 'Lockout', description: 'When accounts are locked, and for how long.', example: LOCKOUT_EXAMPLE });

/** Schema of what an admin sets of it; what is not named stays. */
const lockoutChangeSchema = lockoutSchema.partial().meta({
  id: 'LockoutChange',
  description: 'What to set of when accounts are locked; what is not named stays.',
  example: { threshold: 5 },
});

/** Schema of everything an admin can set. */
export const settingsSchema = z
  .strictObject({
    role_limits: z
      .strictObject({ user: roleLimitsSchema, premium_user: roleLimitsSchema, admin: roleLimitsSchema })
      .meta({ description: 'What accounts of each role may have and use.' }),
    lockout: lockoutSchema,
  })
  .meta({
    id: 'Settings',
    description: 'What an admin can set.',
    example: {
      role_limits: { user: ROLE_LIMITS_EXAMPLE, premium_user: PREMIUM_EXAMPLE, admin: PREMIUM_EXAMPLE },
      lockout: LOCKOUT_EXAMPLE,
    },
  });

export type SettingsBody = z.infer<typeof settingsSchema>;

export function toSettings(settings: {
  roleLimits: Readonly<Record<Role, RoleLimits>>;
  lockout: LockoutRule;
}): SettingsBody {
  const { user, premium_user: premium, admin } = settings.roleLimits;
  return {
    role_limits: { user: toRoleLimits(user), premium_user: toRoleLimits(premium), admin: toRoleLimits(admin) },
    lockout: { threshold: settings.lockout.threshold, duration_minutes: settings.lockout.durationMinutes },
  };
}

/** Body of `PUT /admin/settings`. */
export const settingsRequestSchema = z
  .strictObject(
    {
      role_limits: z
        .strictObject(
          {
            user: roleLimitsChangeSchema.optional(),
            premium_user: roleLimitsChangeSchema.optional(),
            admin: roleLimitsChangeSchema.optional(),
          },
          partOf('an object of roles'),
        )
        .optional()
        .meta({ description: 'The limits to set, by role; what is not named stays.' }),
      lockout: lockoutChangeSchema.optional(),
    },
    bodyOf('send a JSON object with role_limits or lockout'),
  )
  .superRefine((body, context) => {
    if (body.role_limits !== undefined || body.lockout !== undefined) return;
    for (const field of ['role_limits', 'lockout']) {
      context.addIssue({ code: 'custom', path: [field], message: 'give role_limits or lockout' });
    }
  })
  .meta({
    id: 'SettingsRequest',
    description: 'Settings to set; at least one of the two.',
    example: { role_limits: { user: { portfolios: 10 } }, lockout: { threshold: 5 } },
  });

export type SettingsRequest = z.output<typeof settingsRequestSchema>;

/** What an admin asks to set. */
export interface RequestedSettings {
  roleLimits?: Partial<Record<Role, Partial<RoleLimits>>>;
  lockout?: Partial<LockoutRule>;
}

/** The settings an admin asks for. */
export function fromSettings({ role_limits: limits, lockout }: SettingsRequest): RequestedSettings {
  return {
    ...(limits === undefined ? {} : { roleLimits: fromRoles(limits) }),
    ...(lockout === undefined ? {} : { lockout: fromLockout(lockout) }),
  };
}

function fromRoles({
  user,
  premium_user: premium,
  admin,
}: NonNullable<SettingsRequest['role_limits']>): Partial<Record<Role, Partial<RoleLimits>>> {
  return {
    ...(user === undefined ? {} : { user: fromRoleLimitsChange(user) }),
    ...(premium === undefined ? {} : { premium_user: fromRoleLimitsChange(premium) }),
    ...(admin === undefined ? {} : { admin: fromRoleLimitsChange(admin) }),
  };
}

function fromLockout({
  threshold,
  duration_minutes: minutes,
}: z.output<typeof lockoutChangeSchema>): Partial<LockoutRule> {
  return {
    ...(threshold === undefined ? {} : { threshold }),
    ...(minutes === undefined ? {} : { durationMinutes: minutes }),
  };
}
