import { DomainError, type LockoutRule, type RateLimit, type Role, type RoleLimits } from '@app/domain';
import { SettingsRepository, type StoreTransaction, StoreTransactions } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Actor, RequestContext } from '../account';
import { ACCOUNTS_OPTIONS, type AccountsOptions, POLL_MS } from '../accounts.options';
import { AuditService } from '../audit/audit.service';
import { Polled } from '../polled';
import { RateLimitPolicies } from '../rate-limits/rate-limit-policies';
import {
  applyLimitChanges,
  applyLockoutChanges,
  DEFAULT_ROLE_LIMITS,
  limitsOf,
  parseStoredLockout,
  parseStoredRoleLimits,
  planSettingsChange,
  type Settings,
  type SettingsChange,
  type StoredRoleLimits,
  toStoredLockout,
  toStoredRoleLimits,
} from './settings';

const ROLE_LIMITS = 'role_limits';
const LOCKOUT = 'lockout';

/** A setting, and the version it was read at. */
interface Versioned<T> {
  value: T;
  version: number;
}

interface StoredSettings {
  limits: Versioned<Readonly<Record<Role, StoredRoleLimits>>>;
  /** As far as an admin has set it. */
  lockout: Versioned<Partial<LockoutRule>>;
}

/**
 * What roles may have, and when accounts are locked. Kept in memory, read again every few seconds: what an admin changes anywhere counts everywhere.
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
    @Inject(ACCOUNTS_OPTIONS) private readonly options: AccountsOptions,
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
    const limits = this.stored.value.limits.value;
    const withBudget = (role: Role): RoleLimits => ({
      ...limits[role],
      requestsPerMinute: this.requestsPerMinute(role),
    });
    return {
      roleLimits: { user: withBudget('user'), premium_user: withBudget('premium_user'), admin: withBudget('admin') },
      lockout: this.lockout(),
    };
  }

  limitsOf(role: Role): RoleLimits {
    return limitsOf(role, this.current());
  }

  /** When accounts are locked: as an admin has set it, else as the environment says. */
  lockout(): LockoutRule {
    return { ...this.options.lockout, ...this.stored.value.lockout.value };
  }

  /**
   * Sets what is named, all of it or nothing; the rest stays.
   * @throws DomainError `SETTING.UNKNOWN`, `REQUEST.UNACCEPTABLE`, and `SETTING.CONFLICT` when another admin sets them at the same time
   */
  async update(actor: Actor, change: SettingsChange, context: RequestContext): Promise<Settings> {
    const [{ limits, lockout }] = await Promise.all([this.stored.refresh(), this.rateLimits.refresh()]);
    const planned = planSettingsChange(this.current(), change);
    if (planned.limits.length + planned.lockout.length === 0) return this.current();
    const stored = planned.limits.filter(({ name }) => name !== 'requestsPerMinute');
    const budgets = planned.limits.flatMap(({ name, role, to }): RateLimit[] =>
      name === 'requestsPerMinute' ? [{ group: 'api', role, limit: Number(to), windowSeconds: 60 }] : [],
    );
    await this.transactions.run(async (transaction) => {
      const save = (name: string, value: SettingValue, readVersion: number): Promise<void> =>
        this.save({ name, value, readVersion }, actor, transaction);
      if (stored.length > 0) {
        await save(ROLE_LIMITS, toStoredRoleLimits(applyLimitChanges(limits.value, stored)), limits.version);
      }
      if (planned.lockout.length > 0) {
        await save(LOCKOUT, toStoredLockout(applyLockoutChanges(lockout.value, planned.lockout)), lockout.version);
      }
      for (const { wireName, from, to } of [...stored, ...planned.lockout]) {
        const detail = { name: wireName, from, to };
        await this.audit.record({ action: 'settings.changed', actor, context, detail }, transaction);
      }
      if (budgets.length > 0) await this.rateLimits.write(actor, budgets, context, transaction);
    });
    await Promise.all([this.stored.refresh(), this.rateLimits.refresh()]);
    return this.current();
  }

  private async save(
    setting: { name: string; value: SettingValue; readVersion: number },
    actor: Actor,
    transaction: StoreTransaction,
  ): Promise<void> {
    const saved = await this.settings.save(setting, actor.id, this.clock.now(), transaction);
    if (saved !== null) return;
    throw new DomainError('SETTING.CONFLICT', 'Somebody else changed the settings meanwhile; look and try again.');
  }

  private requestsPerMinute(role: Role): number {
    const { limit, windowMs } = this.rateLimits.policyFor('api', role);
    return Math.max(1, Math.floor((limit * 60_000) / windowMs));
  }

  private async read(): Promise<StoredSettings> {
    const [limits, lockout] = await Promise.all([this.settings.find(ROLE_LIMITS), this.settings.find(LOCKOUT)]);
    return {
      limits: {
        value: limits === null ? DEFAULT_ROLE_LIMITS : parseStoredRoleLimits(limits.value),
        version: limits?.version ?? 0,
      },
      lockout: { value: lockout === null ? {} : parseStoredLockout(lockout.value), version: lockout?.version ?? 0 },
    };
  }
}

type SettingValue = Readonly<Record<string, unknown>>;
