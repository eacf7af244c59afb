import { type Market } from '@app/domain';
import { MarketCatalogue, MarketsModule, VenueResults } from '@app/markets';
import { MarketRepository, PersistenceModule } from '@app/persistence';
import { PlatformModule } from '@app/platform';
import { PolymarketModule } from '@app/polymarket';
import { startTestSimulator, startTestStore, type TestSimulator, type TestStore } from '@app/testing';
import { Test, type TestingModule } from '@nestjs/testing';

const ONE_TRY = { attempts: 1, baseMs: 1, capMs: 1, deadlineMs: 20_000 };
const UNKNOWN = `0x${'0'.repeat(64)}`;

describe('VenueResults', () => {
  let store: TestStore;
  let venue: TestSimulator;
  let module: TestingModule;
  let results: VenueResults;
  let markets: Market[];
  const { signal } = new AbortController();

  beforeAll(async () => {
    [store, venue] = await Promise.all([startTestStore(), startTestSimulator({ markets: 120 })]);
    module = await Test.createTestingModule({
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
        MarketsModule,
      ],
    }).compile();
    module.useLogger(false);
    results = module.get(VenueResults);
    const open = (await venue.markets({ listed: true })).filter((row) => row['acceptingOrders'] === true);
    const found = await Promise.all(
      open.slice(0, 8).map((row) => module.get(MarketCatalogue).getBySlug(String(row['slug']))),
    );
    markets = found.map(({ market }) => market);
  });
  beforeEach(() => venue.reset());
  afterAll(async () => {
    await module.close();
    await venue.stop();
    await store.stop();
  });

  const conditions = (): string[] => markets.map(({ conditionId }) => conditionId ?? '');
  const asked = (path: string): number =>
    venue
      .requests()
      .paths.filter((one) => one.path.startsWith(path))
      .reduce((sum, { count }) => sum + count, 0);

  it('says what both sources say, and stores what Gamma does; unknown markets are left out', async () => {
    const [market] = markets as [Market];
    await venue.change(market.slug, { resolve: 1 });
    const answers = await results.ask([...conditions(), UNKNOWN], signal);
    expect([...answers.keys()].sort()).toEqual(conditions().sort());
    expect(answers.get(market.conditionId ?? '')).toMatchObject({
      market: { slug: market.slug, closed: true },
      gamma: { closed: true, umaResolutionStatus: 'resolved', outcomePrices: ['0', '1'] },
      clob: { closed: true, tokens: [{ winner: false }, { tokenId: market.clobTokenIds[1], winner: true }] },
    });
    expect(await module.get(MarketRepository).findBySlug(market.slug)).toMatchObject({ closed: true });
  });

  it('is answered by one source while the other is away, and then asks it no more than once', async () => {
    await venue.fault({ kind: 'status', path: '/clob/markets', status: 503, times: 100 });
    const withoutClob = await results.ask(conditions(), signal);
    expect([...withoutClob.values()].map(({ gamma, clob }) => [gamma !== null, clob])).toEqual(
      conditions().map(() => [true, null]),
    );
    // Four are asked for at once; none after the first failure.
    expect(asked('/clob/markets')).toBeLessThanOrEqual(4);
    await venue.reset();
    await venue.fault({ kind: 'status', path: '/gamma/markets', status: 503, times: 100 });
    const withoutGamma = await results.ask(conditions(), signal);
    expect([...withoutGamma.values()].map(({ gamma, clob }) => [gamma, clob !== null])).toEqual(
      conditions().map(() => [null, true]),
    );
    expect([...withoutGamma.values()].map(({ market }) => market.slug).sort()).toEqual(
      markets.map(({ slug }) => slug).sort(),
    );
  });

  it('takes an answer it does not understand for silence, of that market alone', async () => {
    await venue.fault({ kind: 'malformed_json', path: '/clob/markets', times: 1 });
    const answers = [...(await results.ask(conditions(), signal)).values()];
    expect(answers.filter(({ clob }) => clob === null)).toHaveLength(1);
    expect(answers.filter(({ gamma }) => gamma === null)).toHaveLength(0);
  });

  it('asks Gamma alone without storing', async () => {
    const market = markets[1] as Market;
    await venue.change(market.slug, { resolve: 'split' });
    const listed = await results.askGamma([market.conditionId ?? '', UNKNOWN], signal);
    expect([...listed.values()]).toMatchObject([{ slug: market.slug, outcomePrices: ['0.5', '0.5'] }]);
    expect(await module.get(MarketRepository).findBySlug(market.slug)).toMatchObject({ closed: false });
    expect(asked('/clob')).toBe(0);
  });

  it('ends with the reason it is given up for', async () => {
    const stopping = new AbortController();
    stopping.abort(new Error('the worker is stopping'));
    await expect(results.ask(conditions(), stopping.signal)).rejects.toThrow('the worker is stopping');
  });
});
