import { type DynamicModule, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, tokenKey } from './access-token';
import { AccessTokenService, SESSION_SECONDS, TOKEN_LIFE_SECONDS } from './access-token.service';

export interface AccessTokenOptions {
  /** Secret of at least 32 characters that signs access tokens. */
  jwtSecret: string;
  accessTokenMinutes: number;
  /** How long after a login fresh tokens are given; {@link DEFAULT_SESSION_HOURS} when left out. */
  sessionHours?: number;
}

/** Source: OWASP ASVS 4.0.3, 3.3.2. */
export const DEFAULT_SESSION_HOURS = 12;

/** Issues access tokens; stands on nothing else, so that a command line can do it too. */
@Module({})
export class AccessTokenModule {
  static forRoot(options: AccessTokenOptions): DynamicModule {
    return {
      module: AccessTokenModule,
      imports: [
        JwtModule.register({
          secret: tokenKey(options.jwtSecret),
          signOptions: { algorithm: TOKEN_ALGORITHM, issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE },
        }),
      ],
      providers: [
        { provide: TOKEN_LIFE_SECONDS, useValue: options.accessTokenMinutes * 60 },
        { provide: SESSION_SECONDS, useValue: (options.sessionHours ?? DEFAULT_SESSION_HOURS) * 3_600 },
        AccessTokenService,
      ],
      exports: [AccessTokenService],
    };
  }
}
