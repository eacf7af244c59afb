import type { OrderBookBody } from '@app/contracts';
import { isTradeable, type Market } from '@app/domain';
import { waitFor } from '@app/testing';
import { InterestStore, MessageBus } from '@app/platform';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { HandFedMarket } from './hand-fed-market';
import { ClientBook, LiveClient } from './live-client';

const BIDS: [number, number][] = [
  [0.45, 100],
  [0.44, 250.5],
];
const ASKS: [number, number][] = [
  [0.47, 80],
  [0.5, 300],
];

describe('markets over /ws/live', () => {
  let api: TestApi;
  let markets: Market[];
  let token: string;
  const clients: LiveClient[] = [];

  beforeAll(async () => {
    api = await startTestApi({ markets: 120, venueOptions: PATIENT });
    token = await api.tokenFor({ id: 'watcher', role: 'premium_user' });
    const stored = await api.storeListedMarkets();
    markets = stored.filter((market) => isTradeable(market) && market.clobTokenIds.length === 2);
  });
  afterAll(() => api?.stop());
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  async function connect(bearer = token): Promise<LiveClient> {
    const client = await LiveClient.connect(api.url, bearer);
    clients.push(client);
    return client;
  }

  function takeMarket(): HandFedMarket {
    const market = markets.shift();
    if (market === undefined) throw new Error('no market is left');
    return new HandFedMarket(api.app, market);
  }

  /** Waits until a client has the number of the market's book. */
  async function upToDate(client: LiveClient, tokenId: string, sequence: number): Promise<ClientBook> {
    return waitFor(() => {
      const book = ClientBook.of(client, tokenId);
      return book.sequence === sequence ? book : null;
    });
  }

  it('begin with a whole book, then tell every change under the next number', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    expect(await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] })).toMatchObject({
      market_ids: [fed.firstToken],
      channels: ['book'],
      portfolio_ids: [],
    });
    expect(await client.next('orderbook')).toEqual({
      type: 'orderbook',
      market_id: fed.market.slug,
      outcome: fed.market.outcomes[0],
      outcome_index: 0,
      token_id: fed.firstToken,
      sequence: 1,
      state: 'live',
      reason: null,
      source: 'stream',
      timestamp: new Date(1).toISOString(),
      tick_size: 0.01,
      min_order_size: 5,
      data: {
        bids: [
          { price: 0.45, size: 100 },
          { price: 0.44, size: 250.5 },
        ],
        asks: [
          { price: 0.47, size: 80 },
          { price: 0.5, size: 300 },
        ],
      },
    });
    await fed.change(['bid', 0.45, 0], ['ask', 0.46, 12.345678]);
    expect(await client.next('book_delta')).toMatchObject({
      token_id: fed.firstToken,
      sequence: 2,
      changes: [
        { side: 'bid', price: 0.45, size: 0 },
        { side: 'ask', price: 0.46, size: 12.345678 },
      ],
    });
    await fed.change(['bid', 0.43, 7]);
    const book = await upToDate(client, fed.firstToken, 3);
    expect(book.side('bid')).toEqual([
      [0.44, 250.5],
      [0.43, 7],
    ]);
    expect(book.resyncs).toBe(0);
  });

  it('show the second outcome as the mirror of the first, under the same numbers', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.market.slug] });
    await fed.change(['bid', 0.46, 9]);
    const [first, second] = await Promise.all([
      upToDate(client, fed.firstToken, 2),
      upToDate(client, fed.secondToken, 2),
    ]);
    const mirrored = first.side('bid').map(([price, size]) => [Math.round((1 - price) * 1e6) / 1e6, size]);
    expect(second.side('ask')).toEqual(mirrored);
    expect(second.side('bid')).toEqual([
      [0.53, 80],
      [0.5, 300],
    ]);
    fed.print(0.46, 3, 'sell');
    expect(await client.next('trade', ({ outcome_index: index }) => index === 0)).toMatchObject({
      price: 0.46,
      size: 3,
      side: 'sell',
      token_id: fed.firstToken,
    });
    expect(await client.next('trade', ({ outcome_index: index }) => index === 1)).toMatchObject({
      price: 0.54,
      size: 3,
      side: 'buy',
      token_id: fed.secondToken,
    });
  });

  it('tell prices when a best price moves, and not otherwise', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['price'] });
    expect(await client.next('price')).toMatchObject({ price: 0.46, best_bid: 0.45, best_ask: 0.47 });
    await fed.change(['bid', 0.44, 1]);
    await fed.change(['bid', 0.46, 5]);
    expect(await client.next('price')).toMatchObject({ price: 0.465, best_bid: 0.46, best_ask: 0.47 });
    expect(client.all('price')).toHaveLength(2);
    expect(client.all('book_state')).toMatchObject([{ state: 'live' }]);
    expect(client.all('orderbook')).toEqual([]);
  });

  it('tell a snapshot of a live book as the changes it is', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    await fed.changeUnheard(['bid', 0.45, 1]);
    fed.sequence -= 1;
    await fed.snapshot();
    expect(await client.next('book_delta')).toMatchObject({
      sequence: 2,
      changes: [{ side: 'bid', price: 0.45, size: 1 }],
    });
    expect(client.all('orderbook')).toHaveLength(1);
  });

  it('say when a book is not live, why, and when it is again, without a hole in the numbers', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    await fed.turn('stale', 'its stream does not answer');
    expect(await client.next('book_state')).toMatchObject({ state: 'stale', reason: 'its stream does not answer' });
    const late = await connect();
    await late.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    expect(await late.next('orderbook')).toMatchObject({ state: 'stale', reason: 'its stream does not answer' });
    await fed.turn('live', null);
    await fed.snapshot();
    const book = await upToDate(client, fed.firstToken, 2);
    expect([book.state, book.resyncs]).toEqual(['live', 0]);
  });

  it('resync after a message was lost, and go on from the stored book', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.market.slug], channels: ['book'] });
    await fed.changeUnheard(['bid', 0.45, 33]);
    await fed.change(['ask', 0.47, 44]);
    const book = await upToDate(client, fed.firstToken, 3);
    expect(book.side('bid')[0]).toEqual([0.45, 33]);
    expect(book.resyncs).toBe(1);
    expect(client.all('resync')[0]).toMatchObject({ reason: 'gap', trades_missed: 0 });
    expect((await upToDate(client, fed.secondToken, 3)).side('bid')[0]).toEqual([0.53, 44]);
  });

  it('learn of a last change nobody heard of', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    await client.settle();
    api.clock.advance(5_000);
    await fed.changeUnheard(['bid', 0.45, 33]);
    const book = await upToDate(client, fed.firstToken, 2);
    expect([book.side('bid')[0], book.resyncs]).toEqual([[0.45, 33], 1]);
  });

  it('resync when another process follows the market, and go on under its numbers', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    await fed.handOver('hand:2', 'epoch-2');
    await fed.change(['bid', 0.45, 1]);
    const book = await upToDate(client, fed.firstToken, 3);
    expect(book.resyncs).toBe(1);
    expect(client.all('resync')).toMatchObject([{ reason: 'restart' }]);
  });

  it('are stale when the process that follows them died without a word', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    await fed.die();
    api.clock.advance(5_000);
    expect(await client.next('book_state')).toMatchObject({
      state: 'stale',
      reason: 'the process that follows it does not answer',
    });
    await fed.handOver('hand:3', 'epoch-3');
    await client.next('orderbook', ({ state }) => state === 'live');
  });

  it('are shown over REST until somebody follows them, then anew from the stream', async () => {
    const fed = takeMarket();
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    const rest = await client.next('orderbook');
    expect(rest).toMatchObject({ source: 'rest', sequence: 0, state: 'recovering' });
    const { body } = await api.get<{ bids: unknown }>(`/markets/by-slug/${fed.market.slug}/book`);
    expect(rest.data.bids).toEqual(body.bids);
    await fed.begin(BIDS, ASKS);
    expect(await client.next('resync')).toMatchObject({ reason: 'restart' });
    expect(await client.next('orderbook')).toMatchObject({ source: 'stream', sequence: 1, state: 'live' });
  });

  it('are shown over REST from the stream while they are live, and only then', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const shown = async (): Promise<OrderBookBody> =>
      (await api.get<OrderBookBody>(`/markets/by-slug/${fed.market.slug}/book?outcome_index=1`)).body;
    expect(await shown()).toMatchObject({
      source: 'stream',
      token_id: fed.secondToken,
      best_bid: 0.53,
      best_ask: 0.55,
    });
    await fed.turn('stale', 'its stream does not answer');
    expect((await shown()).source).toBe('rest');
  });

  it('are wanted while somebody watches them, once for all, and no longer', async () => {
    const interests = api.app.get(InterestStore, { strict: false });
    const fed = takeMarket();
    const wanted = async (): Promise<number> => {
      const all = await interests.list();
      return all.filter(({ subject }) => subject.startsWith(`${fed.market.conditionId}/`)).length;
    };
    const [one, other] = [await connect(), await connect()];
    await one.subscribe({ market_ids: [fed.market.slug] });
    await other.subscribe({ market_ids: [fed.secondToken] });
    expect(await wanted()).toBe(1);
    one.send({ action: 'unsubscribe', market_ids: [fed.market.slug] });
    await one.next('unsubscribed');
    expect(await wanted()).toBe(1);
    await other.close();
    await waitFor(async () => (await wanted()) === 0);
  });

  it('tell an unsubscribed channel no more, and the others on', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.market.slug] });
    client.send({ action: 'unsubscribe', market_ids: [fed.market.slug], channels: ['book', 'price'] });
    await client.next('unsubscribed');
    const before = client.messages.length;
    await fed.change(['bid', 0.46, 1]);
    fed.print(0.46, 1, 'buy');
    await client.next('trade', ({ outcome_index: index }) => index === 1);
    expect(client.messages.slice(before).map(({ type }) => type)).toEqual(['trade', 'trade']);
  });

  it('fetch a market nobody has seen, and refuse what there is none of without holding the rest up', async () => {
    const [slug] = await api.venue.addMarkets(1);
    const client = await connect();
    const accepted = await client.subscribe({ market_ids: [slug, 'there-is-none'] });
    expect(accepted.market_ids).toEqual([slug]);
    expect(client.all('error')).toMatchObject([
      { code: 'MARKET.NOT_FOUND', market_id: 'there-is-none', message: expect.stringContaining('there-is-none') },
    ]);
  });

  it('stop at the limit of the role, over all connections of the account', async () => {
    const bearer = await api.tokenFor({ id: 'modest', role: 'user' });
    const [one, other] = [await connect(bearer), await connect(bearer)];
    const slugs = markets.slice(-21).map(({ slug }) => slug);
    await one.subscribe({ market_ids: slugs.slice(0, 15), channels: ['trades'] });
    const accepted = await other.subscribe({ market_ids: slugs.slice(15), channels: ['trades'] });
    expect(accepted.market_ids).toHaveLength(5);
    expect(other.all('error')).toMatchObject([{ code: 'SUBSCRIPTION.LIMIT' }]);
    one.send({ action: 'unsubscribe', market_ids: slugs.slice(0, 1) });
    await one.next('unsubscribed');
    expect((await other.subscribe({ market_ids: slugs.slice(20), channels: ['trades'] })).market_ids).toHaveLength(1);
  });

  it('pass over a message that is not one', async () => {
    const fed = takeMarket();
    await fed.begin(BIDS, ASKS);
    const client = await connect();
    await client.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    const bus = api.app.get(MessageBus, { strict: false });
    for (const text of ['', '{}', 'no json', '{"kind":"changes"}']) bus.publish(`live:${fed.market.conditionId}`, text);
    await fed.change(['bid', 0.45, 1]);
    expect((await upToDate(client, fed.firstToken, 2)).resyncs).toBe(0);
  });
});
