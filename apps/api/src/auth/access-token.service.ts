import { DomainError, rolesOf } from '@app/domain';
import { newId } from '@app/platform';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { TokenSubject } from './access-token';

export const TOKEN_LIFE_SECONDS = Symbol('TOKEN_LIFE_SECONDS');
export const SESSION_SECONDS = Symbol('SESSION_SECONDS');

/** Issues the tokens the guards accept. */
@Injectable()
export class AccessTokenService {
  constructor(
    private readonly jwt: JwtService,
    /** Life of a token when none is asked for, seconds. */
    @Inject(TOKEN_LIFE_SECONDS) readonly lifeSeconds: number,
    /** How long after a login fresh tokens are given for older ones, seconds. */
    @Inject(SESSION_SECONDS) private readonly sessionSeconds: number,
  ) {}

  /**
   * Issues a token to somebody who has just shown who they are.
   * @param lifeSeconds how long the token is accepted; the configured life when left out
   */
  async issue(subject: TokenSubject, lifeSeconds = this.lifeSeconds): Promise<string> {
    return this.sign(subject, lifeSeconds, unixSeconds());
  }

  /**
   * Issues a token for an older one, good until the session ends at the latest.
   * @throws DomainError `AUTH.REQUIRED` when the password was given too long ago
   */
  async renew(subject: TokenSubject, authenticatedAt: Date): Promise<{ accessToken: string; lifeSeconds: number }> {
    const authTime = Math.floor(authenticatedAt.getTime() / 1_000);
    const lifeSeconds = Math.min(this.lifeSeconds, authTime + this.sessionSeconds - unixSeconds());
    if (lifeSeconds <= 0) {
      const hours = Math.floor(this.sessionSeconds / 3_600);
      throw new DomainError('AUTH.REQUIRED', `The last login is more than ${hours} hours old; log in again.`);
    }
    return { accessToken: await this.sign(subject, lifeSeconds, authTime), lifeSeconds };
  }

  private async sign(subject: TokenSubject, lifeSeconds: number, authTime: number): Promise<string> {
    const claims = { roles: rolesOf(subject.role), ver: subject.tokenVersion, auth_time: authTime };
    return this.jwt.signAsync(claims, { subject: subject.id, jwtid: newId(), expiresIn: lifeSeconds });
  }
}

/** By the machine's clock, which dates and judges the tokens too. */
function unixSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
