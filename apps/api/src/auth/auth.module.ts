import { type DynamicModule, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenService } from './access-token.service';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, tokenKey } from './access-token';
import { JwtStrategy, TOKEN_KEY } from './jwt.strategy';

export interface AuthOptions {
  /** Secret of at least 32 characters that signs access tokens. */
  jwtSecret: string;
  accessTokenMinutes: number;
}

/** Checks and issues access tokens. */
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    const key = tokenKey(options.jwtSecret);
    return {
      module: AuthModule,
      imports: [
        JwtModule.register({
          secret: key,
          signOptions: {
            algorithm: TOKEN_ALGORITHM,
            issuer: TOKEN_ISSUER,
            audience: TOKEN_AUDIENCE,
            expiresIn: options.accessTokenMinutes * 60,
          },
        }),
      ],
      providers: [{ provide: TOKEN_KEY, useValue: key }, JwtStrategy, AccessTokenService],
      exports: [AccessTokenService],
    };
  }
}
