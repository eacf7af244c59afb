import { type AccountsOptions, AccountsModule, type RequestContext } from '@app/accounts';
import { PersistenceModule } from '@app/persistence';
import { Clock, PlatformModule } from '@app/platform';
import { ManualClock, startTestStore, type TestStore } from '@app/testing';
import type { Abstract, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';

export const FROM_HOME: RequestContext = { address: '203.0.113.7', requestId: 'request-1' };

/** Hashes that cost next to nothing. */
export const CHEAP_HASH = { memoryKib: 8, iterations: 1, parallelism: 1 };

const OPTIONS: AccountsOptions = {
  passwordHash: CHEAP_HASH,
  lockout: { threshold: 10, durationMinutes: 30 },
  rateLimits: { loginAttempts: 5, loginWindowSeconds: 60, requestsPerMinute: 100 },
  auditRetentionDays: 365,
  pollMs: 20,
};

/** One process of those that share the store. */
export interface TestInstance {
  get<T>(type: Type<T> | Abstract<T>): T;
  stop(): Promise<void>;
}

/** A store, a clock that stands still, and as many instances on them as a test starts. */
export interface TestAccounts {
  readonly clock: ManualClock;
  start(overrides?: Partial<AccountsOptions>): Promise<TestInstance>;
  stop(): Promise<void>;
}

export async function openTestAccounts(): Promise<TestAccounts> {
  const store: TestStore = await startTestStore();
  const clock = new ManualClock();
  const instances: TestingModule[] = [];
  return {
    clock,
    async start(overrides = {}) {
      const module = await Test.createTestingModule({
        imports: [
          PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
          PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
          AccountsModule.forRoot({ ...OPTIONS, ...overrides }),
        ],
      })
        .overrideProvider(Clock)
        .useValue(clock)
        .compile();
      module.useLogger(false);
      await module.init();
      instances.push(module);
      return {
        get: (type) => module.get(type, { strict: false }),
        async stop() {
          instances.splice(instances.indexOf(module), 1);
          await module.close();
        },
      };
    },
    async stop() {
      await Promise.all(instances.map((instance) => instance.close()));
      await store.stop();
    },
  };
}
