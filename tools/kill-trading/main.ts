import 'reflect-metadata';
import { bundleOf, runKills } from '../kill/run-kills';
import { runKillTrading } from './kill-trading';

/** `npm run test:kill-trading -- [--kills 200] [--clients 6] [--seed N]` */
runKills({
  apps: ['standalone', 'store', 'simulator'],
  defaults: { kills: 200, clients: 6 },
  begin: ({ kills, clients }) => `Killing the server ${kills} times under the orders of ${clients} clients`,
  run: async (options, log) => {
    const report = await runKillTrading({ ...options, standaloneScript: bundleOf('standalone'), auditEvery: 20, log });
    return {
      summary:
        `${report.kills} kills; ${report.answered} requests answered before one, ${report.cutOff} cut off, of which ${report.cutOffDone} had happened or did when repeated; ` +
        `${report.restingFills} fills of resting orders, ${report.entries} ledger entries`,
      proven: 'every repetition got its first answer and did nothing twice, every balance is the sum of its ledger',
      problems: report.problems,
    };
  },
});
