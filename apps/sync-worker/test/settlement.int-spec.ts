import { changedPositions, microShares, microUsdc, openAccount, type Portfolio, splitSet } from '@app/domain';
import { MarketCatalogue } from '@app/markets';
import { PersistenceModule, ResolutionRepository, TradingRepository } from '@app/persistence';
import { newId, PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { startTestSimulator, startTestStore, type TestSimulator, type TestStore, waitFor } from '@app/testing';
import { DEFAULT_TRADING_OPTIONS, TradingModule } from '@app/trading';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SyncWorkerModule } from '../src/sync-worker.module';

const SETS = microShares(25_000_000n);
const BALANCE = microUsdc(1_000_000_000n);

let store: TestStore;
let venue: TestSimulator;
let worker: INestApplicationContext;

beforeAll(async () => {
  [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 120 })]);
  const module = await Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
      PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
      {
        ...PolymarketModule.forRoot({
          baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
          rateShare: 1,
          rateLimited: false,
        }),
        global: true,
      },
      TradingModule.forRoot(DEFAULT_TRADING_OPTIONS),
      SyncWorkerModule.forRoot({ batchSize: 100, schedule: { incrementalEveryMs: 500, fullEveryMs: 86_400_000 } }),
    ],
  }).compile();
  module.useLogger(false);
  worker = await module.init();
});

afterAll(async () => {
  await worker.close();
  await venue.stop();
  await store.stop();
});

function aPortfolio(now: Date): Portfolio {
  const nothing = microUsdc(0n);
  return {
    id: newId(),
    userId: newId(),
    name: 'Paper',
    description: null,
    initialBalance: BALANCE,
    cash: nothing,
    reserved: nothing,
    owed: nothing,
    realised: nothing,
    fees: nothing,
    run: 1,
    runStartedAt: now,
    profile: 'realistic',
    latency: 'colocated',
    isActive: true,
    archivedAt: null,
    version: 1,
    ledgerSeq: 0,
    openOrders: 0,
    createdAt: now,
    updatedAt: now,
  };
}

it('learns from the sync that a market closed, and pays who holds shares of it', async () => {
  const trading = worker.get(TradingRepository, { strict: false });
  const row = (await venue.markets({ listed: true })).find(
    (one) => one['closed'] === false && one['acceptingOrders'] === true && one['umaResolutionStatus'] === undefined,
  );
  const { market } = await worker.get(MarketCatalogue, { strict: false }).getBySlug(String(row?.['slug']));
  const conditionId = market.conditionId ?? '';
  const outcomes = market.outcomes.map((outcome, outcomeIndex) => ({
    marketId: market.slug,
    conditionId,
    tokenId: market.clobTokenIds[outcomeIndex] ?? '',
    outcome,
    outcomeIndex,
  }));

  const now = new Date();
  const opened = openAccount(aPortfolio(now), now);
  const before = opened.state.portfolio;
  await trading.create({ portfolio: before, ledger: opened.entries, atMost: null });
  const split = splitSet(opened.state, { outcomes, marketQuestion: market.question }, SETS, now);
  if (!split.ok) throw new Error(split.refusal.message);
  const after = { ...split.change.state.portfolio, version: 2 };
  await trading.commit({ before, after, positions: changedPositions(split.change), ledger: split.change.entries });

  await venue.change(market.slug, { resolve: 1 });
  const settled = await waitFor(
    async () => {
      // The positions are read after the portfolio: once that one is paid, they are.
      const account = await trading.loadAccount(before.id, null);
      const isPaid = account !== null && account.portfolio.version > after.version;
      return isPaid && account.positions.get(outcomes[1]?.tokenId ?? '')?.status === 'settled' ? account : null;
    },
    { deadlineMs: 45_000, what: 'the payment' },
  );
  expect(settled.portfolio).toMatchObject({ cash: BALANCE, realised: 0n, owed: 0n });
  expect([...settled.positions.values()].map(({ status, quantity }) => [status, quantity])).toEqual([
    ['settled', 0n],
    ['settled', 0n],
  ]);
  const resolution = await worker.get(ResolutionRepository, { strict: false }).find(conditionId);
  expect(resolution).toMatchObject({ version: 1, payouts: [0n, 1_000_000n] });
});
