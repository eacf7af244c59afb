import type { Redis } from 'ioredis';
import { z } from 'zod';
import { DegradedNotice } from '../redis/degraded-notice';
import { type Heartbeat, HEARTBEAT_KEPT_MS, HeartbeatStore } from './heartbeat-store';

const PREFIX = 'heartbeat:';

const storedBeat = z.object({ at: z.iso.datetime(), detail: z.record(z.string(), z.unknown()) });

/** Heartbeats under `heartbeat:{process}`, which expire an hour after the last beat. */
export class RedisHeartbeatStore extends HeartbeatStore {
  constructor(
    private readonly redis: Redis,
    private readonly notice = new DegradedNotice('Heartbeats'),
  ) {
    super();
  }

  override async beat(process: string, at: Date, detail: Record<string, unknown> = {}): Promise<void> {
    try {
      await this.redis.set(PREFIX + process, JSON.stringify({ at, detail }), 'PX', HEARTBEAT_KEPT_MS);
      this.notice.recovered();
    } catch (err) {
      this.notice.lost(err);
    }
  }

  override async end(process: string): Promise<void> {
    try {
      await this.redis.del(PREFIX + process);
    } catch (err) {
      this.notice.lost(err);
    }
  }

  override async list(): Promise<Heartbeat[]> {
    const keys = new Set<string>();
    let cursor = '0';
    do {
      const [next, found] = await this.redis.scan(cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 200);
      found.forEach((key) => keys.add(key));
      cursor = next;
    } while (cursor !== '0');
    if (keys.size === 0) return [];
    const names = [...keys].sort();
    const values = await this.redis.mget(names);
    return names.flatMap((name, index) => {
      const text = values[index];
      const beat = text == null ? null : storedBeat.safeParse(parseJson(text));
      if (!beat?.success) return [];
      return [{ process: name.slice(PREFIX.length), at: new Date(beat.data.at), detail: beat.data.detail }];
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
