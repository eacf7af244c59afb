import 'reflect-metadata';
import { accountsEnv, accountsOptions } from '@app/accounts';
import { parseEnv, runProcess } from '@app/platform';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { adminPassword, createAdmin, openTerminal, readAdminCreateRequest } from '../../apps/api/src';
import { borrowEnv, borrowStore } from '../borrow-store';

const USAGE = `Makes an admin: on the server of MONGO_URI, else in the data folder, whether its server is running or not.

  npm run -s admin:create -- [--demo] --email ADDRESS [--promote]

  --demo      for \`npm run demo\`; without it for \`npm start\`
  --email     the address of the admin
  --promote   an account of that address becomes an active admin, without a question

The password is asked for, or read from ADMIN_PASSWORD.
`;

const env = z.object({ ...borrowEnv.shape, ...accountsEnv.shape });

void runProcess(
  async (context) => {
    const args = process.argv.slice(2);
    const request = readAdminCreateRequest(
      args.filter((arg) => arg !== '--demo'),
      USAGE,
    );
    if (existsSync('.env')) process.loadEnvFile('.env');
    const config = parseEnv(env);
    const store = await borrowStore(config, args.includes('--demo') ? 'simulated' : 'polymarket', context);
    const work = createAdmin(
      request,
      { database: store.database, accounts: accountsOptions(config), password: adminPassword() },
      openTerminal({ input: process.stdin, output: process.stderr }),
    ).finally(() => store.giveBack());
    return { finished: work, stop: () => work.catch(() => undefined) };
  },
  { stopDeadlineMs: 30_000 },
);
