import { DomainError } from '@app/domain';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { KeyObject } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Caller, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, tokenClaimsSchema } from './access-token';

export const TOKEN_KEY = Symbol('TOKEN_KEY');

/** Accepts a token from the Authorization header or, failing that, from `?token=`. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@Inject(TOKEN_KEY) key: KeyObject) {
    super({
      jwtFromRequest: ExtractJwt.fromExtractors([
        ExtractJwt.fromAuthHeaderAsBearerToken(),
        ExtractJwt.fromUrlQueryParameter('token'),
      ]),
      // The types know only text; at run time the key goes to jsonwebtoken as it is.
      secretOrKey: key as unknown as Buffer,
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
    });
  }

  validate(claims: unknown): Caller {
    const parsed = tokenClaimsSchema.safeParse(claims);
    if (!parsed.success)
      throw new DomainError('AUTH.REQUIRED', 'The access token does not say whose it is; log in again.');
    return { id: parsed.data.sub, roles: parsed.data.roles };
  }
}
