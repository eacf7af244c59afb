import type { Redis } from 'ioredis';
import { newId } from '../ids';
import { DegradedNotice } from '../redis/degraded-notice';
import { shareWithoutRedis } from '../redis/share-without-redis';
import { RateWindow, windowError } from './rate-window';

/** A sorted set of places by time; Redis's own clock, so that machines with different clocks agree. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) < limit then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window)
  return 0
end
local blocking = redis.call('ZREVRANGE', KEYS[1], limit - 1, limit - 1, 'WITHSCORES')
return math.min(window, math.max(1, tonumber(blocking[2]) + window - now))
`;

interface TakeCommand {
  takePlace(key: string, limit: number, windowMs: number, unique: string): Promise<number>;
}

/**
 * A window shared by every process on one Redis. While Redis does not answer, this process counts for itself in `alone`
 * against a quarter of the limit, so that a few processes together stay within it.
 */
export class RedisRateWindow extends RateWindow {
  private readonly commands: TakeCommand;
  private sequence = 0;

  constructor(
    redis: Redis,
    private readonly alone: RateWindow,
    private readonly caller = newId(),
    private readonly notice = new DegradedNotice('Rate limits'),
  ) {
    super();
    redis.defineCommand('takePlace', { numberOfKeys: 1, lua: TAKE });
    this.commands = redis as unknown as TakeCommand;
  }

  override async take(key: string, limit: number, windowMs: number): Promise<number> {
    const refusal = windowError(limit, windowMs);
    if (refusal !== null) throw refusal;
    this.sequence += 1;
    const place = `${this.caller}:${this.sequence}`;
    try {
      const waitMs = await this.commands.takePlace(`rate:${windowMs}:${key}`, limit, windowMs, place);
      this.notice.recovered();
      return waitMs;
    } catch (err) {
      this.notice.lost(err);
      return this.alone.take(key, shareWithoutRedis(limit), windowMs);
    }
  }
}
