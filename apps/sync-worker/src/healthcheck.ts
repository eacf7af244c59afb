import { Clock, HeartbeatStore, type LoggingConfig, PlatformModule, StartError } from '@app/platform';
import { NestFactory } from '@nestjs/core';
import { hostname } from 'node:os';

/** A worker not heard of for this long is not healthy, milliseconds. */
const OLDEST_BEAT_MS = 60_000;

/** Checks that a sync worker on this machine gave a sign of life lately. @throws StartError when none did */
export async function checkHealth(config: {
  redis: Parameters<typeof PlatformModule.forRoot>[0]['redis'];
  logging: LoggingConfig;
}): Promise<void> {
  const app = await NestFactory.createApplicationContext(PlatformModule.forRoot(config), {
    logger: false,
    abortOnError: false,
  });
  try {
    const newest = (await app.get(HeartbeatStore).list())
      .filter((beat) => beat.process.startsWith(`sync-worker:${hostname()}:`))
      .reduce((latest, beat) => Math.max(latest, beat.at.getTime()), 0);
    const ageMs = app.get(Clock).now().getTime() - newest;
    if (ageMs > OLDEST_BEAT_MS)
      throw new StartError('No sync worker on this machine gave a sign of life in the last minute.');
  } finally {
    await app.close();
  }
}
