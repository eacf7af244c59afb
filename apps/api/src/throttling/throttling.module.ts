import type { RateLimitGroup as Group } from '@app/domain';
import { CountedThrottlerStorage, RateCounter, type WhenLost } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { AccountRequests } from './account-requests';
import { ApiThrottlerGuard } from './api-throttler.guard';

/** What may be guessed stays closed while the shared counts are lost; the rest goes on at its limit, counted by each process. */
const WHEN_LOST: Readonly<Record<Group, WhenLost>> = { login: 'stricter', register: 'stricter', api: 'alone' };

/**
 * Limits how often every route may be asked, and lets live data count with it. Stands on the accounts module its composition root makes global, for the limits.
 * @param auth the module that exports `RequestAuthenticator`
 */
@Module({})
export class ThrottlingModule {
  static forRoot(auth: DynamicModule): DynamicModule {
    return {
      module: ThrottlingModule,
      imports: [
        auth,
        ThrottlerModule.forRootAsync({
          inject: [RateCounter],
          useFactory: (counter: RateCounter) => ({
            storage: new CountedThrottlerStorage(counter, (group) => whenLost(group)),
            // The guard finds the limit of each request by itself; this one entry makes it look.
            throttlers: [{ limit: 1, ttl: 1 }],
          }),
        }),
      ],
      providers: [AccountRequests, { provide: APP_GUARD, useClass: ApiThrottlerGuard }],
      exports: [AccountRequests],
    };
  }
}

function whenLost(group: string): WhenLost {
  return Object.hasOwn(WHEN_LOST, group) ? WHEN_LOST[group as Group] : 'stricter';
}
