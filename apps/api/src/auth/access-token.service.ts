import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Caller } from './access-token';

/** Issues the tokens the guards accept. */
@Injectable()
export class AccessTokenService {
  constructor(private readonly jwt: JwtService) {}

  /** @param lifeSeconds how long the token is accepted; the configured life when left out */
  async issue(caller: Caller, lifeSeconds?: number): Promise<string> {
    const options = { subject: caller.id, ...(lifeSeconds === undefined ? {} : { expiresIn: lifeSeconds }) };
    return this.jwt.signAsync({ roles: caller.roles }, options);
  }
}
