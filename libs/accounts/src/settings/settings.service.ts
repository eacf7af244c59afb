import { DomainError, type RateLimit, type Role, type RoleLimits } from '@app/domain';
import { SettingsRepository, StoreTransactions } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Actor, RequestContext } from '../account';
import { ACCOUNTS_OPTIONS, type AccountsOptions, POLL_MS } from '../accounts.options';
import { AuditService } from '../audit/audit.service';
import { Polled } from '../polled';
import { RateLimitPolicies } from '../rate-limits/rate-limit-policies';
import {
  applyLimitChanges,
  DEFAULT_ROLE_LIMITS,
  limitsOf,
  parseStoredRoleLimits,
  planSettingsChange,
  type Settings,
  type SettingsChange,
  type StoredRoleLimits,
  toStoredRoleLimits,
} from './settings';

const ROLE_LIMITS = 'role_limits';

interface StoredSettings {
  limits: Readonly<Record<Role, StoredRoleLimits>>;
  version: number;
}

/**
 * What roles may have. Kept in memory, read again every few seconds: what an admin changes anywhere counts everywhere.
 * The budget of requests is kept once, as the rate limit of the role; here it is shown and set as requests a minute.
 */
@Injectable()
export class SettingsService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('SettingsService');
  private readonly stored: Polled<StoredSettings>;

  constructor(
    private readonly settings: SettingsRepository,
    private readonly rateLimits: RateLimitPolicies,
    private readonly transactions: StoreTransactions,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(ACCOUNTS_OPTIONS) options: AccountsOptions,
  ) {
    this.stored = new Polled(
      () => this.read(),
      options.pollMs ?? POLL_MS,
      (err) => this.logger.warn({ err, msg: 'Settings cannot be read; the last known ones stay' }),
    );
  }

  async onModuleInit(): Promise<void> {
    await this.stored.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stored.stop();
  }

  current(): Settings {
    const { limits } = this.stored.value;
    const withBudget = (role: Role): RoleLimits => ({
      ...limits[role],
      requestsPerMinute: this.requestsPerMinute(role),
    });
    return {
      roleLimits: { user: withBudget('user'), premium_user: withBudget('premium_user'), admin: withBudget('admin') },
    };
  }

  limitsOf(role: Role): RoleLimits {
    return limitsOf(role, this.current());
  }

  /**
   * Sets limits; those not named stay.
   * @throws DomainError `SETTING.UNKNOWN`, `REQUEST.UNACCEPTABLE`, and `SETTING.CONFLICT` when another admin sets them at the same time
   */
  async update(actor: Actor, change: SettingsChange, context: RequestContext): Promise<Settings> {
    const { limits, version } = await this.stored.refresh();
    const changes = planSettingsChange(this.current(), change);
    const stored = changes.filter(({ name }) => name !== 'requestsPerMinute');
    if (stored.length > 0) {
      await this.transactions.run(async (transaction) => {
        const value = toStoredRoleLimits(applyLimitChanges(limits, stored));
        const setting = { name: ROLE_LIMITS, value, readVersion: version };
        const saved = await this.settings.save(setting, actor.id, this.clock.now(), transaction);
        if (saved === null) {
          throw new DomainError(
            'SETTING.CONFLICT',
            'Somebody else changed the settings meanwhile; look and try again.',
          );
        }
        for (const { wireName, from, to } of stored) {
          const detail = { name: wireName, from, to };
          await this.audit.record({ action: 'settings.changed', actor, context, detail }, transaction);
        }
      });
      await this.stored.refresh();
    }
    const budgets = changes.flatMap(({ name, role, to }): RateLimit[] =>
      name === 'requestsPerMinute' ? [{ group: 'api', role, limit: Number(to), windowSeconds: 60 }] : [],
    );
    if (budgets.length > 0) await this.rateLimits.update(actor, budgets, context);
    return this.current();
  }

  private requestsPerMinute(role: Role): number {
    const { limit, windowMs } = this.rateLimits.policyFor('api', role);
    return Math.max(1, Math.floor((limit * 60_000) / windowMs));
  }

  private async read(): Promise<StoredSettings> {
    const found = await this.settings.find(ROLE_LIMITS);
    if (found === null) return { limits: DEFAULT_ROLE_LIMITS, version: 0 };
    return { limits: parseStoredRoleLimits(found.value), version: found.version };
  }
}
