import { accountsEnv, accountsOptions } from '@app/accounts';
import { mongoEnv, mongoOptions } from '@app/persistence';
import { parseEnv, type RunningProcess } from '@app/platform';
import { z } from 'zod';
import { readAdminCreateRequest } from './admin-create.request';
import { openTerminal } from './command-terminal';
import { createAdmin } from './create-admin';

/** The word that makes the api's program make an admin instead of serving. */
export const ADMIN_CREATE_COMMAND = 'admin:create';

const USAGE = `Makes an admin in the databases of MONGO_URI.

  node main.js ${ADMIN_CREATE_COMMAND} --email ADDRESS [--promote]

  --email     the address of the admin
  --promote   an account of that address becomes an active admin, without a question

The password is asked for, or read from ADMIN_PASSWORD.
`;

const env = z.object({ ...mongoEnv.shape, ...accountsEnv.shape });

/** Makes an admin from the command line of the api's own program, where the tools of the repository are not at hand. */
export function runAdminCreate(args: readonly string[]): RunningProcess {
  const request = readAdminCreateRequest(args, USAGE);
  const config = parseEnv(env);
  const work = createAdmin(
    request,
    { database: mongoOptions(config), accounts: accountsOptions(config), password: adminPassword() },
    openTerminal({ input: process.stdin, output: process.stderr }),
  );
  return { finished: work, stop: () => work.catch(() => undefined) };
}

/** The password given by the environment, with the spaces around it. */
export function adminPassword(source: NodeJS.ProcessEnv = process.env): string | undefined {
  return source['ADMIN_PASSWORD'] === '' ? undefined : source['ADMIN_PASSWORD'];
}
