import {
  createHttpAdapter,
  describeRedis,
  HealthRegistry,
  listenHttp,
  parseEnv,
  type ProcessContext,
  type RunningProcess,
  useLogs,
} from '@app/platform';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { version } from '../../../package.json';
import { configureApi } from '../../api/src';
import { TerminalProgress } from '../../sync-worker/src';
import { startBacking } from './backing';
import { bannerLines } from './banner';
import { jwtSecretOf, prepareDataFolder } from './data-folder';
import { assertPortFree } from './free-port';
import { formatLogLine } from './log-line';
import { standaloneEnv } from './standalone.env';
import { StandaloneModule } from './standalone.module';
import { StopStack } from './stop-stack';
import type { VenueKind } from './venue-kind';

/** Starts everything for a venue, in the order things stand on each other, and returns how to stop it in the opposite order. */
export async function runStandalone(venue: VenueKind, context: ProcessContext): Promise<RunningProcess> {
  const asked = parseEnv(standaloneEnv);
  const screen = new TerminalProgress(process.stdout);
  const say = (line: string): void => screen.write(`${line}\n`);
  const folder = prepareDataFolder(asked.DATA_DIR, venue);
  const jwtSecret = asked.JWT_SECRET_KEY ?? jwtSecretOf(folder);
  await assertPortFree(asked);

  const stops = new StopStack();
  try {
    say(venue === 'simulated' ? 'Starting the demo ...' : 'Starting ...');
    const backing = await startBacking({ venue, folder, env: asked, say }, context, stops);
    const { database, databaseSummary, env, simulatorUrl, childPids } = backing;
    const showLog = (json: string): void => {
      const line = formatLogLine(json);
      if (line !== null) say(line);
    };
    const app = await NestFactory.create<NestFastifyApplication>(
      StandaloneModule.forRoot({
        env,
        venue,
        database,
        jwtSecret,
        version,
        logging: { level: env.LOG_LEVEL, destination: { write: showLog } },
        ...(process.stdout.isTTY ? { progress: screen } : {}),
      }),
      createHttpAdapter(env),
      { bufferLogs: true, abortOnError: false },
    );
    stops.push(() => {
      app.get(HealthRegistry).beginStopping();
      return app.close();
    });
    useLogs(app);
    configureApi(app, env, { consoleFolder: join(__dirname, '..', 'console') });
    context.stopping.throwIfAborted();
    const port = await listenHttp(app, env);
    const url = `http://${env.HOST === '0.0.0.0' || env.HOST === '::' ? '127.0.0.1' : env.HOST}:${port}`;
    const lines = bannerLines({
      venue,
      ...(simulatorUrl === null ? {} : { simulator: { url: simulatorUrl, markets: env.SIMULATOR_MARKETS } }),
      url,
      database: databaseSummary,
      shared: describeRedis(env) ?? 'inside this process (no REDIS_URL)',
      tokenCommand: `npm run -s token -- ${venue === 'simulated' ? '--demo ' : ''}--role admin`,
    });
    lines.forEach(say);
    stops.push(() => say('Stopping ...'));
    return { stop: () => stops.stop(), ready: { url, simulatorUrl, childPids } };
  } catch (err) {
    await stops.stop();
    throw err;
  }
}
