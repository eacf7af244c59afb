import { emailProblem, normaliseEmail, type Role, ROLES, USER_STATUSES, type UserStatus } from '@app/domain';
import { z } from 'zod';
import { bodyOf, choiceBodyField } from '../body-fields';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { choiceParameter, querySchema, ruledParameter } from '../parameters';
import { countField, textField, timestampField, wireTimeOrNull } from '../scalars';

const USER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';
const EMAIL = 'ann@example.com';

/** Query of `GET /admin/users`. */
export const userListQuerySchema = querySchema({
  role: choiceParameter(ROLES, { description: 'Only accounts of exactly this role.', example: 'user' }).optional(),
  status: choiceParameter(USER_STATUSES, {
    description: 'Only accounts that stand so; one whose lock has run out is active again.',
    example: 'locked',
  }).optional(),
  email: ruledParameter(emailProblem, normaliseEmail, {
    description: 'Only the account of this address, in any case.',
    example: EMAIL,
  }).optional(),
  ...pageParameters,
});

export type UserListQuery = z.output<typeof userListQuerySchema>;

/** The `{id}` of a path. */
export const userIdPathSchema = z.uuid({ error: 'must be the id of an account as GET /admin/users answers it' }).meta({
  description: 'Id of the account.',
  example: USER_ID,
  pattern: undefined,
});

const ADMIN_STATUSES = ['active', 'disabled'] as const;

/** Body of `PATCH /admin/users/{id}`. */
export const userChangeRequestSchema = z
  .strictObject(
    {
      role: choiceBodyField(ROLES, {
        description: 'The role to have. Every older access token of the account stops working.',
        example: 'premium_user',
      }).optional(),
      status: choiceBodyField(ADMIN_STATUSES, {
        description: '`disabled` closes the account, tokens included, until it is `active` again.',
        example: 'active',
      }).optional(),
      unlock: z
        .literal(true, { error: 'must be true, or left out' })
        .optional()
        .meta({ description: 'Ends a lock after too many wrong passwords.', example: true }),
    },
    bodyOf('send a JSON object with role, status or unlock'),
  )
  .superRefine((body, context) => {
    if (Object.values(body).some((value) => value !== undefined)) return;
    for (const field of ['role', 'status', 'unlock']) {
      context.addIssue({ code: 'custom', path: [field], message: 'give role, status or unlock' });
    }
  })
  .meta({
    id: 'UserChangeRequest',
    description: 'What to change of an account; at least one of the three.',
    example: { role: 'premium_user' },
  });

export type UserChangeRequest = z.output<typeof userChangeRequestSchema>;

const USER_EXAMPLE = {
  id: USER_ID,
  email: EMAIL,
  role: 'user',
  status: 'locked',
  failed_attempts: 10,
  locked_until: '2026-02-07T10:00:00.000Z',
  created_at: '2026-01-02T08:00:00.000Z',
  updated_at: '2026-02-07T09:30:00.000Z',
} as const;

/** Schema of an account as admins see it. */
export const userSchema = z
  .strictObject({
    id: textField('Id of the account.', USER_ID),
    email: textField('Its address, as it was typed.', EMAIL),
    role: z.enum(ROLES).meta({ description: 'Its role.', example: USER_EXAMPLE.role }),
    status: z.enum(USER_STATUSES).meta({ description: 'How it stands.', example: USER_EXAMPLE.status }),
    failed_attempts: countField('Wrong passwords since the last right one.', USER_EXAMPLE.failed_attempts),
    locked_until: timestampField('Until when nobody may log in.', USER_EXAMPLE.locked_until).nullable(),
    created_at: timestampField('When it was made.', USER_EXAMPLE.created_at),
    updated_at: timestampField('When it last changed.', USER_EXAMPLE.updated_at),
  })
  .meta({ id: 'User', description: 'An account.', example: USER_EXAMPLE });

export type UserBody = z.infer<typeof userSchema>;

export interface UserSource {
  id: string;
  email: string;
  role: Role;
  status: UserStatus;
  failedAttempts: number;
  lockedUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export function toUser(user: UserSource): UserBody {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    status: user.status,
    failed_attempts: user.failedAttempts,
    locked_until: wireTimeOrNull(user.lockedUntil),
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

/** Schema of one page of accounts. */
export const userListSchema = z
  .strictObject({ users: z.array(userSchema).meta({ description: 'The page.' }), ...pageFields })
  .meta({
    id: 'UserList',
    description: 'One page of accounts, the first registered first.',
    example: {
      users: [USER_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    },
  });

export interface UserListBody extends PageBody {
  users: UserBody[];
}

export function toUserList(users: readonly UserSource[], total: number, page: number, pageSize: number): UserListBody {
  return { users: users.map(toUser), ...toPageBody(total, page, pageSize) };
}
