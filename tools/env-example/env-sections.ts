import { accountsEnv } from '@app/accounts';
import { engineEnv } from '@app/database-engine';
import { syncEnv } from '@app/markets';
import { mongoEnv } from '@app/persistence';
import { type EnvSection, httpEnv, jwtEnv, processEnv, redisEnv } from '@app/platform';
import { streamEnv, venueEnv } from '@app/polymarket';
import { tradingEnv } from '@app/trading';
import { z } from 'zod';
import { adminCreateEnv } from '../../apps/api/src/admin-create/admin-create.env';
import { metricsServerEnv } from '../../apps/live-worker/src/metrics-server.env';
import { recorderEnv } from '../../apps/live-worker/src/recorder/recorder-env';
import { simulatorEnv } from '../../apps/simulator/src/simulator.env';
import { dataEnv } from '../../apps/standalone/src/standalone.env';

/** Every variable any process reads, by what it is about. */
export const ENV_SECTIONS: readonly EnvSection[] = [
  { title: 'Every process', note: 'Read by api, the workers and standalone.', schema: processEnv },
  { title: 'HTTP', note: 'Read by api and standalone.', schema: httpEnv },
  {
    title: 'Database',
    note: 'Required by api and the workers; standalone brings an engine of its own when unset.',
    schema: mongoEnv,
  },
  {
    title: 'Redis',
    note: 'api and the workers require REDIS_URL or REDIS_HOST; standalone needs neither.',
    schema: redisEnv,
  },
  { title: 'Access tokens', note: 'Required by api; standalone makes a secret of its own when unset.', schema: jwtEnv },
  {
    title: 'Accounts',
    note: 'Read by api and standalone. Limits count until an admin changes them.',
    schema: accountsEnv,
  },
  {
    title: 'First admin',
    note: 'Read by `npm run admin:create` alone.',
    schema: adminCreateEnv,
  },
  {
    title: 'Polymarket',
    note: 'Read by api, the workers and `npm start`; the demo sets the addresses itself.',
    schema: z.object({ ...venueEnv.shape, ...streamEnv.shape }),
  },
  {
    title: 'Paper exchange',
    note: 'Read by api, the workers and standalone, which must agree on it.',
    schema: tradingEnv,
  },
  {
    title: 'Live data',
    note: 'Read by live-worker; standalone reads LIVE_RECORD_DIR, and its metrics are at the api.',
    schema: z.object({ ...recorderEnv.shape, ...metricsServerEnv.shape }),
  },
  { title: 'Sync', note: 'Read by sync-worker and standalone.', schema: syncEnv },
  {
    title: 'Standalone',
    note: 'Read by `npm run demo` and `npm start`.',
    schema: z.object({ ...dataEnv.shape, ...engineEnv.shape }),
  },
  {
    title: 'Simulated venue',
    note: 'Read by the simulator; the demo reads the first two of the world.',
    schema: simulatorEnv,
  },
];
