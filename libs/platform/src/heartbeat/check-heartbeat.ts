import { NestFactory } from '@nestjs/core';
import { hostname } from 'node:os';
import { Clock } from '../clock';
import type { LoggingConfig } from '../logging/logging.module';
import { PlatformModule } from '../platform.module';
import { StartError } from '../process/start-error';
import type { RedisConfig } from '../redis/redis-connection';
import { HeartbeatStore } from './heartbeat-store';

/** A worker not heard of for this long is not healthy, milliseconds. */
const OLDEST_BEAT_MS = 60_000;

/**
 * Checks that a worker of a role on this machine, such as `sync-worker`, gave a sign of life lately.
 * @throws StartError when none did
 */
export async function checkHeartbeat(
  role: string,
  config: { redis: RedisConfig; logging: LoggingConfig },
): Promise<void> {
  const app = await NestFactory.createApplicationContext(PlatformModule.forRoot(config), {
    logger: false,
    abortOnError: false,
  });
  try {
    const newest = (await app.get(HeartbeatStore).list())
      .filter((beat) => beat.process.startsWith(`${role}:${hostname()}:`))
      .reduce((latest, beat) => Math.max(latest, beat.at.getTime()), 0);
    const ageMs = app.get(Clock).now().getTime() - newest;
    if (ageMs > OLDEST_BEAT_MS)
      throw new StartError(`No ${role} on this machine gave a sign of life in the last minute.`);
  } finally {
    await app.close();
  }
}
