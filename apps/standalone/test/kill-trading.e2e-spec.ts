import { builtApp } from '@app/testing';
import { runKillTrading } from '../../../tools/kill-trading/kill-trading';

jest.setTimeout(600_000);

const KILLS = Number(process.env['TRADING_KILLS'] ?? 15);

// The full form, 200 kills, is `npm run test:kill-trading`.
it(`the server killed with -9 ${KILLS} times under orders answers every repetition as at first and balances to the micro-unit`, async () => {
  builtApp('store');
  const moments: string[] = [];
  const report = await runKillTrading({
    kills: KILLS,
    seed: 42,
    clients: 6,
    standaloneScript: builtApp('standalone'),
    auditEvery: 8,
    log: (line) => moments.push(line),
  });
  expect({ problems: report.problems, moments }).toEqual({ problems: [], moments });
  expect(report.kills).toBe(KILLS);
  expect(report.answered).toBeGreaterThan(KILLS);
  expect(report.cutOffDone).toBeGreaterThan(0);
  expect(report.restingFills).toBeGreaterThan(0);
});
