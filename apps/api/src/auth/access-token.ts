import type { Account } from '@app/accounts';
import type { Role } from '@app/domain';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export const TOKEN_ISSUER = 'papertrading-pm';
export const TOKEN_AUDIENCE = 'papertrading-pm-api';
/** The one algorithm tokens are signed and accepted with. */
export const TOKEN_ALGORITHM = 'HS256';

/** What a token must say to be looked at further; the roles it names are for its bearer, not for us. */
export const tokenClaimsSchema = z.object({
  sub: z.string().min(1).max(128),
  ver: z.number().int().nonnegative(),
  /** When its bearer last gave the password, Unix seconds. */
  auth_time: z.number().int().nonnegative(),
  /** When it ends, Unix seconds. */
  exp: z.number().int().nonnegative(),
});

/** Who makes a request: the account as it stands now, when its bearer last gave the password, and when the token ends. */
export interface Caller extends Account {
  authenticatedAt: Date;
  tokenExpiresAt: Date;
}

/** What a token is issued for. */
export interface TokenSubject {
  id: string;
  role: Role;
  /** Tokens of an older version are no longer accepted. */
  tokenVersion: number;
}

/** The signing key. A key object, because a string is tried as a public key first, at forty times the cost of a verification. */
export function tokenKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret, 'utf8'));
}
