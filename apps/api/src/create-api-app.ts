import { AccountsModule, accountsOptions } from '@app/accounts';
import { mongoOptions, PersistenceModule } from '@app/persistence';
import { createHttpAdapter, parseEnv, PlatformModule, useLogs } from '@app/platform';
import { PolymarketModule, venueOptions } from '@app/polymarket';
import { TradingModule, tradingOptions } from '@app/trading';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { randomBytes } from 'node:crypto';
import { apiEnv, type ApiEnv, apiEnvRules } from './api.env';
import { ApiModule } from './api.module';
import { type ApiFiles, configureApi } from './configure-api';
import { buildOpenApiDocument } from './openapi/openapi-document';

/** The api as a process of its own. */
@Module({})
class ApiProcessModule {
  static forRoot(env: ApiEnv, version: string): DynamicModule {
    return {
      module: ApiProcessModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: env.LOG_LEVEL }, redis: env }),
        PersistenceModule.forRoot(mongoOptions(env)),
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
export async function createApiApp(env: ApiEnv, version: string, files?: ApiFiles): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiProcessModule.forRoot(env, version),
    createHttpAdapter(env),
    // Silent until the configured logger takes over: a start that fails is told by the process itself, in one sentence.
    { logger: false, abortOnError: false },
  );
  useLogs(app);
  configureApi(app, env, files);
  return app;
}

const NOWHERE = { MONGO_URI: 'mongodb://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1' };

/** Returns the OpenAPI document of the api without starting it: no provider is made, and nothing is connected to. */
export async function describeApi(version: string): Promise<OpenAPIObject> {
  const env = parseEnv(apiEnv, { ...NOWHERE, JWT_SECRET_KEY: randomBytes(32).toString('hex') }, apiEnvRules);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiProcessModule.forRoot(env, version),
    createHttpAdapter(env),
    { preview: true, logger: false, abortOnError: false },
  );
  return buildOpenApiDocument(app, version);
}
