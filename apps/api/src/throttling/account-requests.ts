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
  async take({ id, role }: Pick<Caller, 'id' | 'role'>): Promise<void> {
    const { limit, windowMs } = this.policies.policyFor(DEFAULT_GROUP, role);
    const hit = await this.counter.hit(`${DEFAULT_GROUP}:user:${id}`, limit, windowMs, 'alone');
    if (hit.allowed) return;
    const retryAfterSeconds = Math.ceil(hit.resetMs / 1_000);
    const message = `Too many requests of this account; try again in ${retryAfterSeconds} s.`;
    throw new DomainError('REQUEST.TOO_MANY', message, { retryAfterSeconds });
  }
}
