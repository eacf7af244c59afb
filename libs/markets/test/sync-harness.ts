import { MarketSyncModule, SyncEngine, SyncRequest, SyncResult } from '@app/markets';
import {
  MarketChangeRepository,
  MarketRepository,
  PersistenceModule,
  StagedPageRepository,
  SyncStateRepository,
  toMarketRecord,
} from '@app/persistence';
import { PlatformModule } from '@app/platform';
import { parseRow, PolymarketModule, readVenueMarket } from '@app/polymarket';
import { startTestSimulator, startTestStore, TestSimulator } from '@app/testing';
import { Test } from '@nestjs/testing';

const QUICK = { attempts: 2, badAnswers: 2, firstWaitMs: 1, longestWaitMs: 5 };
const ONE_TRY = { attempts: 1, baseMs: 1, capMs: 1, deadlineMs: 20_000 };

/** The sync engine over a real store and a simulated venue. */
export interface SyncHarness {
  venue: TestSimulator;
  engine: SyncEngine;
  markets: MarketRepository;
  states: SyncStateRepository;
  staged: StagedPageRepository;
  changes: MarketChangeRepository;
  sync(request: SyncRequest, options?: Partial<Parameters<SyncEngine['run']>[1]>): Promise<SyncResult>;
  /** Compares every stored market, field by field, with what the venue lists now. */
  expectCatalogueEqualsVenue(): Promise<void>;
  /** Lists how often each page of the cursor lists was asked for and answered. */
  pagesAsked(): Map<string, number>;
  stop(): Promise<void>;
}

export async function startSyncHarness(markets: number): Promise<SyncHarness> {
  const [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets })]);
  const module = await Test.createTestingModule({
    imports: [
      PlatformModule.forRoot({ logging: { level: 'silent' }, redis: {} }),
      PersistenceModule.forRoot({ uri: store.uri, databasePrefix: store.databasePrefix }),
      {
        ...PolymarketModule.forRoot({
          baseUrls: { gamma: venue.gammaUrl, clob: venue.clobUrl, data: venue.dataUrl },
          rateShare: 1,
          rateLimited: false,
          retryPolicies: { interactive: ONE_TRY, background: ONE_TRY },
        }),
        global: true,
      },
      MarketSyncModule,
    ],
  }).compile();
  const engine = module.get(SyncEngine);
  const repository = module.get(MarketRepository);
  return {
    venue,
    engine,
    markets: repository,
    states: module.get(SyncStateRepository),
    staged: module.get(StagedPageRepository),
    changes: module.get(MarketChangeRepository),
    sync: (request, options = {}) =>
      engine.run(request, { batchSize: 250, signal: new AbortController().signal, patience: QUICK, ...options }),
    expectCatalogueEqualsVenue: async () => {
      const listed = await venue.markets({ listed: true });
      const stored = new Map(
        (await repository.findManyBySlugs(listed.map((row) => String(row.slug)))).map((one) => [one.slug, one]),
      );
      for (const row of listed) {
        const parsed = parseRow(row, 'market', readVenueMarket);
        if (!parsed.ok) throw new Error(parsed.refusal.reason);
        const kept = stored.get(parsed.value.slug);
        const stamps = { createdAt: NOW, updatedAt: NOW, firstSyncedAt: NOW, lastSyncedAt: NOW };
        expect(kept && toMarketRecord(kept, stamps)).toEqual(toMarketRecord(parsed.value, stamps));
      }
      expect(await repository.count({ active: true })).toBe(listed.length);
    },
    pagesAsked: () => {
      const asked = new Map<string, number>();
      for (const page of venue.requests().keyset_pages) {
        const key = `${page.filters} ${page.after_cursor ?? 'start'}`;
        asked.set(key, (asked.get(key) ?? 0) + 1);
      }
      return asked;
    },
    stop: async () => {
      await module.close();
      await venue.stop();
      await store.stop();
    },
  };
}

const NOW = new Date('2026-01-01T00:00:00Z');
