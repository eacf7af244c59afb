import type { Audience, RateLimit, RateLimitGroup } from '@app/domain';
import { RateLimitRepository, type StoreTransaction, StoreTransactions } from '@app/persistence';
import { Clock } from '@app/platform';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Actor, RequestContext } from '../account';
import { ACCOUNTS_OPTIONS, type AccountsOptions, POLL_MS } from '../accounts.options';
import { AuditService } from '../audit/audit.service';
import { Polled } from '../polled';
import { checkRateLimits, defaultRateLimits, type Policy, rateLimitKey, storedRateLimitProblem } from './rate-limits';

export type { Policy };

/** How often callers may ask. Kept in memory, read again every few seconds: what an admin changes anywhere counts everywhere. */
@Injectable()
export class RateLimitPolicies implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('RateLimitPolicies');
  private readonly defaults: readonly RateLimit[];
  private readonly stored: Polled<RateLimit[]>;
  /** Those in use, by name. */
  private inUse: ReadonlyMap<string, RateLimit> = new Map();
  /** What was said of stored limits that cannot be used. */
  private told = '';

  constructor(
    private readonly limits: RateLimitRepository,
    private readonly transactions: StoreTransactions,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Inject(ACCOUNTS_OPTIONS) private readonly options: AccountsOptions,
  ) {
    this.defaults = defaultRateLimits(options.rateLimits);
    this.stored = new Polled(
      () => this.read(),
      options.pollMs ?? POLL_MS,
      (err) => this.logger.warn({ err, msg: 'Rate limits cannot be read; the last known ones stay' }),
    );
  }

  async onModuleInit(): Promise<void> {
    if (this.options.storesDefaults !== false) await this.limits.ensureDefaults(this.defaults, this.clock.now());
    await this.stored.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stored.stop();
  }

  /** Returns the policy of a group for an audience; a group without one for it treats it as it treats anonymous callers. */
  policyFor(group: RateLimitGroup, audience: Audience): Policy {
    const used = this.inUse.get(rateLimitKey(group, audience)) ?? this.inUse.get(rateLimitKey(group, 'anonymous'));
    if (used === undefined) throw new Error(`the rate limits of ${group} were asked for before they were read`);
    return { limit: used.limit, windowMs: used.windowSeconds * 1_000 };
  }

  list(): readonly RateLimit[] {
    return this.stored.value;
  }

  /** Reads the limits now: what another process set is in them. */
  async refresh(): Promise<readonly RateLimit[]> {
    return this.stored.refresh();
  }

  /**
   * Sets limits; those not named stay.
   * @throws DomainError `SETTING.UNKNOWN`, `REQUEST.UNACCEPTABLE`
   */
  async update(actor: Actor, changes: readonly RateLimit[], context: RequestContext): Promise<readonly RateLimit[]> {
    await this.refresh();
    await this.transactions.run((transaction) => this.write(actor, changes, context, transaction));
    return this.refresh();
  }

  /**
   * As {@link update}, within a transaction: to be followed by {@link refresh} when it is done.
   * @throws DomainError `SETTING.UNKNOWN`, `REQUEST.UNACCEPTABLE`
   */
  async write(
    actor: Actor,
    changes: readonly RateLimit[],
    context: RequestContext,
    transaction: StoreTransaction,
  ): Promise<void> {
    checkRateLimits(changes, [...this.inUse.keys()]);
    await this.limits.replaceMany(changes, actor.id, this.clock.now(), transaction);
    for (const change of changes) {
      const { limit, windowMs } = this.policyFor(change.group, change.role);
      const detail = {
        name: rateLimitKey(change.group, change.role),
        limit: change.limit,
        window_seconds: change.windowSeconds,
        from_limit: limit,
        from_window_seconds: windowMs / 1_000,
      };
      await this.audit.record({ action: 'rate_limits.changed', actor, context, detail }, transaction);
    }
  }

  private async read(): Promise<RateLimit[]> {
    const stored = new Map((await this.limits.list()).map((one) => [rateLimitKey(one.group, one.role), one]));
    const problems: string[] = [];
    const limits = this.defaults.map((byDefault) => {
      const name = rateLimitKey(byDefault.group, byDefault.role);
      const found = stored.get(name) ?? byDefault;
      const problem = storedRateLimitProblem(found);
      if (problem === null) return found;
      problems.push(problem);
      return this.inUse.get(name) ?? byDefault;
    });
    this.tell(problems);
    this.inUse = new Map(limits.map((one) => [rateLimitKey(one.group, one.role), one]));
    return limits;
  }

  /** Warns of stored limits that cannot be used, once until they are others. */
  private tell(problems: readonly string[]): void {
    const told = problems.join('; ');
    if (told !== '' && told !== this.told) {
      this.logger.warn({
        msg: `The last known limit, or else the default, counts until an admin sets another: ${told}`,
      });
    }
    this.told = told;
  }
}
