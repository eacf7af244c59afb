import type { Role, RoleLimits } from '@app/domain';
import { z } from 'zod';
import { bodyOf, partOf } from '../body-fields';
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

/** Schema of everything an admin can set. */
export const settingsSchema = z
  .strictObject({
    role_limits: z
      .strictObject({ user: roleLimitsSchema, premium_user: roleLimitsSchema, admin: roleLimitsSchema })
      .meta({ description: 'What accounts of each role may have and use.' }),
  })
  .meta({
    id: 'Settings',
    description: 'What an admin can set.',
    example: { role_limits: { user: ROLE_LIMITS_EXAMPLE, premium_user: PREMIUM_EXAMPLE, admin: PREMIUM_EXAMPLE } },
  });

export type SettingsBody = z.infer<typeof settingsSchema>;

export function toSettings(settings: { roleLimits: Readonly<Record<Role, RoleLimits>> }): SettingsBody {
  const { user, premium_user: premium, admin } = settings.roleLimits;
  return {
    role_limits: { user: toRoleLimits(user), premium_user: toRoleLimits(premium), admin: toRoleLimits(admin) },
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
        .meta({ description: 'The limits to set, by role; what is not named stays.' }),
    },
    bodyOf('send a JSON object with role_limits'),
  )
  .meta({
    id: 'SettingsRequest',
    description: 'Settings to set.',
    example: { role_limits: { user: { portfolios: 10 } } },
  });

export type SettingsRequest = z.output<typeof settingsRequestSchema>;

/** The settings an admin asks for. */
export function fromSettings(body: SettingsRequest): { roleLimits: Partial<Record<Role, Partial<RoleLimits>>> } {
  const { user, premium_user: premium, admin } = body.role_limits;
  return {
    roleLimits: {
      ...(user === undefined ? {} : { user: fromRoleLimitsChange(user) }),
      ...(premium === undefined ? {} : { premium_user: fromRoleLimitsChange(premium) }),
      ...(admin === undefined ? {} : { admin: fromRoleLimitsChange(admin) }),
    },
  };
}
