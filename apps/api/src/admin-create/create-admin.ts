import { type Account, AccountsModule, type AccountsOptions, AccountsService, OPERATOR } from '@app/accounts';
import { emailProblem, passwordProblem } from '@app/domain';
import { PersistenceModule, type PersistenceOptions } from '@app/persistence';
import { newId, PlatformModule, StartError } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AdminCreateRequest } from './admin-create.request';
import type { CommandTerminal } from './command-terminal';

/** Where the account is made, and what is known without asking. */
export interface AdminCreateConfig {
  database: PersistenceOptions;
  accounts: AccountsOptions;
  /** The password of a new account; asked for when it is not given. */
  password?: string | undefined;
}

@Module({})
class AdminCreateModule {
  static forRoot({ database, accounts }: AdminCreateConfig): DynamicModule {
    return {
      module: AdminCreateModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot(database),
        AccountsModule.forRoot({ ...accounts, storesDefaults: false }),
      ],
    };
  }
}

/**
 * Makes an admin: a new account, or the one of that address when that is agreed to. Repeating it changes nothing.
 * @throws StartError when nothing was changed, saying why
 */
export async function createAdmin(
  request: AdminCreateRequest,
  config: AdminCreateConfig,
  terminal: CommandTerminal,
): Promise<void> {
  const problem = emailProblem(request.email);
  if (problem !== null) throw new StartError(`--email ${problem}.`);
  const app = await NestFactory.createApplicationContext(AdminCreateModule.forRoot(config), {
    logger: false,
    abortOnError: false,
  });
  try {
    const accounts = app.get(AccountsService);
    const existing = await findAccount(accounts, request.email);
    if (existing !== null) return await promote(existing, request, accounts, terminal);
    const password = config.password ?? (await askPassword(request.email, terminal));
    const broken = passwordProblem(password, request.email);
    if (broken !== null) throw new StartError(`The password ${broken}. Nothing was changed.`);
    const wanted = { email: request.email, password, role: 'admin' } as const;
    const { account, created } = await accounts.provision(wanted, commandContext());
    if (!created) return await promote(account, request, accounts, terminal);
    terminal.say(`${account.email} is an admin now and can log in.`);
  } finally {
    await app.close();
  }
}

async function findAccount(accounts: AccountsService, email: string): Promise<Account | null> {
  const { users } = await accounts.listUsers({ email, page: 1, pageSize: 1 });
  return users[0] ?? null;
}

async function promote(
  account: Account,
  request: AdminCreateRequest,
  accounts: AccountsService,
  terminal: CommandTerminal,
): Promise<void> {
  const { id, email, role, status } = account;
  if (role === 'admin' && status === 'active') {
    terminal.say(`${email} is an admin already; nothing was changed, the password neither.`);
    return;
  }
  const found = `${email} has an account already (${role}, ${status})`;
  if (!request.promote) {
    if (!terminal.isInteractive) throw new StartError(`${found}. Add --promote to make it an active admin.`);
    const answer = await terminal.ask(`${found}. Make it an active admin, with the password it has? (yes/no) `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new StartError('Nothing was changed.');
  }
  await accounts.updateUser(OPERATOR, id, { role: 'admin', status: 'active' }, commandContext());
  terminal.say(
    role === 'admin'
      ? `${email} is an active admin again.`
      : `${email} is an admin now, with the password it has; access tokens issued before stopped working.`,
  );
}

async function askPassword(email: string, terminal: CommandTerminal): Promise<string> {
  if (!terminal.isInteractive) {
    throw new StartError('Nobody can be asked for the password here: set ADMIN_PASSWORD, or run this in a terminal.');
  }
  const password = await terminal.askHidden(`Password for ${email}: `);
  const broken = passwordProblem(password, email);
  if (broken !== null) throw new StartError(`The password ${broken}. Nothing was changed.`);
  if ((await terminal.askHidden('The same again: ')) === password) return password;
  throw new StartError('The two passwords differ. Nothing was changed.');
}

function commandContext(): { address: null; requestId: string } {
  return { address: null, requestId: newId() };
}
