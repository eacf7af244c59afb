import { isTradeable, type Market } from '@app/domain';
import { waitFor } from '@app/testing';
import { PATIENT, startTestApi, type TestApi } from './api-harness';
import { HandFedMarket } from './hand-fed-market';
import { ClientBook, LiveClient } from './live-client';

describe('clients of /ws/live that read slowly', () => {
  const LEVELS = 900;
  const FLOOD = 300;
  let api: TestApi;
  let markets: Market[];
  const clients: LiveClient[] = [];

  afterEach(async () => {
    clients.splice(0).forEach((client) => client.socket.terminate());
    await api?.stop();
  });

  async function start(live: { mostBehindMs: number }): Promise<void> {
    api = await startTestApi({ markets: 40, venueOptions: PATIENT, live: { closingMs: 200, ...live } });
    const stored = await api.storeListedMarkets();
    markets = stored.filter((market) => isTradeable(market) && market.clobTokenIds.length === 2);
  }

  async function connect(id: string): Promise<LiveClient> {
    const client = await LiveClient.connect(api.url, await api.tokenFor({ id, role: 'user' }), { isTrusting: true });
    clients.push(client);
    return client;
  }

  /** Changes every level so often that what a client does not read cannot lie in buffers alone. */
  async function flood(fed: HandFedMarket): Promise<void> {
    for (let size = 1; size <= FLOOD; size += 1) {
      const changes = Array.from(
        { length: LEVELS },
        (_, at) => ['bid', (at + 1) / 2_000, size] as ['bid', number, number],
      );
      fed.tell(...changes);
      fed.print(0.45, size, 'buy');
      // Lets what was written go out, as it would between processes.
      await new Promise(setImmediate);
    }
  }

  const metric = async (name: string): Promise<number> => {
    const { body } = await api.get<string>('/metrics');
    return Number(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(body)?.[1]);
  };

  it('are told the newest book when they read on, and cost no more meanwhile', async () => {
    await start({ mostBehindMs: 60_000 });
    const fed = new HandFedMarket(api.app, markets[0] as Market);
    await fed.begin([[0.45, 1]], [[0.5, 1]]);
    const [slow, quick] = [await connect('slow'), await connect('quick')];
    for (const client of [slow, quick]) await client.subscribe({ market_ids: [fed.firstToken] });
    slow.socket.pause();
    await flood(fed);
    await waitFor(() => quick.lastSequence === fed.sequence);
    await waitFor(async () => (await metric('live_connections_behind')) === 1);
    expect(ClientBook.of(quick, fed.firstToken).resyncs).toBe(0);
    slow.socket.resume();
    const resync = await slow.next('resync');
    expect(resync).toMatchObject({ reason: 'slow' });
    expect(resync.trades_missed).toBeGreaterThan(0);
    await waitFor(() => slow.lastSequence === fed.sequence);
    const [told, known] = [slow, quick].map((client) => ClientBook.of(client, fed.firstToken));
    expect(told?.side('bid')).toEqual(known?.side('bid'));
    expect(resync.trades_missed + slow.all('trade').length).toBe(FLOOD);
  });

  it('are cut off when they go on so', async () => {
    await start({ mostBehindMs: 300 });
    const fed = new HandFedMarket(api.app, markets[0] as Market);
    await fed.begin([[0.45, 1]], [[0.5, 1]]);
    const slow = await connect('slow');
    await slow.subscribe({ market_ids: [fed.firstToken], channels: ['book'] });
    slow.socket.pause();
    await flood(fed);
    await waitFor(async () => (await metric('live_cut_offs_total{reason="slow"}')) === 1);
    await waitFor(async () => (await metric('live_connections')) === 0);
    slow.socket.resume();
    await slow.ended();
  });
});
