import type { MarketDetailBody, MarketListBody, MarketSummaryBody } from '@app/contracts';
import { startTestSimulator, type TestSimulator } from '@app/testing';
import { startTestApi, type TestApi } from './api-harness';

const dir = process.env['POLYMARKET_RECORDINGS_DIR'];
if (dir === undefined) {
  process.stdout.write('the list of 2026-02-07: skipped, POLYMARKET_RECORDINGS_DIR is not set\n');
}

/** Read off the recorded answer by hand: row number, then what /markets must show. */
const CHECKED: [number, Partial<MarketSummaryBody>][] = [
  [
    0,
    {
      slug: 'will-trump-deport-less-than-250000',
      question: 'Will Trump deport less than 250,000?',
      outcomes: ['Yes', 'No'],
      outcome_prices: ['0.045', '0.955'],
      volume_24h: 5260.919047,
      volume_total: 1067832.94112,
      liquidity: 19209.42167,
      best_bid: 0.04,
      best_ask: 0.05,
      spread: 0.01,
      closed: false,
      active: true,
      end_date: '2025-12-31T12:00:00.000Z',
    },
  ],
  [
    37,
    {
      slug: 'will-china-invades-taiwan-before-gta-vi-716',
      outcome_prices: ['0.52', '0.48'],
      volume_24h: 82.3453,
      volume_total: 1283185.100807,
      liquidity: 67816.9204,
      best_bid: 0.51,
      best_ask: 0.53,
      spread: 0.02,
      end_date: '2026-07-31T12:00:00.000Z',
    },
  ],
  [
    88,
    {
      slug: 'will-the-buffalo-sabres-win-the-2026-nhl-stanley-cup',
      outcome_prices: ['0.018', '0.982'],
      volume_24h: 23995.555946,
      volume_total: 305975.933439,
      liquidity: 90377.34008,
      best_bid: 0.017,
      best_ask: 0.019,
      spread: 0.002,
      end_date: '2026-06-30T00:00:00.000Z',
    },
  ],
  [
    131,
    {
      slug: 'will-billie-eilish-perform-during-the-super-bowl-lx-halftime-show-375',
      outcome_prices: ['0.05', '0.95'],
      volume_24h: 3408.923236,
      volume_total: 16117.852643,
      liquidity: 5615.69577,
      best_bid: 0.04,
      best_ask: 0.06,
      spread: 0.02,
      end_date: '2026-02-09T00:00:00.000Z',
    },
  ],
  [
    190,
    {
      slug: 'will-egypt-win-the-2026-fifa-world-cup',
      outcome_prices: ['0.0035', '0.9965'],
      volume_24h: 13287.627323,
      volume_total: 2733825.804416,
      liquidity: 351494.25087,
      best_bid: 0.003,
      best_ask: 0.004,
      spread: 0.001,
      end_date: '2026-07-20T00:00:00.000Z',
    },
  ],
  [
    244,
    {
      slug: 'will-ro-khanna-win-the-2028-democratic-presidential-nomination',
      outcome_prices: ['0.014', '0.986'],
      volume_24h: 38184.879801,
      volume_total: 2085344.707785,
      liquidity: 139523.27407,
      best_bid: 0.013,
      best_ask: 0.015,
      spread: 0.002,
      end_date: '2028-11-07T00:00:00.000Z',
    },
  ],
  [
    301,
    {
      slug: 'will-greg-abbott-win-the-2028-republican-presidential-nomination',
      outcome_prices: ['0.0085', '0.9915'],
      volume_24h: 54978.924466,
      volume_total: 9500732.017043,
      liquidity: 473949.18453,
      best_bid: 0.008,
      best_ask: 0.009,
      spread: 0.001,
      end_date: '2028-11-07T00:00:00.000Z',
    },
  ],
  [
    356,
    {
      slug: 'will-devin-booker-win-the-20252026-nba-mvp',
      question: 'Will Devin Booker win the 2025–2026 NBA MVP?',
      outcome_prices: ['0.0005', '0.9995'],
      volume_24h: 96185.76,
      volume_total: 883056.93328,
      liquidity: 95674.27766,
      best_bid: null,
      best_ask: 0.001,
      spread: 0.001,
      end_date: '2026-06-10T00:00:00.000Z',
    },
  ],
  [
    420,
    {
      slug: 'will-tottenham-win-the-202526-english-premier-league',
      outcome_prices: ['0.0005', '0.9995'],
      volume_24h: 12305.79,
      volume_total: 16312468.859967,
      liquidity: 869399.6248,
      best_bid: null,
      best_ask: 0.001,
      spread: 0.001,
      end_date: '2026-05-27T00:00:00.000Z',
    },
  ],
  [
    499,
    {
      slug: 'will-toulouse-win-the-202526-french-ligue-1',
      outcome_prices: ['0.0005', '0.9995'],
      volume_24h: 0,
      volume_total: 36173.908666,
      liquidity: 16218.70689,
      best_bid: null,
      best_ask: 0.001,
      spread: 0.001,
      end_date: '2026-05-30T00:00:00.000Z',
    },
  ],
];

(dir === undefined ? describe.skip : describe)('the recorded list of 2026-02-07', () => {
  let venue: TestSimulator;
  let api: TestApi;

  beforeAll(async () => {
    venue = await startTestSimulator({
      recordings: { dir: dir ?? '', gamma: ['gamma/markets_2026-02-07_500.json'] },
    });
    api = await startTestApi({ venue });
    await api.storeListedMarkets();
  });
  afterAll(async () => {
    await api?.stop();
    await venue?.stop();
  });

  const findListed = async (slug: string): Promise<MarketSummaryBody | undefined> => {
    for (let page = 1; page <= 5; page += 1) {
      const { body } = await api.get<MarketListBody>(`/markets?page=${page}&page_size=100`);
      const row = body.markets.find((market) => market.slug === slug);
      if (row !== undefined) return row;
    }
    return undefined;
  };

  it('is there whole', async () => {
    const { body } = await api.get<MarketListBody>('/markets?closed=false&active=true');
    expect(body).toMatchObject({ total: 500, total_pages: 25 });
    expect((await api.get<MarketListBody>('/markets?closed=true')).body.total).toBe(0);
  });

  it.each(CHECKED)('row %i has the right numbers in /markets', async (_row, expected) => {
    expect(await findListed(expected.slug ?? '')).toMatchObject(expected);
  });

  it('has the right numbers in full', async () => {
    const { body } = await api.get<MarketDetailBody>('/markets/by-slug/will-trump-deport-less-than-250000');
    expect(body).toMatchObject({
      condition_id: '0xaf9d0e448129a9f657f851d49495ba4742055d80e0ef1166ba0ee81d4d594214',
      clob_token_ids: [
        '101676997363687199724245607342877036148401850938023978421879460310389391082353',
        '4153292802911610701832309484716814274802943278345248636922528170020319407796',
      ],
      volume_7d: 48528.495051,
      tick_size: 0.001,
      min_order_size: 5,
      neg_risk: true,
      event_slug: 'how-many-people-will-trump-deport-in-2025',
      rewards: { min_size: 20, max_spread: 3.5 },
      resolution: { status: 'unresolved', winning_outcome_index: null, payouts: [] },
    });
  });

  it('is found by its words', async () => {
    const { body } = await api.get<MarketListBody>('/markets?search=tottenham+premier+league&sort_by=relevance');
    expect(body.markets[0]?.slug).toBe('will-tottenham-win-the-202526-english-premier-league');
  });
});
