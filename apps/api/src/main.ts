import 'reflect-metadata';
import { HealthRegistry, listDefaulted, listenHttp, parseEnv, runProcess } from '@app/platform';
import { Logger } from '@nestjs/common';
import { version } from '../../../package.json';
import { apiEnv, apiEnvRules } from './api.env';
import { createApiApp } from './create-api-app';

void runProcess(async ({ stopping }) => {
  const env = parseEnv(apiEnv, process.env, apiEnvRules);
  const app = await createApiApp(env, version);
  const stop = async (): Promise<void> => {
    app.get(HealthRegistry).beginStopping();
    await app.close();
  };
  if (stopping.aborted) return { stop };
  const port = await listenHttp(app, env);
  const host = env.HOST === '0.0.0.0' || env.HOST === '::' ? '127.0.0.1' : env.HOST;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  new Logger('Api').log({ msg: 'Listening', url, docs: `${url}/docs`, defaulted: listDefaulted(apiEnv) });
  return { stop, ready: { url } };
});
