import 'reflect-metadata';
import { parseEnv, processEnv, StartError } from '@app/platform';
import { NestFactory } from '@nestjs/core';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AccessTokenService, AuthModule, ROLES } from '../../api/src';
import { jwtSecretOf, prepareDataFolder } from './data-folder';
import { standaloneEnv } from './standalone.env';

const USAGE = `Prints an access token for a standalone server, signed with JWT_SECRET_KEY or with its data folder's own secret.

  npm run -s token -- [--demo] [--role user|premium_user|admin] [--id NAME] [--minutes N]

  --demo       for \`npm run demo\`; without it for \`npm start\`
  --role       what the bearer may do, user when left out
  --id         whom the server sees, local when left out
  --minutes    how long it is accepted, JWT_ACCESS_TOKEN_EXPIRE_MINUTES when left out
`;

const tokenEnv = z.object({
  ...processEnv.shape,
  DATA_DIR: standaloneEnv.shape.DATA_DIR,
  JWT_SECRET_KEY: standaloneEnv.shape.JWT_SECRET_KEY,
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: standaloneEnv.shape.JWT_ACCESS_TOKEN_EXPIRE_MINUTES,
});

const tokenOptions = z.object({
  demo: z.boolean().default(false),
  role: z.enum(ROLES, { error: `must be one of ${ROLES.join(', ')}` }).default('user'),
  id: z.string().min(1, 'must not be empty').default('local'),
  minutes: z.coerce
    .number({ error: 'must be a whole number of minutes' })
    .int('must be a whole number of minutes')
    .min(1, 'must be at least 1')
    .max(525_600, 'must be at most 525600')
    .optional(),
});

async function printToken(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = parseEnv(tokenEnv);
  const jwtSecret =
    env.JWT_SECRET_KEY ?? jwtSecretOf(prepareDataFolder(env.DATA_DIR, options.demo ? 'simulated' : 'polymarket'));
  const minutes = options.minutes ?? env.JWT_ACCESS_TOKEN_EXPIRE_MINUTES;
  const app = await NestFactory.createApplicationContext(
    AuthModule.forRoot({ jwtSecret, accessTokenMinutes: minutes }),
    { logger: false, abortOnError: false },
  );
  const token = await app.get(AccessTokenService).issue({ id: options.id, roles: [options.role] });
  await app.close();
  process.stderr.write(`${options.role} token for "${options.id}", accepted for ${minutes} minutes:\n`);
  process.stdout.write(`${token}\n`);
}

function readOptions(args: string[]): z.output<typeof tokenOptions> {
  let values: unknown;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        demo: { type: 'boolean' },
        role: { type: 'string' },
        id: { type: 'string' },
        minutes: { type: 'string' },
      },
    }));
  } catch (err) {
    throw new StartError(`${(err as Error).message}\n\n${USAGE}`, { cause: err });
  }
  const parsed = tokenOptions.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`);
  throw new StartError(`${problems.join('\n')}\n\n${USAGE}`);
}

printToken(process.argv.slice(2)).catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
  process.exitCode = 1;
});
