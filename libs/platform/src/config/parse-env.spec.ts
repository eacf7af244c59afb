import { z } from 'zod';
import { httpEnv, jwtEnv, processEnv, redisEnv, redisRequired } from './fragments';
import { ConfigError, listDefaulted, parseEnv } from './parse-env';

const everything = z.object({ ...processEnv.shape, ...httpEnv.shape, ...redisEnv.shape, ...jwtEnv.shape });
const SECRET = 'a-secret-of-at-least-thirty-two-characters';

function problemsOf(act: () => unknown): Record<string, string> {
  try {
    act();
  } catch (err) {
    if (err instanceof ConfigError) return Object.fromEntries(err.problems.map((one) => [one.variable, one.message]));
    throw err;
  }
  throw new Error('expected a ConfigError');
}

describe('parseEnv', () => {
  it('reads typed values and leaves the rest at the defaults', () => {
    const env = parseEnv(everything, {
      PORT: ' 0 ',
      JWT_SECRET_KEY: SECRET,
      CORS_ORIGINS: 'https://a.example, http://localhost:8501',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      UNRELATED: 'x',
    });
    expect(env).toEqual({
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      PORT: 0,
      HOST: '127.0.0.1',
      CORS_ORIGINS: ['https://a.example', 'http://localhost:8501'],
      TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
      JWT_SECRET_KEY: SECRET,
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: 30,
      JWT_SESSION_MAX_HOURS: 12,
    });
  });

  it('names every bad variable at once, and the rules run all the same', () => {
    const problems = problemsOf(() =>
      parseEnv(
        everything,
        {
          NODE_ENV: 'prod',
          LOG_LEVEL: 'loud',
          PORT: '70000',
          CORS_ORIGINS: 'example.com/app',
          TRUSTED_PROXIES: '10.0.0.0/33',
          JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '0',
        },
        [redisRequired],
      ),
    );
    expect(Object.keys(problems).sort()).toEqual([
      'CORS_ORIGINS',
      'JWT_ACCESS_TOKEN_EXPIRE_MINUTES',
      'JWT_SECRET_KEY',
      'LOG_LEVEL',
      'NODE_ENV',
      'PORT',
      'REDIS_URL',
      'TRUSTED_PROXIES',
    ]);
    expect(problems['PORT']).toContain('from 0 to 65535; found "70000"');
    expect(problems['JWT_SECRET_KEY']).toContain('is not set');
  });

  it.each(['http://localhost:*', '*', 'https://a.example:8443'])('takes %s as an origin', (CORS_ORIGINS) => {
    expect(parseEnv(httpEnv, { CORS_ORIGINS }).CORS_ORIGINS).toEqual([CORS_ORIGINS]);
  });

  it.each(['localhost:*', 'http://localhost:*/app', 'https://a.example/'])(
    'refuses %s as an origin',
    (CORS_ORIGINS) => {
      expect(problemsOf(() => parseEnv(httpEnv, { CORS_ORIGINS }))).toHaveProperty('CORS_ORIGINS');
    },
  );

  it.each(['1e3', '80.5', '-1', '0x50', 'eighty', '65536'])('refuses %s as a port', (PORT) => {
    expect(problemsOf(() => parseEnv(httpEnv, { PORT }))).toHaveProperty('PORT');
  });

  it('never repeats a secret', () => {
    const problems = problemsOf(() =>
      parseEnv(everything, { JWT_SECRET_KEY: 'hunter2', REDIS_URL: 'http://u:hunter2@redis' }),
    );
    expect(Object.keys(problems)).toEqual(['REDIS_URL', 'JWT_SECRET_KEY']);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it.each(['too short to be one', 'x'.repeat(64), 'abcabc'.repeat(10)])('refuses the secret %s', (JWT_SECRET_KEY) => {
    expect(problemsOf(() => parseEnv(jwtEnv, { JWT_SECRET_KEY }))).toHaveProperty('JWT_SECRET_KEY');
  });

  it('treats a variable set to nothing as not set', () => {
    expect(parseEnv(httpEnv, { PORT: '', CORS_ORIGINS: '  ' })).toMatchObject({ PORT: 8000, CORS_ORIGINS: [] });
  });

  it('lets production stand on no default address, and names the variable', () => {
    const production = z.object({ ...processEnv.shape, ...httpEnv.shape });
    expect(problemsOf(() => parseEnv(production, { NODE_ENV: 'production' }))).toEqual({
      HOST: expect.stringContaining('must be set when NODE_ENV=production'),
    });
    expect(parseEnv(production, { NODE_ENV: 'production', HOST: '0.0.0.0' }).HOST).toBe('0.0.0.0');
  });

  it('is satisfied by either way of naming a Redis', () => {
    expect(parseEnv(redisEnv, { REDIS_HOST: 'redis' }, [redisRequired])).toEqual({ REDIS_HOST: 'redis' });
    expect(parseEnv(redisEnv, { REDIS_URL: 'rediss://r:6380/1' }, [redisRequired]).REDIS_URL).toBe('rediss://r:6380/1');
  });

  it('lists what runs on its default', () => {
    expect(listDefaulted(z.object({ ...processEnv.shape, ...redisEnv.shape }), { LOG_LEVEL: 'warn' })).toEqual([
      'NODE_ENV',
    ]);
  });
});
