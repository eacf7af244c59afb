import { type Role, type RoleLimits, ROLES, rolesOf, USER_STATUSES, type UserStatus } from '@app/domain';
import { z } from 'zod';
import { ROLE_LIMITS_EXAMPLE, roleLimitsSchema, toRoleLimits } from '../role-limits';
import { textField, timestampField } from '../scalars';

const USER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';
const EMAIL = 'ann@example.com';

const userIdField = textField('Id of the account.', USER_ID);
const emailField = textField('Its address, as it was typed.', EMAIL);
const messageField = (example: string): z.ZodString => textField('What was done, to be shown.', example);

const REGISTERED = 'The account is ready; log in with it.';
const PASSWORD_CHANGED = 'The password is changed; every older access token has stopped working.';

/** Schema of the answer of `POST /auth/register`. */
export const registeredSchema = z
  .strictObject({ user_id: userIdField, email: emailField, message: messageField(REGISTERED) })
  .meta({
    id: 'Registered',
    description: 'The account that was made.',
    example: { user_id: USER_ID, email: EMAIL, message: REGISTERED },
  });

export type RegisteredBody = z.infer<typeof registeredSchema>;

export function toRegistered(account: { id: string; email: string }): RegisteredBody {
  return { user_id: account.id, email: account.email, message: REGISTERED };
}

/** Schema of the answer of `POST /auth/change-password`. */
export const passwordChangedSchema = z
  .strictObject({ message: messageField(PASSWORD_CHANGED), user_id: userIdField, email: emailField })
  .meta({
    id: 'PasswordChanged',
    description: 'The account whose password was changed.',
    example: { message: PASSWORD_CHANGED, user_id: USER_ID, email: EMAIL },
  });

export type PasswordChangedBody = z.infer<typeof passwordChangedSchema>;

export function toPasswordChanged(account: { id: string; email: string }): PasswordChangedBody {
  return { message: PASSWORD_CHANGED, user_id: account.id, email: account.email };
}

/** Schema of the answer of `GET /auth/me`. */
export const ownAccountSchema = z
  .strictObject({
    id: userIdField,
    email: emailField,
    role: z.enum(ROLES).meta({ description: 'Its role.', example: 'premium_user' }),
    roles: z
      .array(z.enum(ROLES))
      .meta({ description: 'That role and those it includes, least first.', example: ['user', 'premium_user'] }),
    status: z.enum(USER_STATUSES).meta({ description: 'How it stands.', example: 'active' }),
    created_at: timestampField('When it was made.'),
    limits: roleLimitsSchema,
  })
  .meta({
    id: 'OwnAccount',
    description: 'The account a token belongs to.',
    example: {
      id: USER_ID,
      email: EMAIL,
      role: 'premium_user',
      roles: ['user', 'premium_user'],
      status: 'active',
      created_at: '2026-02-07T09:30:00.000Z',
      limits: ROLE_LIMITS_EXAMPLE,
    },
  });

export type OwnAccountBody = z.infer<typeof ownAccountSchema>;

export interface OwnAccountSource {
  id: string;
  email: string;
  role: Role;
  status: UserStatus;
  createdAt: Date;
}

export function toOwnAccount(account: OwnAccountSource, limits: RoleLimits): OwnAccountBody {
  return {
    id: account.id,
    email: account.email,
    role: account.role,
    roles: rolesOf(account.role),
    status: account.status,
    created_at: account.createdAt.toISOString(),
    limits: toRoleLimits(limits),
  };
}
