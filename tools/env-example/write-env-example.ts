import { renderEnvExample } from '@app/platform';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV_SECTIONS } from './env-sections';

writeFileSync(join(__dirname, '../../.env.example'), renderEnvExample(ENV_SECTIONS));
