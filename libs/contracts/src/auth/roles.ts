import { type Role, type RoleLimits, ROLES } from '@app/domain';
import { z } from 'zod';
import { ROLE_LIMITS_EXAMPLE, roleLimitsSchema, toRoleLimits } from '../role-limits';

const roleSchema = z
  .strictObject({
    role: z.enum(ROLES).meta({ description: 'Its name.', example: 'user' }),
    limits: roleLimitsSchema,
  })
  .meta({
    id: 'Role',
    description: 'A role, and what accounts of it may have and use.',
    example: { role: 'user', limits: ROLE_LIMITS_EXAMPLE },
  });

/** Schema of the answer of `GET /auth/roles`. */
export const roleListSchema = z
  .strictObject({ roles: z.array(roleSchema).meta({ description: 'Least first; each includes the one before.' }) })
  .meta({
    id: 'RoleList',
    description: 'Every role.',
    example: { roles: [{ role: 'user', limits: ROLE_LIMITS_EXAMPLE }] },
  });

export type RoleListBody = z.infer<typeof roleListSchema>;

/** @param limitsOf what accounts of a role may have and use now */
export function toRoleList(limitsOf: (role: Role) => RoleLimits): RoleListBody {
  return { roles: ROLES.map((role) => ({ role, limits: toRoleLimits(limitsOf(role)) })) };
}
