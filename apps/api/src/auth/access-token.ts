import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export const TOKEN_ISSUER = 'papertrading-pm';
export const TOKEN_AUDIENCE = 'papertrading-pm-api';
/** The one algorithm tokens are signed and accepted with. */
export const TOKEN_ALGORITHM = 'HS256';

export const ROLES = ['user', 'premium_user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a token says about its bearer; roles of other versions are passed over. */
export const tokenClaimsSchema = z.object({
  sub: z.string().min(1),
  roles: z.array(z.string()).transform((roles) => ROLES.filter((role) => roles.includes(role))),
});

/** Who makes a request. */
export interface Caller {
  id: string;
  roles: Role[];
}

/** The signing key. A key object, because a string is tried as a public key first, at forty times the cost of a verification. */
export function tokenKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret, 'utf8'));
}
