import { DomainError } from '@app/domain';
import { IdempotencyKeyTaken, type IdempotencyRecord, TradingRepository } from '@app/persistence';
import { Clock } from '@app/platform';
import { Injectable } from '@nestjs/common';
import type { KeyedRequest, Owner, Replayable } from '../owner';
import { readAnswer, writeAnswer } from './answer-text';

/**
 * Requests with an idempotency key: done once, and answered the same again. The key is written in the transaction of what it names, so nothing needs to
 * be looked up before something is refused or found done.
 */
@Injectable()
export class KeyedRequests {
  constructor(
    private readonly repository: TradingRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Does a request, which may find by itself that it was done, or answers what it was answered before: when its key turns out to be taken, and when it is refused now.
   * @param replay returns the first answer
   * @throws DomainError `IDEMPOTENCY.KEY_REUSED` when the key belongs to another request
   */
  async once<T extends object>(
    owner: Owner,
    keyed: KeyedRequest | null,
    work: () => Promise<T | Replayable<T>>,
    replay: (record: IdempotencyRecord) => Promise<T>,
  ): Promise<Replayable<T>> {
    try {
      return { replayed: false, ...(await work()) };
    } catch (error) {
      const mayBeDone = error instanceof IdempotencyKeyTaken || error instanceof DomainError;
      if (keyed === null || !mayBeDone) throw error;
      const record = await this.find(owner, keyed);
      if (record !== null) return { ...(await replay(record)), replayed: true };
      if (error instanceof DomainError) throw error;
      // The key was taken a moment ago and has run out since.
      throw new DomainError(
        'IDEMPOTENCY.IN_PROGRESS',
        'Another request of this Idempotency-Key has just ended; try again.',
      );
    }
  }

  /** Returns the record of a request, to be written with what it does. @param answer null while it is not known */
  record(
    owner: Owner,
    keyed: KeyedRequest,
    named: { portfolioId: string; orderId: string | null },
    answer: object | null,
  ): IdempotencyRecord {
    return {
      userId: owner.userId,
      key: keyed.key,
      route: keyed.route,
      bodyHash: keyed.bodyHash,
      ...named,
      result: answer === null ? null : writeAnswer(answer),
      createdAt: this.clock.now(),
    };
  }

  /** Returns the answer a record holds; null when it holds none. */
  answerOf<T extends object>(record: IdempotencyRecord): T | null {
    return record.result === null ? null : readAnswer<T>(record.result);
  }

  /**
   * Keeps the answer to a request that has none yet, and returns the one that is kept: this one, or that of whoever was first.
   */
  async keepFirst<T extends object>(
    request: Pick<IdempotencyRecord, 'userId' | 'key' | 'orderId'>,
    answer: T,
  ): Promise<T> {
    const kept = await this.repository.keepAnswer(request, writeAnswer(answer), this.clock.now());
    return kept === null ? answer : readAnswer<T>(kept);
  }

  /** Returns the record of a request that was done; null when it was not. @throws DomainError `IDEMPOTENCY.KEY_REUSED` */
  async find(owner: Owner, keyed: KeyedRequest): Promise<IdempotencyRecord | null> {
    const record = await this.repository.findIdempotency(owner.userId, keyed.key, this.clock.now());
    if (record === null || (record.route === keyed.route && record.bodyHash === keyed.bodyHash)) return record;
    throw new DomainError(
      'IDEMPOTENCY.KEY_REUSED',
      `This Idempotency-Key was used for another request to ${record.route} at ${record.createdAt.toISOString()}; use a new key for a new request.`,
    );
  }
}
