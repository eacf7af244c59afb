import { type DynamicModule, Module } from '@nestjs/common';
import { ACCOUNTS_OPTIONS, type AccountsOptions } from './accounts.options';
import { AccountsService } from './accounts.service';
import { AuditService } from './audit/audit.service';
import { PasswordHasher } from './passwords/password-hasher';
import { RateLimitPolicies } from './rate-limits/rate-limit-policies';
import { SettingsService } from './settings/settings.service';

/**
 * Accounts, what they may have, and how often callers may ask. Stands on the global persistence and platform modules. Global: imported once,
 * by the composition root, because a process has one memory of settings and one bound on hashing.
 */
@Module({})
export class AccountsModule {
  static forRoot(options: AccountsOptions): DynamicModule {
    return {
      module: AccountsModule,
      global: true,
      providers: [
        { provide: ACCOUNTS_OPTIONS, useValue: options },
        { provide: PasswordHasher, useFactory: () => PasswordHasher.create(options.passwordHash) },
        AuditService,
        RateLimitPolicies,
        SettingsService,
        AccountsService,
      ],
      exports: [AuditService, RateLimitPolicies, SettingsService, AccountsService],
    };
  }
}
