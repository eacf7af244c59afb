import { accountsEnv, AccountsModule, accountsOptions } from '@app/accounts';
import { parseEnv } from '@app/platform';
import type { DynamicModule } from '@nestjs/common';

/** Where a measured api listens: on any free port of this machine. */
export const MEASURED_HTTP = { PORT: 0, HOST: '127.0.0.1', CORS_ORIGINS: [], TRUSTED_PROXIES: [] };

/** More than a benchmark can send or open, so that nothing of it is refused; everything is counted as everywhere. */
const UNREACHED = { loginAttempts: 1_000_000, loginWindowSeconds: 1, requestsPerMinute: 166_666 };

/** Accounts as the environment asks for them, but for limits no benchmark reaches. */
export function unlimitedAccounts(): DynamicModule {
  return AccountsModule.forRoot({ ...accountsOptions(parseEnv(accountsEnv)), rateLimits: UNREACHED });
}
