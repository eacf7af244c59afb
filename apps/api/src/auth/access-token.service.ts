import { rolesOf } from '@app/domain';
import { newId } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { TokenSubject } from './access-token';

export const TOKEN_LIFE_SECONDS = Symbol('TOKEN_LIFE_SECONDS');

/** Issues the tokens the guards accept. */
@Injectable()
export class AccessTokenService {
  constructor(
    private readonly jwt: JwtService,
    /** Life of a token when none is asked for, seconds. */
    @Inject(TOKEN_LIFE_SECONDS) readonly lifeSeconds: number,
  ) {}

  /** @param lifeSeconds how long the token is accepted; the configured life when left out */
  async issue(subject: TokenSubject, lifeSeconds = this.lifeSeconds): Promise<string> {
    const claims = { roles: rolesOf(subject.role), ver: subject.tokenVersion };
    return this.jwt.signAsync(claims, { subject: subject.id, jwtid: newId(), expiresIn: lifeSeconds });
  }
}
