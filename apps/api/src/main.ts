import 'reflect-metadata';
import { HealthRegistry, listDefaulted, listenHttp, parseEnv, runProcess } from '@app/platform';
import { Logger } from '@nestjs/common';
import { join } from 'node:path';
import { version } from '../../../package.json';
import { ADMIN_CREATE_COMMAND, runAdminCreate } from './admin-create/run-admin-create';
import { apiEnv, apiEnvRules } from './api.env';
import { createApiApp } from './create-api-app';

void runProcess(async ({ stopping }) => {
  const [command, ...args] = process.argv.slice(2);
  if (command === ADMIN_CREATE_COMMAND) return runAdminCreate(args);
  const env = parseEnv(apiEnv, process.env, apiEnvRules);
  const app = await createApiApp(env, version, { consoleFolder: join(__dirname, '..', 'console') });
  const stop = async (): Promise<void> => {
    app.get(HealthRegistry).beginStopping();
    await app.close();
  };
  if (stopping.aborted) return { stop };
  const port = await listenHttp(app, env);
  const host = env.HOST === '0.0.0.0' || env.HOST === '::' ? '127.0.0.1' : env.HOST;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  new Logger('Api').log({
    msg: 'Listening',
    url,
    docs: `${url}/docs`,
    console: `${url}/console`,
    defaulted: listDefaulted(apiEnv),
  });
  return { stop, ready: { url } };
});
