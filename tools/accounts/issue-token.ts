import 'reflect-metadata';
import { accountsEnv, AccountsModule, accountsOptions, AccountsService } from '@app/accounts';
import { emailProblem, ROLES } from '@app/domain';
import { PersistenceModule, type PersistenceOptions } from '@app/persistence';
import { newId, parseEnv, PlatformModule, runProcess, StartError } from '@app/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AccessTokenModule, AccessTokenService } from '../../apps/api/src';
import { jwtSecretOf, prepareDataFolder } from '../../apps/standalone/src/data-folder';
import { standaloneEnv } from '../../apps/standalone/src/standalone.env';
import type { VenueKind } from '../../apps/standalone/src/venue-kind';
import { borrowEnv, borrowStore } from '../borrow-store';

const USAGE = `Prints an access token for a standalone server, signed with JWT_SECRET_KEY or with its data folder's own secret.

  npm run -s token -- [--demo] [--role user|premium_user|admin] [--email ADDRESS] [--minutes N]

  --demo       for \`npm run demo\`; without it for \`npm start\`
  --role       what the bearer may do, user when left out
  --email      whose token: an account of that role, made when there is none; one of its own for each role when left out
  --minutes    how long it is accepted, JWT_ACCESS_TOKEN_EXPIRE_MINUTES when left out
`;

/** A domain nobody can have (RFC 2606), so that the accounts made here are nobody's. */
const LOCAL_DOMAIN = 'local.invalid';

const { JWT_SECRET_KEY, JWT_ACCESS_TOKEN_EXPIRE_MINUTES } = standaloneEnv.shape;
const env = z.object({ ...borrowEnv.shape, ...accountsEnv.shape, JWT_SECRET_KEY, JWT_ACCESS_TOKEN_EXPIRE_MINUTES });

const tokenRequest = z.object({
  demo: z.boolean().default(false),
  role: z.enum(ROLES, { error: `must be one of ${ROLES.join(', ')}` }).default('user'),
  email: z
    .string()
    .superRefine((text, context) => {
      const problem = emailProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .optional(),
  minutes: z.coerce
    .number({ error: 'must be a whole number of minutes' })
    .int('must be a whole number of minutes')
    .min(1, 'must be at least 1')
    .max(525_600, 'must be at most 525600')
    .optional(),
});

type TokenRequest = z.output<typeof tokenRequest>;

@Module({})
class TokenModule {
  static forRoot(database: PersistenceOptions, jwtSecret: string, config: z.output<typeof env>): DynamicModule {
    return {
      module: TokenModule,
      imports: [
        PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
        PersistenceModule.forRoot(database),
        AccountsModule.forRoot({ ...accountsOptions(config), storesDefaults: false }),
        AccessTokenModule.forRoot({ jwtSecret, accessTokenMinutes: config.JWT_ACCESS_TOKEN_EXPIRE_MINUTES }),
      ],
    };
  }
}

void runProcess(
  async (context) => {
    const request = readRequest(process.argv.slice(2));
    if (existsSync('.env')) process.loadEnvFile('.env');
    const config = parseEnv(env);
    const venue: VenueKind = request.demo ? 'simulated' : 'polymarket';
    const jwtSecret = config.JWT_SECRET_KEY ?? jwtSecretOf(prepareDataFolder(config.DATA_DIR, venue));
    const store = await borrowStore(config, venue, context);
    const work = printToken(request, TokenModule.forRoot(store.database, jwtSecret, config)).finally(() =>
      store.giveBack(),
    );
    return { finished: work, stop: () => work.catch(() => undefined) };
  },
  { stopDeadlineMs: 30_000 },
);

async function printToken(request: TokenRequest, module: DynamicModule): Promise<void> {
  const { role, email = `${role.replace('_', '-')}@${LOCAL_DOMAIN}` } = request;
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const tokens = app.get(AccessTokenService);
    // A password nobody knows: whoever wants to log in by one registers.
    const wanted = { email, password: randomBytes(32).toString('base64url'), role };
    const { account } = await app.get(AccountsService).provision(wanted, { address: null, requestId: newId() });
    if (account.status === 'disabled') throw new StartError(`The account ${account.email} is disabled.`);
    if (account.role !== role) {
      throw new StartError(
        `The account ${account.email} is ${account.role}, not ${role}; give --role ${account.role}.`,
      );
    }
    const lifeSeconds = request.minutes === undefined ? tokens.lifeSeconds : request.minutes * 60;
    const token = await tokens.issue(account, lifeSeconds);
    process.stderr.write(`${role} token for ${account.email}, accepted for ${lifeSeconds / 60} minutes:\n`);
    process.stdout.write(`${token}\n`);
  } finally {
    await app.close();
  }
}

function readRequest(args: string[]): TokenRequest {
  let values: unknown;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        demo: { type: 'boolean' },
        role: { type: 'string' },
        email: { type: 'string' },
        minutes: { type: 'string' },
      },
    }));
  } catch (err) {
    throw new StartError(`${(err as Error).message}\n\n${USAGE}`, { cause: err });
  }
  const parsed = tokenRequest.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`);
  throw new StartError(`${problems.join('\n')}\n\n${USAGE}`);
}
