import { RateLimitPolicies } from '@app/accounts';
import { type Audience, DomainError, type DomainErrorCode, type RateLimitGroup as Group } from '@app/domain';
import { CountedThrottlerStorage } from '@app/platform';
import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  getOptionsToken,
  getStorageToken,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
} from '@nestjs/throttler';
import { RequestAuthenticator } from '../auth/request-authenticator';
import { type AddressedRequest, clientAddressOf } from './client-address';
import { DEFAULT_GROUP, RATE_LIMIT_GROUP, UNLIMITED } from './rate-limit-group.decorator';

interface HeaderReply {
  headers(values: Record<string, number>): unknown;
}

/** Whose requests are counted together, and by which limit. */
interface Counted {
  tracker: string;
  audience: Audience;
}

/**
 * Refuses requests over the limit of their route's group. Logins and registrations are counted by address, whoever asks; everything else
 * by account, or by address without a token that is good. Every counted answer says what is left.
 */
@Injectable()
export class ApiThrottlerGuard extends ThrottlerGuard {
  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) private readonly storage: CountedThrottlerStorage,
    reflector: Reflector,
    private readonly policies: RateLimitPolicies,
    private readonly authenticator: RequestAuthenticator,
  ) {
    super(options, storage, reflector);
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(this.groupOf(context) === UNLIMITED);
  }

  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const group = this.groupOf(context);
    if (group === UNLIMITED) return true;
    const { tracker, audience } = await this.identify(context, group);
    const { limit, windowMs } = this.policies.policyFor(group, audience);
    const hits = await this.storage.increment(`${group}:${tracker}`, windowMs, limit, 0, group);
    context
      .switchToHttp()
      .getResponse<HeaderReply>()
      .headers({
        'ratelimit-limit': hits.limit,
        'ratelimit-remaining': Math.max(0, hits.limit - hits.totalHits),
        'ratelimit-reset': hits.timeToExpire,
      });
    if (hits.isBlocked) throw tooMany(group, audience, `${hits.limit} in ${windowMs / 1000} s`, hits.timeToBlockExpire);
    return true;
  }

  private groupOf(context: ExecutionContext): Group | typeof UNLIMITED {
    const targets = [context.getHandler(), context.getClass()];
    return (
      this.reflector.getAllAndOverride<Group | typeof UNLIMITED | undefined>(RATE_LIMIT_GROUP, targets) ?? DEFAULT_GROUP
    );
  }

  private async identify(context: ExecutionContext, group: Group): Promise<Counted> {
    if (group === DEFAULT_GROUP) {
      const authentication = await this.authenticator.authenticate(context);
      if ('caller' in authentication) {
        const { id, role } = authentication.caller;
        return { tracker: `user:${id}`, audience: role };
      }
    }
    const request = context.switchToHttp().getRequest<AddressedRequest>();
    return { tracker: `address:${clientAddressOf(request)}`, audience: 'anonymous' };
  }
}

function tooMany(group: Group, audience: Audience, allowed: string, retryAfterSeconds: number): DomainError {
  const refuse = (code: DomainErrorCode, what: string): DomainError =>
    new DomainError(code, `Too many ${what}: ${allowed} are allowed. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  switch (group) {
    case 'login':
      return refuse('AUTH.TOO_MANY_ATTEMPTS', 'logins from this address');
    case 'register':
      return refuse('AUTH.TOO_MANY_ATTEMPTS', 'registrations from this address');
    case 'api':
      return refuse(
        'REQUEST.TOO_MANY',
        audience === 'anonymous' ? 'requests from this address without a token' : 'requests of this account',
      );
  }
}
