import { type DynamicModule, Module } from '@nestjs/common';
import { tokenKey } from './access-token';
import { AccessTokenModule, type AccessTokenOptions } from './access-token.module';
import { JwtStrategy, TOKEN_KEY } from './jwt.strategy';
import { RequestAuthenticator } from './request-authenticator';

/** Issues access tokens and finds out who bears one. Stands on the accounts module its composition root makes global. */
@Module({})
export class AuthModule {
  static forRoot(options: AccessTokenOptions): DynamicModule {
    return {
      module: AuthModule,
      imports: [AccessTokenModule.forRoot(options)],
      providers: [{ provide: TOKEN_KEY, useValue: tokenKey(options.jwtSecret) }, JwtStrategy, RequestAuthenticator],
      exports: [AccessTokenModule, RequestAuthenticator],
    };
  }
}
