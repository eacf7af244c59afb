import { type Role, ROLES, rolesOf } from '@app/domain';
import { z } from 'zod';
import { countField, textField } from '../scalars';

const ACCESS_TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTkwZjVjMiJ9.c2lnbmF0dXJl';
const USER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';

const tokenFields = {
  access_token: textField('Sent as `Authorization: Bearer` or as `?token=`.', ACCESS_TOKEN),
  token_type: z.literal('bearer').meta({ description: 'Always bearer.', example: 'bearer' }),
  expires_in: countField('Seconds until the token expires.', 1800),
};

/** Schema of the answer of `POST /auth/token` and `POST /auth/login`. */
export const sessionSchema = z
  .strictObject({
    ...tokenFields,
    user_id: textField('Whose it is.', USER_ID),
    roles: z.array(z.enum(ROLES)).meta({ description: 'What the account may do, least first.', example: ['user'] }),
  })
  .meta({
    id: 'Session',
    description: 'An access token and whose it is.',
    example: {
      access_token: ACCESS_TOKEN,
      token_type: 'bearer',
      expires_in: 1800,
      user_id: USER_ID,
      roles: ['user'],
    },
  });

export type SessionBody = z.infer<typeof sessionSchema>;

export interface SessionSource {
  accessToken: string;
  lifeSeconds: number;
  userId: string;
  role: Role;
}

export function toSession(session: SessionSource): SessionBody {
  return {
    access_token: session.accessToken,
    token_type: 'bearer',
    expires_in: session.lifeSeconds,
    user_id: session.userId,
    roles: rolesOf(session.role),
  };
}

/** Schema of the answer of `POST /auth/refresh`. */
export const refreshedTokenSchema = z.strictObject(tokenFields).meta({
  id: 'RefreshedToken',
  description: 'A fresh access token.',
  example: { access_token: ACCESS_TOKEN, token_type: 'bearer', expires_in: 1800 },
});

export type RefreshedTokenBody = z.infer<typeof refreshedTokenSchema>;

export function toRefreshedToken(session: Pick<SessionSource, 'accessToken' | 'lifeSeconds'>): RefreshedTokenBody {
  return { access_token: session.accessToken, token_type: 'bearer', expires_in: session.lifeSeconds };
}
