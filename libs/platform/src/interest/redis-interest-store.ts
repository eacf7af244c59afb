import type { Redis } from 'ioredis';
import { batches } from '../redis/pipelines';
import { type Interest, INTEREST_SEPARATOR, interestError, InterestStore } from './interest-store';

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: time to live, the holder keys' prefix, then subject and holder by turns. What has expired goes, should nobody ever list or remove it. */
const ADD = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local ttl = tonumber(ARGV[1])
local expires = now + ttl
for index = 3, #ARGV, 2 do
  local subject, holder = ARGV[index], ARGV[index + 1]
  local key = ARGV[2] .. holder
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZADD', KEYS[1], 'GT', expires, subject .. '${INTEREST_SEPARATOR}' .. holder)
  redis.call('ZADD', key, 'GT', expires, subject)
  if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
end
`;

/** ARGV: as of ADD. */
const PROLONG = `${NOW}
local ttl = tonumber(ARGV[1])
for index = 3, #ARGV, 2 do
  local subject, holder = ARGV[index], ARGV[index + 1]
  local key = ARGV[2] .. holder
  local expires = redis.call('ZSCORE', key, subject)
  if expires and tonumber(expires) > now then
    redis.call('ZADD', KEYS[1], 'XX', 'GT', now + ttl, subject .. '${INTEREST_SEPARATOR}' .. holder)
    redis.call('ZADD', key, 'XX', 'GT', now + ttl, subject)
    if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
  end
end
`;

/** ARGV: the holder keys' prefix, then subject and holder by turns. */
const REMOVE = `
for index = 2, #ARGV, 2 do
  local subject, holder = ARGV[index], ARGV[index + 1]
  redis.call('ZREM', KEYS[1], subject .. '${INTEREST_SEPARATOR}' .. holder)
  redis.call('ZREM', ARGV[1] .. holder, subject)
end
`;

const REMOVE_ALL = `${NOW}
local subjects = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')
for _, subject in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  redis.call('ZREM', KEYS[1], subject .. '${INTEREST_SEPARATOR}' .. ARGV[1])
end
redis.call('DEL', KEYS[2])
return subjects
`;

const LIST = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

interface InterestCommands {
  addInterests(allKey: string, ttlMs: number, prefix: string, ...subjectsAndHolders: string[]): Promise<null>;
  prolongInterests(allKey: string, ttlMs: number, prefix: string, ...subjectsAndHolders: string[]): Promise<null>;
  removeInterests(allKey: string, prefix: string, ...subjectsAndHolders: string[]): Promise<null>;
  removeInterestsOf(allKey: string, holderKey: string, holder: string): Promise<string[]>;
  listInterests(key: string): Promise<string[]>;
}

const ALL_KEY = 'interest';
const HOLDER_PREFIX = 'interest:';

/** Interests in the sorted set `interest` by expiry, and each holder's again in `interest:{holder}`; times are Redis's own. */
export class RedisInterestStore extends InterestStore {
  private readonly commands: InterestCommands;

  constructor(redis: Redis) {
    super();
    redis.defineCommand('addInterests', { numberOfKeys: 1, lua: ADD });
    redis.defineCommand('prolongInterests', { numberOfKeys: 1, lua: PROLONG });
    redis.defineCommand('removeInterests', { numberOfKeys: 1, lua: REMOVE });
    redis.defineCommand('removeInterestsOf', { numberOfKeys: 2, lua: REMOVE_ALL });
    redis.defineCommand('listInterests', { numberOfKeys: 1, lua: LIST });
    this.commands = redis as unknown as InterestCommands;
  }

  override async add(interests: readonly Interest[], ttlMs: number): Promise<void> {
    const refusal = interestError(interests);
    if (refusal !== null) throw refusal;
    for (const batch of batches(interests)) {
      await this.commands.addInterests(ALL_KEY, ttlMs, HOLDER_PREFIX, ...byTurns(batch));
    }
  }

  override async prolong(interests: readonly Interest[], ttlMs: number): Promise<void> {
    for (const batch of batches(interests)) {
      await this.commands.prolongInterests(ALL_KEY, ttlMs, HOLDER_PREFIX, ...byTurns(batch));
    }
  }

  override async remove(interests: readonly Interest[]): Promise<void> {
    for (const batch of batches(interests)) {
      await this.commands.removeInterests(ALL_KEY, HOLDER_PREFIX, ...byTurns(batch));
    }
  }

  override async removeAll(holder: string): Promise<string[]> {
    return (await this.commands.removeInterestsOf(ALL_KEY, HOLDER_PREFIX + holder, holder)).sort();
  }

  override async list(): Promise<Interest[]> {
    const members = await this.commands.listInterests(ALL_KEY);
    return members.map((member) => {
      const at = member.indexOf(INTEREST_SEPARATOR);
      return { subject: member.slice(0, at), holder: member.slice(at + 1) };
    });
  }

  override async listOf(holder: string): Promise<string[]> {
    return (await this.commands.listInterests(HOLDER_PREFIX + holder)).sort();
  }
}

function byTurns(interests: readonly Interest[]): string[] {
  return interests.flatMap(({ subject, holder }) => [subject, holder]);
}
