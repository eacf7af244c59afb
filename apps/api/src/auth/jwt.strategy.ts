import { AccountsService } from '@app/accounts';
import { DomainError } from '@app/domain';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { KeyObject } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { type Caller, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, tokenClaimsSchema } from './access-token';

export const TOKEN_KEY = Symbol('TOKEN_KEY');

/** Finds the token of a request: in the Authorization header or, failing that, in `?token=`. */
export const extractToken = ExtractJwt.fromExtractors([
  ExtractJwt.fromAuthHeaderAsBearerToken(),
  ExtractJwt.fromUrlQueryParameter('token'),
]);

/** Accepts a token that is ours, in date, and of the present version of an account that may be used. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    @Inject(TOKEN_KEY) key: KeyObject,
    private readonly accounts: AccountsService,
  ) {
    super({
      jwtFromRequest: extractToken,
      // The types know only text; at run time the key goes to jsonwebtoken as it is.
      secretOrKey: key as unknown as Buffer,
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
    });
  }

  async validate(claims: unknown): Promise<Caller> {
    const parsed = tokenClaimsSchema.safeParse(claims);
    if (!parsed.success)
      throw new DomainError('AUTH.REQUIRED', 'The access token does not say whose it is; log in again.');
    const account = await this.accounts.identify(parsed.data);
    const { auth_time: authTime, exp } = parsed.data;
    return { ...account, authenticatedAt: new Date(authTime * 1_000), tokenExpiresAt: new Date(exp * 1_000) };
  }
}
