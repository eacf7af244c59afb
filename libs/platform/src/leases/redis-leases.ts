import type { Redis } from 'ioredis';
import { runPipeline } from '../redis/pipelines';
import { Leases } from './leases';

/** A set of the names remembers whom to look for, so that nobody has to walk all keys; whose lease is gone leaves it. */
const LIST = `
local alive = {}
for _, instance in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', ARGV[1] .. instance) == 1 then
    alive[#alive + 1] = instance
  else
    redis.call('SREM', KEYS[1], instance)
  end
end
return alive
`;

interface ListCommand {
  listLeases(namesKey: string, prefix: string): Promise<string[]>;
}

const prefixOf = (role: string): string => `lease:${role}:`;
const namesOf = (role: string): string => `leases:${role}`;

/** Leases under `lease:{role}:{instance}`, which end by Redis's own clock. */
export class RedisLeases extends Leases {
  private readonly commands: ListCommand;

  constructor(private readonly redis: Redis) {
    super();
    redis.defineCommand('listLeases', { numberOfKeys: 1, lua: LIST });
    this.commands = redis as unknown as ListCommand;
  }

  override async hold(role: string, instance: string, ttlMs: number): Promise<void> {
    const pipeline = this.redis.multi();
    pipeline.set(prefixOf(role) + instance, '1', 'PX', ttlMs);
    pipeline.sadd(namesOf(role), instance);
    await runPipeline(pipeline);
  }

  override async release(role: string, instance: string): Promise<void> {
    await this.redis.unlink(prefixOf(role) + instance);
  }

  override async list(role: string): Promise<string[]> {
    return (await this.commands.listLeases(namesOf(role), prefixOf(role))).sort();
  }
}
