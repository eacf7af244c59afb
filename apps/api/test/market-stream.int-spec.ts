import type {
  LatestStreamedBody,
  ProblemBody,
  StreamedBooksBody,
  StreamStartedBody,
  StreamStoppedBody,
} from '@app/contracts';
import { isTradeable, type Market } from '@app/domain';
import { InterestStore } from '@app/platform';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { HandFedMarket } from './hand-fed-market';

describe('live books for clients that poll', () => {
  let api: TestApi;
  let markets: Market[];
  let headers: Record<string, string>;
  let accounts = 0;

  beforeAll(async () => {
    api = await startTestApi({ markets: 80, venueOptions: PATIENT });
    const stored = await api.storeListedMarkets();
    markets = stored.filter((market) => isTradeable(market) && market.clobTokenIds.length === 2);
  });
  afterAll(() => api?.stop());
  beforeEach(async () => {
    headers = await account();
  });

  async function account(): Promise<Record<string, string>> {
    accounts += 1;
    return { authorization: `Bearer ${await api.tokenFor({ id: `poller-${accounts}`, role: 'user' })}` };
  }

  const start = (tokens: string, as = headers) =>
    api.post<StreamStartedBody & Omit<ProblemBody, 'status'>>(`/market-stream/start/${tokens}`, undefined, as);
  const books = async (as = headers): Promise<StreamedBooksBody> =>
    (await api.get<StreamedBooksBody>('/market-stream/orderbook', as)).body;

  function feed(at: number): HandFedMarket {
    const market = markets[at];
    if (market === undefined) throw new Error(`there is no market ${at}`);
    return new HandFedMarket(api.app, market);
  }

  it('are followed once started, and shown as price and size of each token', async () => {
    const fed = feed(0);
    await fed.begin([[0.45, 100]], [[0.55, 150.25]]);
    const started = await start(`${fed.firstToken},${fed.secondToken}`);
    expect(started.status).toBe(200);
    expect(started.body).toEqual({
      status: 'started',
      asset_id: `${fed.firstToken},${fed.secondToken}`,
      message: '2 tokens are followed for you, until 90 s after you last looked.',
      started_by: `poller-${accounts}`,
    });
    expect(started.headers['x-market-data']).toBe('simulated');
    expect(await books()).toMatchObject({
      status: 'ok',
      count: 2,
      messages: {
        [fed.firstToken]: { bids: { '0.45': 100 }, asks: { '0.55': 150.25 }, sequence: 1, state: 'live', reason: null },
        [fed.secondToken]: { bids: { '0.45': 150.25 }, asks: { '0.55': 100 }, sequence: 1, source: 'stream' },
      },
    });
    await fed.turn('stale', 'its stream does not answer');
    expect((await books()).messages[fed.firstToken]).toMatchObject({
      state: 'stale',
      reason: 'its stream does not answer',
    });
  });

  it('come over REST while nobody follows the market yet, and say so', async () => {
    const fed = feed(1);
    await start(fed.secondToken);
    const shown = (await books()).messages[fed.secondToken];
    expect(shown).toMatchObject({ source: 'rest', state: 'recovering', sequence: 0, market_id: fed.market.slug });
    const { body } = await api.get<{ bids: { price: number; size: number }[] }>(
      `/markets/by-slug/${fed.market.slug}/book?outcome_index=1`,
    );
    expect(Object.entries(shown?.bids ?? {})).toEqual(body.bids.map(({ price, size }) => [String(price), size]));
  });

  it('are let go by who started them, for nobody else', async () => {
    const fed = feed(2);
    await fed.begin([[0.45, 1]], []);
    const other = await account();
    await start(fed.firstToken);
    await start(fed.firstToken, other);
    const stopped = await api.post<StreamStoppedBody>('/market-stream/stop', undefined, headers);
    expect(stopped.body).toEqual({
      status: 'stopped',
      message: '1 token is no longer followed for you.',
      stopped_by: `poller-${accounts - 1}`,
    });
    expect(await books()).toEqual({ status: 'ok', count: 0, messages: {} });
    expect((await books(other)).count).toBe(1);
    const interests = await api.app.get(InterestStore, { strict: false }).list();
    expect(interests).toContainEqual({
      holder: `user:poller-${accounts}`,
      subject: `${fed.market.conditionId}/${fed.firstToken}`,
    });
  });

  it('expire when nobody looks, and last while somebody does', async () => {
    const fed = feed(3);
    await fed.begin([[0.45, 1]], []);
    await start(fed.firstToken);
    for (let look = 0; look < 3; look += 1) {
      api.clock.advance(60_000);
      expect((await books()).count).toBe(1);
    }
    api.clock.advance(91_000);
    expect((await books()).count).toBe(0);
  });

  it('show the one that changed last', async () => {
    const [older, newer] = [feed(4), feed(5)];
    const latest = async (): Promise<LatestStreamedBody> =>
      (await api.get<LatestStreamedBody>('/market-stream/latest', headers)).body;
    expect(await latest()).toEqual({ status: 'no_data', message: null });
    await newer.begin([[0.45, 1]], []);
    await older.begin([[0.3, 1]], []);
    await newer.change(['bid', 0.46, 2]);
    await start(`${older.firstToken},${newer.firstToken}`);
    expect(await latest()).toMatchObject({
      status: 'ok',
      message: { token_id: newer.firstToken, bids: { '0.46': 2 } },
    });
  });

  it('are refused without a token, for tokens there are none of, and for what is no token', async () => {
    expect((await start('123', {})).status).toBe(401);
    expect(await start('1'.repeat(77))).toMatchObject({ status: 404, body: { code: 'MARKET.NOT_FOUND' } });
    const bad = await start('abc');
    expect(bad.status).toBe(422);
    expect(bad.body.errors).toEqual([
      { field: 'asset_ids', message: 'must be token ids with commas between them; got "abc"' },
    ]);
    const many = await start(Array.from({ length: 101 }, (_, at) => at + 1).join(','));
    expect(many.body.detail).toContain('at most 100 tokens');
  });

  it('stop at the limit of the role when started twice at once too', async () => {
    const tokens = markets.flatMap(({ clobTokenIds }) => clobTokenIds).slice(-40);
    const both = await Promise.all([start(tokens.slice(0, 20).join(',')), start(tokens.slice(20).join(','))]);
    const statuses = both.map(({ status }) => status).sort();
    expect(statuses[1]).toBe(409);
    const interests = await api.app.get(InterestStore, { strict: false }).listOf(`user:poller-${accounts}`);
    expect(interests).toHaveLength(statuses[0] === 200 ? 20 : 0);
  });

  it('stop at the limit of the role, and start nothing then', async () => {
    const tokens = markets.slice(-21).map(({ clobTokenIds }) => clobTokenIds[0] ?? '');
    expect((await start(tokens.slice(0, 20).join(','))).status).toBe(200);
    const refused = await start(tokens.slice(20).join(','));
    expect(refused).toMatchObject({ status: 409, body: { code: 'SUBSCRIPTION.LIMIT' } });
    expect((await start(tokens.slice(0, 3).join(','))).status).toBe(200);
  });
});
