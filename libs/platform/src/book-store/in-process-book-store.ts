import type { Clock } from '../clock';
import { ExpiringMap } from '../expiring-map';
import { BookStore, type StoredBook } from './book-store';

/** Books for the modules that share this process. */
export class InProcessBookStore extends BookStore {
  private readonly texts: ExpiringMap<string>;

  constructor(clock: Clock) {
    super();
    this.texts = new ExpiringMap(clock);
  }

  override put(books: readonly StoredBook[], ttlMs: number): Promise<void> {
    for (const { conditionId, text } of books) this.texts.set(conditionId, text, ttlMs);
    return Promise.resolve();
  }

  override keep(conditionIds: readonly string[], ttlMs: number): Promise<void> {
    for (const conditionId of conditionIds) this.texts.keep(conditionId, ttlMs);
    return Promise.resolve();
  }

  override get(conditionIds: readonly string[]): Promise<(string | null)[]> {
    return Promise.resolve(conditionIds.map((conditionId) => this.texts.get(conditionId) ?? null));
  }

  override remove(conditionIds: readonly string[]): Promise<void> {
    for (const conditionId of conditionIds) this.texts.delete(conditionId);
    return Promise.resolve();
  }
}
