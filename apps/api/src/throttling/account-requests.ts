import { RateLimitPolicies } from '@app/accounts';
import { DomainError } from '@app/domain';
import { RateCounter } from '@app/platform';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/access-token';
import { DEFAULT_GROUP } from './rate-limit-group.decorator';

/** Counts what an account asks otherwise than by a route of its own, together with its requests. */
@Injectable()
export class AccountRequests {
  constructor(
    private readonly policies: RateLimitPolicies,
    private readonly counter: RateCounter,
  ) {}

  /** Counts one more. @throws DomainError `REQUEST.TOO_MANY` that says when there is room again */
  take(caller: Pick<Caller, 'id' | 'role'>): Promise<void> {
    return this.count(caller, DEFAULT_GROUP, 'requests of this account');
  }

  /**
   * Counts one more market that begins to be followed for an account: as many as its requests, apart from them. Each costs a book asked of the venue and a subscription
   * of a live-worker, which a client that comes and goes would otherwise have for nothing.
   * @throws DomainError `REQUEST.TOO_MANY` that says when there is room again
   */
  takeFollow(caller: Pick<Caller, 'id' | 'role'>): Promise<void> {
    return this.count(caller, 'follow', 'markets begin to be followed for this account');
  }

  private async count({ id, role }: Pick<Caller, 'id' | 'role'>, group: string, what: string): Promise<void> {
    const { limit, windowMs } = this.policies.policyFor(DEFAULT_GROUP, role);
    const hit = await this.counter.hit(`${group}:user:${id}`, limit, windowMs, 'alone');
    if (hit.allowed) return;
    const retryAfterSeconds = Math.ceil(hit.resetMs / 1_000);
    const message = `Too many ${what}; try again in ${retryAfterSeconds} s.`;
    throw new DomainError('REQUEST.TOO_MANY', message, { retryAfterSeconds });
  }
}
