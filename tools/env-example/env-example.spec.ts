import { envMetaOf, renderEnvExample } from '@app/platform';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { apiEnv } from '../../apps/api/src/api.env';
import { liveWorkerEnv } from '../../apps/live-worker/src/live-worker.env';
import { simulatorEnv } from '../../apps/simulator/src/simulator.env';
import { standaloneEnv } from '../../apps/standalone/src/standalone.env';
import { ENV_SECTIONS } from './env-sections';

const PROCESSES = { api: apiEnv, 'live-worker': liveWorkerEnv, simulator: simulatorEnv, standalone: standaloneEnv };

describe('.env.example', () => {
  it('is what the code says; `npm run env:example` writes it', () => {
    expect(readFileSync(join(__dirname, '../../.env.example'), 'utf8')).toBe(renderEnvExample(ENV_SECTIONS));
  });

  it.each(Object.entries(PROCESSES))('explains every variable %s reads', (_process, schema) => {
    const explained = new Set(ENV_SECTIONS.flatMap((section) => Object.keys(section.schema.shape)));
    expect(Object.keys(schema.shape).filter((name) => !explained.has(name))).toEqual([]);
    const undescribed = Object.entries<z.core.$ZodType>(schema.shape).filter(
      ([, field]) => !envMetaOf(field).description,
    );
    expect(undescribed.map(([name]) => name)).toEqual([]);
  });
});
