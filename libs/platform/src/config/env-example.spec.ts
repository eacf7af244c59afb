import { z } from 'zod';
import { renderEnvExample } from './env-example';
import { processEnv, redisEnv } from './fragments';

describe('renderEnvExample', () => {
  const text = renderEnvExample([
    { title: 'Every process', note: 'Read by all.', schema: processEnv },
    {
      title: 'One',
      note: 'Read by one.',
      schema: z.object({
        ...redisEnv.shape,
        LOG_LEVEL: processEnv.shape.LOG_LEVEL,
        NEEDED: z.string().meta({ description: 'Something needed.', example: 'abc' }),
        ADDRESS: z.string().default('http://x').meta({ description: 'Where.', requiredInProduction: true }),
      }),
    },
  ]);

  it('shows defaults, examples and what is required', () => {
    expect(text).toContain('# LOG_LEVEL=info\n');
    expect(text).toContain('# REDIS_HOST=redis\n');
    expect(text).toContain('# Something needed. (required)\n# NEEDED=abc\n');
    expect(text).toContain('# Where. (required in production)\n# ADDRESS=http://x\n');
  });

  it('shows every variable once', () => {
    const names = [...text.matchAll(/^# ([A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names).toEqual(['NODE_ENV', 'LOG_LEVEL', 'REDIS_URL', 'REDIS_HOST', 'REDIS_PORT', 'NEEDED', 'ADDRESS']);
  });
});
