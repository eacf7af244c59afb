import 'reflect-metadata';
import { bundleOf, runKills } from '../kill/run-kills';
import { runKillSync } from './kill-sync';

/** `npm run test:kill-sync -- [--kills 50] [--markets 20000] [--seed N]` */
runKills({
  apps: ['sync-worker'],
  defaults: { kills: 50, markets: 20_000 },
  begin: ({ kills, markets }) => `Killing a full sync of ${markets} markets ${kills} times`,
  run: async (options, log) => {
    const report = await runKillSync({ ...options, workerScript: bundleOf('sync-worker'), log });
    return {
      summary: `${report.kills} kills; ${report.pages} pages were asked for ${report.pageRequests} times`,
      proven:
        'every listed market is stored exactly once, equal field by field, and only pages in flight were asked for again',
      problems: report.problems,
    };
  },
});
