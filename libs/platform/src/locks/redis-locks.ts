import type { Redis } from 'ioredis';
import { batches } from '../redis/pipelines';
import { Locks } from './locks';

const ACQUIRE = `
local held = {}
for index, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if not owner or owner == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    held[#held + 1] = index
  end
end
return held
`;

const RENEW = `
local held = {}
for index, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    redis.call('PEXPIRE', key, ARGV[2])
    held[#held + 1] = index
  end
end
return held
`;

const RELEASE = `
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
`;

/** Each is given the keys with their number before them, and answers which of them, counted from 1, are the owner's. */
interface LockCommands {
  acquireLocks(keyCount: number, ...keysOwnerTtl: (string | number)[]): Promise<number[]>;
  renewLocks(keyCount: number, ...keysOwnerTtl: (string | number)[]): Promise<number[]>;
  releaseLocks(keyCount: number, ...keysOwner: string[]): Promise<null>;
}

const keyOf = (name: string): string => `lock:${name}`;

/** Locks under `lock:{name}`, each holding its owner's name. */
export class RedisLocks extends Locks {
  private readonly commands: LockCommands;

  constructor(redis: Redis) {
    super();
    redis.defineCommand('acquireLocks', { lua: ACQUIRE });
    redis.defineCommand('renewLocks', { lua: RENEW });
    redis.defineCommand('releaseLocks', { lua: RELEASE });
    this.commands = redis as unknown as LockCommands;
  }

  override acquire(names: readonly string[], owner: string, ttlMs: number): Promise<string[]> {
    return heldOf(names, (keys) => this.commands.acquireLocks(keys.length, ...keys, owner, ttlMs));
  }

  override renew(names: readonly string[], owner: string, ttlMs: number): Promise<string[]> {
    return heldOf(names, (keys) => this.commands.renewLocks(keys.length, ...keys, owner, ttlMs));
  }

  override async release(names: readonly string[], owner: string): Promise<void> {
    for (const batch of batches(names)) await this.commands.releaseLocks(batch.length, ...batch.map(keyOf), owner);
  }
}

async function heldOf(names: readonly string[], ask: (keys: string[]) => Promise<number[]>): Promise<string[]> {
  const held: string[] = [];
  for (const batch of batches(names)) {
    const places = new Set(await ask(batch.map(keyOf)));
    held.push(...batch.filter((_name, index) => places.has(index + 1)));
  }
  return held;
}
