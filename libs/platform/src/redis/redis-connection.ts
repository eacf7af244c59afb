import { Redis, type RedisOptions } from 'ioredis';
import { StartError } from '../process/start-error';

/** The values of `redisEnv`. */
export interface RedisConfig {
  REDIS_URL?: string | undefined;
  REDIS_HOST?: string | undefined;
  REDIS_PORT?: number | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;
const DEFAULT_PORT = 6379;

/** Returns the Redis address without user and password, or null when none is configured. */
export function describeRedis(config: RedisConfig): string | null {
  if (config.REDIS_URL !== undefined) {
    const url = new URL(config.REDIS_URL);
    return `${url.protocol}//${url.host}${url.pathname}`;
  }
  return config.REDIS_HOST === undefined ? null : `redis://${config.REDIS_HOST}:${config.REDIS_PORT ?? DEFAULT_PORT}`;
}

/**
 * Connects to the configured Redis, or returns null when none is configured. Afterwards commands fail within a second while
 * Redis is away, instead of queueing, and the connection comes back by itself.
 * @throws StartError when Redis cannot be reached now: a wrong address must show at once
 */
export async function connectRedis(config: RedisConfig, onError: (err: Error) => void): Promise<Redis | null> {
  const address = describeRedis(config);
  if (address === null) return null;
  const options: RedisOptions = {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(attempt, 10)),
  };
  const redis =
    config.REDIS_URL !== undefined
      ? new Redis(config.REDIS_URL, options)
      : new Redis({ ...options, host: config.REDIS_HOST ?? '', port: config.REDIS_PORT ?? DEFAULT_PORT });
  let lastError: Error | undefined;
  redis.on('error', (err: Error) => {
    lastError = err;
    onError(err);
  });
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (err) {
    redis.disconnect();
    const reason = (lastError ?? (err as Error)).message;
    throw new StartError(
      `Redis at ${address} cannot be used: ${reason}. Start it, or correct REDIS_URL (or REDIS_HOST and REDIS_PORT).`,
      { cause: err },
    );
  }
}
