import { AccountsModule, accountsOptions } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { createHttpAdapter, PlatformModule, useLogs } from '@app/platform';
import { PolymarketModule, venueOptions } from '@app/polymarket';
import { TradingModule, tradingOptions } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ApiEnv } from './api.env';
import { ApiModule } from './api.module';
import { configureApi } from './configure-api';

/** The api as a process of its own. */
@Module({})
class ApiProcessModule {
  static forRoot(env: ApiEnv, version: string): DynamicModule {
    return {
      module: ApiProcessModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: env.LOG_LEVEL }, redis: env }),
        PersistenceModule.forRoot({ uri: env.MONGO_URI }),
        { ...PolymarketModule.forRoot(venueOptions(env)), global: true },
        // Others may change accounts at any time: what ends a token must end it here in the same moment.
        AccountsModule.forRoot({ ...accountsOptions(env), identityCacheMs: 0 }),
        TradingModule.forRoot(tradingOptions(env)),
        ApiModule.forRoot({
          auth: {
            jwtSecret: env.JWT_SECRET_KEY,
            accessTokenMinutes: env.JWT_ACCESS_TOKEN_EXPIRE_MINUTES,
            sessionHours: env.JWT_SESSION_MAX_HOURS,
          },
          version,
        }),
      ],
    };
  }
}

/** Builds the api from its configuration, ready to listen. */
export async function createApiApp(env: ApiEnv, version: string): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiProcessModule.forRoot(env, version),
    createHttpAdapter(env),
    // Silent until the configured logger takes over: a start that fails is told by the process itself, in one sentence.
    { logger: false, abortOnError: false },
  );
  useLogs(app);
  configureApi(app, env);
  return app;
}
