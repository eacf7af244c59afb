import 'reflect-metadata';
import { accountsEnv, AccountsModule, accountsOptions, AccountsService, type Credentials } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { createHttpAdapter, parseEnv, PlatformModule, runProcess } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const ORIGIN = { address: null, requestId: 'bench' };

@Module({})
class BareAccounts {
  static forRoot(uri: string, databasePrefix: string): DynamicModule {
    return {
      module: BareAccounts,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot({ uri, databasePrefix }),
        AccountsModule.forRoot({ ...accountsOptions(parseEnv(accountsEnv)), storesDefaults: false }),
      ],
    };
  }
}

/** Logs in whoever is posted to `/login`, as the api does, on a route of Fastify alone: no guards, no counting, no checks, no token. */
void runProcess(async () => {
  const [uri = '', databasePrefix = ''] = process.argv.slice(2);
  const app = await NestFactory.createApplicationContext(BareAccounts.forRoot(uri, databasePrefix), {
    logger: false,
    abortOnError: false,
  });
  const accounts = app.get(AccountsService);
  const fastify = createHttpAdapter({ TRUSTED_PROXIES: [] }).getInstance();
  fastify.post('/login', async (request) => {
    const { id, role } = await accounts.logIn(request.body as Credentials, ORIGIN);
    return { id, role };
  });
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  const stop = async (): Promise<void> => {
    await fastify.close();
    await app.close();
  };
  return { stop, ready: { url } };
});
