import type { Redis } from 'ioredis';
import { windowError } from '../rate-window/rate-window';
import { DegradedNotice } from '../redis/degraded-notice';
import { shareWithoutRedis } from '../redis/share-without-redis';
import { RateCounter, type RateHit, type WhenLost } from './rate-counter';

/** A list of the counted hits' times, oldest first; Redis's own clock, so that machines with different clocks agree. */
const COUNT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local count = redis.call('LLEN', KEYS[1])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0) or now)
while count > 0 and oldest <= now - window do
  redis.call('LPOP', KEYS[1])
  count = count - 1
  oldest = tonumber(redis.call('LINDEX', KEYS[1], 0) or now)
end
local allowed = count < limit
if allowed then
  redis.call('RPUSH', KEYS[1], now)
  redis.call('PEXPIRE', KEYS[1], window)
  count = count + 1
else
  oldest = tonumber(redis.call('LINDEX', KEYS[1], count - limit))
end
return { allowed and 1 or 0, count, math.min(window, oldest + window - now) }
`;

interface CountCommand {
  countHit(key: string, limit: number, windowMs: number): Promise<[allowed: 0 | 1, count: number, resetMs: number]>;
}

/** After Redis failed to answer, this process counts alone for so long before it asks again: a Redis that hangs is not waited for at every hit. */
const ASK_AGAIN_AFTER_MS = 1_000;

/** Counts the hits of every process on one Redis. While Redis does not answer, this process counts for itself in `alone`. */
export class RedisRateCounter extends RateCounter {
  private readonly commands: CountCommand;
  /** On the clock of `performance.now()`. */
  private askAgainAt = 0;

  constructor(
    redis: Redis,
    private readonly alone: RateCounter,
    private readonly notice = new DegradedNotice('Request limits'),
  ) {
    super();
    redis.defineCommand('countHit', { numberOfKeys: 1, lua: COUNT });
    this.commands = redis as unknown as CountCommand;
  }

  override async hit(key: string, limit: number, windowMs: number, whenLost: WhenLost = 'stricter'): Promise<RateHit> {
    const refusal = windowError(limit, windowMs);
    if (refusal !== null) throw refusal;
    if (performance.now() >= this.askAgainAt) {
      try {
        const [allowed, count, resetMs] = await this.commands.countHit(`hits:${key}`, limit, windowMs);
        this.notice.recovered();
        return { allowed: allowed === 1, limit, count, resetMs };
      } catch (err) {
        this.notice.lost(err);
        this.askAgainAt = performance.now() + ASK_AGAIN_AFTER_MS;
      }
    }
    return this.alone.hit(key, whenLost === 'stricter' ? shareWithoutRedis(limit) : limit, windowMs);
  }
}
