import 'reflect-metadata';
import { HealthRegistry, listenHttp, parseEnv, runProcess } from '@app/platform';
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
  new Logger('Api').log({ msg: 'Listening', host: env.HOST, port, docs: `http://${env.HOST}:${port}/docs` });
  return { stop };
});
