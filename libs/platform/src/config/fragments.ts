import { isIP } from 'node:net';
import { z } from 'zod';
import type { EnvRule } from './parse-env';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Fewer different characters than any 32 that were drawn, even as hexadecimal digits. */
const SECRET_DISTINCT_CHARACTERS = 8;

/** Variables every process reads. */
export const processEnv = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development')
    .meta({
      description: 'development, test or production. In production secrets and server addresses have no defaults.',
    }),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .meta({ description: 'How much is logged: fatal, error, warn, info, debug, trace or silent.' }),
});

/** Where and how a process listens for HTTP. */
export const httpEnv = z.object({
  PORT: portNumber().default(8000).meta({ description: 'TCP port the api listens on; 0 takes any free one.' }),
  HOST: z.string().default('127.0.0.1').meta({
    description: 'Address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 in containers.',
    requiredInProduction: true,
  }),
  CORS_ORIGINS: list(
    isOrigin,
    'must be a comma separated list of origins such as https://app.example.com or http://localhost:*, or *',
  ).meta({
    description:
      'Comma separated web origins that may call the api from a browser; http://localhost:* allows every port of a host, * everything. Unset: none; standalone then allows pages of this machine.',
    example: 'https://app.example.com',
  }),
  TRUSTED_PROXIES: list(isProxy, 'must be a comma separated list of IP addresses or CIDR ranges').meta({
    description:
      'Comma separated addresses or ranges of reverse proxies whose X-Forwarded-For is believed. Unset: none.',
    example: '10.0.0.0/8',
  }),
});

/** Where Redis is; all unset means no Redis. */
export const redisEnv = z.object({
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be an address such as redis://user:password@host:6379/0' })
    .optional()
    .meta({
      description: 'Redis server as redis:// or rediss:// address.',
      secret: true,
      example: 'redis://redis:6379',
    }),
  REDIS_HOST: z
    .string()
    .optional()
    .meta({ description: 'Host name of the Redis server, instead of REDIS_URL.', example: 'redis' }),
  REDIS_PORT: portNumber()
    .optional()
    .meta({ description: 'Port of the Redis server, with REDIS_HOST; 6379 when unset.', example: '6379' }),
});

/** Refuses a process that shares state with others but was given no Redis. */
export const redisRequired: EnvRule = (set) =>
  set['REDIS_URL'] === undefined && set['REDIS_HOST'] === undefined
    ? [
        {
          variable: 'REDIS_URL',
          message:
            'is not set. Set REDIS_URL (or REDIS_HOST and REDIS_PORT) to the Redis server; without one only the standalone process starts',
        },
      ]
    : [];

/** Signing of access tokens. */
export const jwtEnv = z.object({
  JWT_SECRET_KEY: z
    .string()
    .min(32, 'must be at least 32 characters')
    .refine((text) => new Set(text).size >= SECRET_DISTINCT_CHARACTERS, 'must be random: too few characters differ')
    .meta({
      description:
        'Secret that signs access tokens, at least 32 random characters, the same for every api. Keep it out of version control.',
      secret: true,
    }),
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce
    .number({ error: 'must be a whole number of minutes' })
    .int('must be a whole number of minutes')
    .min(1, 'must be at least 1')
    .max(525_600, 'must be at most 525600, a year')
    .default(30)
    .meta({ description: 'Life of an access token in minutes.' }),
  JWT_SESSION_MAX_HOURS: z.coerce
    .number({ error: 'must be a whole number of hours' })
    .int('must be a whole number of hours')
    .min(1, 'must be at least 1')
    .max(8_760, 'must be at most 8760, a year')
    .default(12)
    .meta({ description: 'How long after a login POST /auth/refresh gives fresh tokens, in hours.' }),
});

function portNumber(): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
    .transform((text, context) => {
      const port = Number(text);
      if (port > 65_535) context.addIssue({ code: 'custom', message: 'must be a port number from 0 to 65535' });
      return port;
    });
}

function list(
  accepts: (entry: string) => boolean,
  message: string,
): z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<string[], string>>> {
  return z
    .string()
    .transform((text, context) => {
      const entries = text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
      const bad = entries.filter((entry) => !accepts(entry));
      if (bad.length > 0) context.addIssue({ code: 'custom', message });
      return entries;
    })
    .default([]);
}

/** Ends an origin that stands for every port of its host. */
export const ANY_PORT = ':*';

function isOrigin(entry: string): boolean {
  if (entry === '*') return true;
  const origin = entry.endsWith(ANY_PORT) ? entry.slice(0, -ANY_PORT.length) : entry;
  return URL.canParse(origin) && new URL(origin).origin === origin;
}

function isProxy(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
