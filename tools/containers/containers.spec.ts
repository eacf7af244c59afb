import { type EnvRule, parseEnv, processEnv } from '@app/platform';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { apiEnv, apiEnvRules } from '../../apps/api/src/api.env';
import { liveWorkerEnv, liveWorkerEnvRules } from '../../apps/live-worker/src/live-worker.env';
import { simulatorEnv } from '../../apps/simulator/src/simulator.env';
import { syncWorkerEnv, syncWorkerEnvRules } from '../../apps/sync-worker/src/sync-worker.env';
import { ENV_SECTIONS } from '../env-example/env-sections';

const ROOT = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const duration = z.string().regex(/^\d+s$/);

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.object({ context: z.literal('.'), dockerfile: z.string() }).optional(),
      profiles: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      ports: z.array(z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      restart: z.literal('unless-stopped'),
      healthcheck: z
        .object({
          test: z.array(z.string()),
          interval: duration,
          timeout: duration,
          start_period: duration,
          retries: z.number(),
        })
        .optional(),
      depends_on: z
        .record(z.string(), z.object({ condition: z.literal('service_healthy'), required: z.boolean().optional() }))
        .optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

/** What each app's container reads; the simulator also takes the Node-wide NODE_ENV. */
const APPS: Record<string, { schema: z.ZodObject; rules: readonly EnvRule[] }> = {
  api: { schema: apiEnv, rules: apiEnvRules },
  'live-worker': { schema: liveWorkerEnv, rules: liveWorkerEnvRules },
  'sync-worker': { schema: syncWorkerEnv, rules: syncWorkerEnvRules },
  simulator: { schema: z.object({ ...simulatorEnv.shape, NODE_ENV: processEnv.shape.NODE_ENV }), rules: [] },
};

const compose = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);

/** Fills `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as compose does. */
function interpolate(text: string, given: Record<string, string>): string {
  return text.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind: string | undefined, rest: string) => {
      const value = given[name];
      if (value !== undefined && value !== '') return value;
      if (kind === '?') throw new Error(rest);
      return kind === '-' ? rest : '';
    },
  );
}

function environmentOf(service: string, given: Record<string, string>): Record<string, string> {
  const written = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(written.map(([name, value]) => [name, interpolate(String(value), given)]));
}

/** The settings an image carries in ENV. */
function imageEnvironment(dockerfile: string): Record<string, string> {
  const pairs = [...read(dockerfile).matchAll(/^ENV (.*)$/gm)].flatMap((line) => (line[1] ?? '').split(' '));
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
}

describe('docker-compose.yml', () => {
  it.each(Object.keys(APPS))('gives %s only variables of its configuration', (service) => {
    const known = Object.keys(APPS[service]?.schema.shape ?? {});
    expect(Object.keys(compose.services[service]?.environment ?? {}).filter((name) => !known.includes(name))).toEqual(
      [],
    );
  });

  it.each(Object.keys(APPS))('gives %s a configuration it starts with, in production', (service) => {
    const { schema, rules } = APPS[service]!;
    const environment = environmentOf(service, { JWT_SECRET_KEY: 'a-secret-of-at-least-32-characters' });
    expect(() => parseEnv(schema, environment, rules)).not.toThrow();
    expect(environment['NODE_ENV']).toBe('production');
  });

  it('takes from outside only variables that are explained', () => {
    const explained = new Set(ENV_SECTIONS.flatMap((section) => Object.keys(section.schema.shape)));
    const asked = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map((match) => match[1]!);
    expect(asked.filter((name) => !explained.has(name) && name !== 'COMPOSE_PROJECT_NAME')).toEqual([]);
  });

  it('has no default for the secret', () => {
    expect(() => environmentOf('api', {})).toThrow('Set JWT_SECRET_KEY');
  });

  it('publishes the api alone', () => {
    expect(services.filter(([, service]) => service.ports !== undefined).map(([name]) => name)).toEqual(['api']);
  });

  it('starts things in order: what is waited for has a health check', () => {
    for (const name of ['api', 'live-worker', 'sync-worker']) {
      const awaited = compose.services[name]?.depends_on ?? {};
      expect(Object.keys(awaited)).toEqual(['mongodb', 'redis', 'simulator']);
      expect(awaited['simulator']).toMatchObject({ required: false });
    }
    for (const [, { healthcheck, build }] of services) {
      if (build === undefined) expect(healthcheck).toBeDefined();
      else expect(read(build.dockerfile)).toMatch(/^HEALTHCHECK .* CMD \[/m);
    }
  });

  it('keeps the databases in volumes, the replica set and the append-only file on', () => {
    const volumes = services.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(':')[0]!));
    expect(volumes.sort()).toEqual(Object.keys(compose.volumes).sort());
    const text = read('docker-compose.yml');
    expect(text).toContain('--replSet, rs0');
    expect(compose.services['mongodb']?.healthcheck?.test.join('\n')).toContain("rs.initiate({ _id: 'rs0'");
    expect(text).toContain('--setParameter, transactionLifetimeLimitSeconds=15');
    expect(text).toContain("--appendonly, 'yes'");
    expect(environmentOf('sync-worker', {})['MONGO_URI']).toContain('replicaSet=rs0');
  });

  it('pins the images it does not build', () => {
    for (const [, { image, build }] of services) {
      if (build !== undefined) expect(existsSync(join(ROOT, build.dockerfile))).toBe(true);
      else expect(image).toMatch(/:\d+\.\d+(-alpine)?$/);
    }
  });

  it('has the simulated venue in the demo profile alone, and an env file that turns it on', () => {
    const inProfiles = services.filter(([, service]) => service.profiles !== undefined);
    expect(inProfiles.map(([name, service]) => [name, service.profiles])).toEqual([['simulator', ['demo']]]);
    const demo = Object.fromEntries(
      read('docker-compose.demo.env')
        .split('\n')
        .filter((line) => /^\w+=/.test(line))
        .map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]),
    );
    expect(demo).toMatchObject({ COMPOSE_PROFILES: 'demo', COMPOSE_PROJECT_NAME: expect.any(String) });
    const port = environmentOf('simulator', demo)['SIMULATOR_PORT'];
    for (const name of ['GAMMA_URL', 'CLOB_URL', 'DATA_URL']) {
      expect(environmentOf('sync-worker', demo)[name]).toMatch(new RegExp(`^http://simulator:${port}/`));
    }
    expect(demo['CLOB_WS_URL']).toBe(`ws://simulator:${port}/ws/market`);
  });
});

describe.each(
  services.flatMap(([name, { build }]) => (build === undefined ? [] : [[name, build.dockerfile] as const])),
)('the image of %s', (name, dockerfile) => {
  const text = read(dockerfile);

  it('carries only settings of its configuration, and no secret', () => {
    const environment = imageEnvironment(dockerfile);
    expect(Object.keys(environment).filter((key) => APPS[name]?.schema.shape[key] === undefined)).toEqual([]);
    expect(environment).not.toHaveProperty('JWT_SECRET_KEY');
    expect(environment['NODE_ENV']).toBe('production');
  });

  it('is built in stages, without development packages, and does not run as root', () => {
    expect([...text.matchAll(/^FROM /gm)].length).toBe(2);
    expect(text).toContain('npm ci --omit=dev');
    expect(text.lastIndexOf('USER node')).toBeGreaterThan(text.lastIndexOf('FROM '));
    expect(text).toContain(`npx nest build ${name}`);
  });
});
