import type { Redis } from 'ioredis';
import { batches, runPipeline } from '../redis/pipelines';
import { BookStore, type StoredBook } from './book-store';

const keyOf = (conditionId: string): string => `book:${conditionId}`;

/** Books under `book:{condition}`, shared by every process on one Redis. */
export class RedisBookStore extends BookStore {
  constructor(private readonly redis: Redis) {
    super();
  }

  override async put(books: readonly StoredBook[], ttlMs: number): Promise<void> {
    if (books.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { conditionId, text } of books) pipeline.set(keyOf(conditionId), text, 'PX', ttlMs);
    await runPipeline(pipeline);
  }

  override async keep(conditionIds: readonly string[], ttlMs: number): Promise<void> {
    if (conditionIds.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const conditionId of conditionIds) pipeline.pexpire(keyOf(conditionId), ttlMs);
    await runPipeline(pipeline);
  }

  override async get(conditionIds: readonly string[]): Promise<(string | null)[]> {
    const texts: (string | null)[] = [];
    for (const batch of batches(conditionIds)) texts.push(...(await this.redis.mget(batch.map(keyOf))));
    return texts;
  }

  override async remove(conditionIds: readonly string[]): Promise<void> {
    for (const batch of batches(conditionIds)) await this.redis.unlink(batch.map(keyOf));
  }
}
