import { runSoak } from './soak/soak';

jest.setTimeout(900_000);

// The full form, a million operations, is `npm run test:soak`.
it('20,000 random operations of many users, with restarts and endings of markets, balance to the micro-unit', async () => {
  const report = await runSoak({ operations: 20_000, seed: 7, atOnce: 8, restartEvery: 5_000, log: () => undefined });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ operations: 20_000, restarts: 3 });
  // It is only worth something if most of it was carried out, and much refused.
  expect(report.outcomes['place']).toBeGreaterThan(2_000);
  expect(report.outcomes['repeat']).toBeGreaterThan(200);
  expect(report.outcomes['place: ORDER.INSUFFICIENT_SHARES']).toBeGreaterThan(100);
  expect(report.resolved).toBeGreaterThan(5);
});
