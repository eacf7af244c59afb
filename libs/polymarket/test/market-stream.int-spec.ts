import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '@app/platform';
import { MarketStream, type MarketStreamOptions, type StreamEvent, type StreamRecorder } from '@app/polymarket';
import { waitFor } from '@app/testing';
import { type SeenClient, StreamServer } from './stream-server';

const MARKET = `0x${'cd'.repeat(32)}`;
const at = { market: MARKET, timestamp: '1766789469958' };
const book = (assetId: string) => ({ ...at, event_type: 'book', asset_id: assetId, bids: [], asks: [] });
const tokens = (count: number, from = 1): string[] => Array.from({ length: count }, (_, index) => String(from + index));

type Told = StreamEvent extends infer Event ? (Event extends StreamEvent ? Omit<Event, 'atMs'> : never) : never;

describe('MarketStream', () => {
  let server: StreamServer;
  let stream: MarketStream | null = null;
  let events: StreamEvent[];

  beforeEach(async () => {
    server = await StreamServer.start();
    events = [];
  });

  afterEach(async () => {
    await stream?.close();
    stream = null;
    await server.stop();
  });

  /** Pings seldom and comes back at once, unless told otherwise. */
  function start(options: Partial<MarketStreamOptions> = {}, sink?: (event: StreamEvent) => void): MarketStream {
    stream = new MarketStream(
      { url: server.url, clock: new SystemClock(), random: () => 0, pingIntervalMs: 5_000, ...options },
      sink ?? ((event) => void events.push(event)),
    );
    return stream;
  }

  /** Started, subscribed and heard by the server. */
  async function connected(tokenIds: string[], options: Partial<MarketStreamOptions> = {}): Promise<SeenClient> {
    start(options).subscribe(tokenIds);
    return waitFor(() => server.open.find(({ operations }) => operations.length > 0));
  }

  const told = (kind: StreamEvent['kind']): Told[] =>
    events.filter((event) => event.kind === kind).map((event) => ({ ...event, atMs: undefined }));

  /** Waits until a book sent now has arrived: with it, everything sent before. */
  async function heard(client: SeenClient): Promise<void> {
    client.say({ ...book('999'), hash: 'last' });
    await waitFor(() =>
      events.some(
        (event) => event.kind === 'message' && event.message.type === 'book' && event.message.book.hash === 'last',
      ),
    );
    events = events.filter(
      (event) => !(event.kind === 'message' && event.message.type === 'book' && event.message.book.hash === 'last'),
    );
  }

  describe('subscribing', () => {
    it('asks for whole books and the newer kinds of message', async () => {
      const client = await connected(['1', '2', '1']);
      expect(client.request.url).toBe('/ws/market');
      expect(client.operations).toEqual([
        { assets_ids: ['1', '2'], type: 'market', custom_feature_enabled: true, initial_dump: true, level: 2 },
      ]);
      expect(told('connected')).toEqual([{ kind: 'connected', tokenIds: ['1', '2'] }]);
      expect(stream?.stats()).toMatchObject({ connections: 1, tokens: 2, reconnects: 0 });
    });

    it('before the connection is open sends all of it at once', async () => {
      start();
      stream?.subscribe(['1', '2']);
      stream?.subscribe(['3']);
      stream?.unsubscribe(['2']);
      const client = await waitFor(() => server.open.find(({ operations }) => operations.length > 0));
      expect(client.operations.map(({ assets_ids }) => assets_ids)).toEqual([['1', '3']]);
      expect(told('connected')).toEqual([{ kind: 'connected', tokenIds: ['1', '3'] }]);
    });

    it('while connected sends what changes', async () => {
      const client = await connected(['1', '2']);
      stream?.subscribe(['2', '3', '4']);
      stream?.unsubscribe(['1', '3', '77']);
      await waitFor(() => client.operations.length === 3);
      expect(client.operations.slice(1)).toEqual([
        { operation: 'subscribe', assets_ids: ['3', '4'], custom_feature_enabled: true },
        { operation: 'unsubscribe', assets_ids: ['1', '3'], custom_feature_enabled: true },
      ]);
      expect(told('connected')).toHaveLength(2);
      expect(stream?.stats().tokens).toBe(2);
    });

    it('anew unsubscribes first, and tells that what was known ends', async () => {
      const client = await connected(['1', '2']);
      stream?.resubscribe(['2', '77']);
      await waitFor(() => client.operations.length === 3);
      expect(client.operations.slice(1).map(({ operation, assets_ids }) => [operation, assets_ids])).toEqual([
        ['unsubscribe', ['2']],
        ['subscribe', ['2']],
      ]);
      expect(told('connected').at(-1)).toEqual({ kind: 'connected', tokenIds: ['2'] });
    });

    it('to more than one connection holds opens several; who was subscribed to together stays together', async () => {
      start({ assetsPerConnection: 4 });
      stream?.subscribe(tokens(10));
      stream?.subscribe(['21', '22']);
      stream?.subscribe(['31', '32']);
      await waitFor(() => server.open.length === 4 && server.open.every(({ tokens: held }) => held.size > 0));
      expect(server.open.map(({ tokens: held }) => [...held].join()).sort()).toEqual([
        '1,2,3,4',
        '31,32',
        '5,6,7,8',
        '9,10,21,22',
      ]);
      expect(stream?.stats()).toMatchObject({ connections: 4, tokens: 14 });
    });

    it('closes a connection nobody needs', async () => {
      const client = await connected(tokens(200));
      stream?.subscribe(['201']);
      await waitFor(() => server.open.length === 2);
      stream?.unsubscribe(tokens(200));
      await waitFor(() => client.isClosed);
      expect(stream?.stats()).toMatchObject({ connections: 1, tokens: 1 });
      expect(told('disconnected')).toEqual([]);
    });
  });

  describe('what arrives', () => {
    it('is told message by message, single or in an array, as text or binary', async () => {
      const client = await connected(['1', '2']);
      client.send(JSON.stringify([book('1'), book('2')]));
      client.say(book('1'));
      client.send(Buffer.from(JSON.stringify(book('2'))));
      client.send('[]');
      await heard(client);
      expect(told('message')).toHaveLength(4);
      expect(stream?.stats()).toMatchObject({ frames: 5, messages: 5, unreadable: 0 });
    });

    it('skips and counts kinds that are not known', async () => {
      const client = await connected(['1']);
      client.say({ ...at, event_type: 'fireworks' }, {}, { hello: 'world' });
      await heard(client);
      expect(told('unreadable')).toEqual([]);
      expect(stream?.stats()).toMatchObject({ unknownKinds: 3, unreadable: 0 });
    });

    it('says which tokens lost something with what cannot be read, and goes on', async () => {
      const client = await connected(['1', '2']);
      client.send('garbage {[');
      client.send(Buffer.from([0xff, 0x00, 0xfe, 0x80]));
      client.say({ ...book('2'), bids: 5 });
      await heard(client);
      const reason = 'its stream sent what could not be read';
      expect(told('unreadable')).toEqual([
        { kind: 'unreadable', reason, tokenIds: ['1', '2'] },
        { kind: 'unreadable', reason, tokenIds: ['1', '2'] },
        { kind: 'unreadable', reason, tokenIds: ['2'] },
      ]);
      expect(stream?.stats()).toMatchObject({ unreadable: 3, connections: 1, reconnects: 0 });
    });

    it('takes the words of the protocol for what they are', async () => {
      const client = await connected(['1']);
      client.send('NO NEW ASSETS');
      client.send('INVALID OPERATION');
      client.send('PONG');
      await heard(client);
      expect(events.map(({ kind }) => kind)).toEqual(['connected', 'ponged']);
      expect(stream?.stats()).toMatchObject({ invalidOperations: 1, unreadable: 0, unknownKinds: 0 });
    });
  });

  describe('a connection that is lost', () => {
    it('comes back with all its tokens', async () => {
      const client = await connected(['1', '2']);
      stream?.subscribe(['3']);
      stream?.unsubscribe(['2']);
      await waitFor(() => client.operations.length === 3);
      client.socket.close(1012);
      const next = await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(next.operations.map(({ assets_ids }) => assets_ids)).toEqual([['1', '3']]);
      expect(told('disconnected')).toEqual([
        { kind: 'disconnected', tokenIds: ['1', '3'], reason: 'its stream closed with code 1012' },
      ]);
      expect(told('connected').at(-1)).toEqual({ kind: 'connected', tokenIds: ['1', '3'] });
      expect(stream?.stats()).toMatchObject({ connections: 1, reconnects: 1 });
    });

    it('takes along what was subscribed to meanwhile', async () => {
      const client = await connected(['1'], { backoff: { baseMs: 50, capMs: 50 }, random: () => 0.99 });
      client.socket.terminate();
      await waitFor(() => told('disconnected').length === 1);
      stream?.subscribe(['2']);
      stream?.resubscribe(['1']);
      const next = await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(next.operations.map(({ assets_ids }) => assets_ids)).toEqual([['1', '2']]);
    });

    it('is tried again after every failure, each time after a wait drawn anew', async () => {
      let draws = 0;
      const client = await connected(['1'], {
        backoff: { baseMs: 4, capMs: 16 },
        random: () => {
          draws += 1;
          return 0.5;
        },
      });
      server.refusesWith = 503;
      client.socket.terminate();
      await waitFor(() => told('disconnected').length >= 5);
      server.refusesWith = null;
      await waitFor(() => told('connected').length === 2);
      expect(draws).toBe(told('disconnected').length);
      expect(told('disconnected').at(-1)).toMatchObject({ tokenIds: ['1'], reason: 'its stream failed' });
    });

    it('is one that answers no pings, however open it looks', async () => {
      const client = await connected(['1'], { pingIntervalMs: 40 });
      await waitFor(() => told('ponged').length >= 2);
      expect(told('ponged')[0]).toEqual({ kind: 'ponged', tokenIds: ['1'] });
      server.answersPings = false;
      const next = await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(told('disconnected')[0]).toMatchObject({ reason: 'its stream does not answer' });
      expect(client.isClosed).toBe(true);
      server.answersPings = true;
      await waitFor(() => next.pings > 0);
    });

    it('is one whose server vanished without a word', async () => {
      const client = await connected(['1'], { pingIntervalMs: 40 });
      client.request.socket.pause();
      const next = await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(next.operations).toHaveLength(1);
      expect(told('disconnected')[0]).toMatchObject({ reason: 'its stream does not answer' });
    });

    it('is one that drips a frame byte by byte', async () => {
      const client = await connected(['1'], { pingIntervalMs: 40 });
      await waitFor(() => told('ponged').length >= 1);
      // A text frame of 125 bytes is announced, and never comes to its end: answers to pings queue behind it.
      client.write(Buffer.from([0x81, 125]));
      client.request.socket.write = () => true;
      await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(told('disconnected')[0]).toMatchObject({ reason: 'its stream does not answer' });
      expect(told('unreadable')).toEqual([]);
    });

    it.each([
      ['a frame too long', (client: SeenClient) => client.send('x'.repeat(3_000)), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
      ['what is no frame', (client: SeenClient) => client.write(Buffer.alloc(64, 0xff)), 'WS_ERR_UNEXPECTED_RSV_2_3'],
      [
        'text that is not UTF-8',
        (client: SeenClient) => client.write(Buffer.from([0x81, 2, 0xff, 0xff])),
        'WS_ERR_INVALID_UTF8',
      ],
    ])('is one that sends %s', async (_, misbehave, code) => {
      const client = await connected(['1'], { maxFrameBytes: 2_000 });
      misbehave(client);
      const next = await waitFor(() => server.open.find((one) => one !== client && one.operations.length > 0));
      expect(told('disconnected')).toEqual([
        { kind: 'disconnected', tokenIds: ['1'], reason: `its stream failed with ${code}` },
      ]);
      await heard(next);
    });

    it('may take its time to be found: a server that is not there yet', async () => {
      const { url } = server;
      await server.stop();
      start({ url, backoff: { baseMs: 10, capMs: 10 }, random: () => 0.99 }).subscribe(['1']);
      await waitFor(() => told('disconnected').length >= 2);
      expect(told('disconnected')[0]).toEqual({
        kind: 'disconnected',
        tokenIds: ['1'],
        reason: 'its stream failed with ECONNREFUSED',
      });
      server = await StreamServer.start(Number(new URL(url).port));
      await waitFor(() => told('connected').length === 1);
    });

    it('is one that never opens', async () => {
      const silent: Server = createServer();
      const sockets: Socket[] = [];
      silent.on('connection', (socket) => sockets.push(socket));
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      try {
        const { port } = silent.address() as AddressInfo;
        start({ url: `ws://127.0.0.1:${port}/`, openTimeoutMs: 40 }).subscribe(['1']);
        await waitFor(() => sockets.length >= 2);
        expect(told('disconnected')[0]).toMatchObject({ reason: 'its stream failed' });
        await stream?.close();
      } finally {
        for (const socket of sockets) socket.destroy();
        silent.close();
      }
    });

    it('takes no other connection along', async () => {
      const first = await connected(['1'], { assetsPerConnection: 1 });
      stream?.subscribe(['2']);
      await waitFor(() => server.open.length === 2);
      first.socket.terminate();
      await waitFor(() => told('connected').length === 3);
      expect(told('disconnected')).toMatchObject([{ tokenIds: ['1'] }]);
    });
  });

  describe('closing', () => {
    it('is orderly, and nothing is told afterwards', async () => {
      const client = await connected(['1']);
      const closed = once(client.socket, 'close');
      client.say(book('1'));
      await stream?.close();
      const before = events.length;
      expect(await closed).toEqual([1_000, expect.anything()]);
      stream?.subscribe(['2']);
      expect(events).toHaveLength(before);
      expect(told('disconnected')).toEqual([]);
      expect(stream?.stats()).toMatchObject({ connections: 0, tokens: 0 });
    });

    it('ends a connection that is being opened, or waited for', async () => {
      start().subscribe(['1']);
      await stream?.close();
      server.refusesWith = 500;
      start({ backoff: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.99 }).subscribe(['1']);
      await waitFor(() => told('disconnected').length === 1);
      await stream?.close();
      expect(stream?.stats().connections).toBe(0);
    });

    it('may be asked for in the middle of a frame', async () => {
      let messages = 0;
      start({}, ({ kind }) => {
        if (kind === 'message') messages += 1;
        if (kind === 'message') void stream?.close();
      }).subscribe(['1', '2']);
      const client = await waitFor(() => server.open.find(({ operations }) => operations.length > 0));
      client.send(JSON.stringify([book('1'), book('2')]));
      await waitFor(() => client.isClosed);
      expect(messages).toBe(1);
    });
  });

  it('shows a recorder what arrives before anybody hears of it', async () => {
    const recorded: unknown[][] = [];
    const recorder: StreamRecorder = {
      frame: (connection, frame) => recorded.push(['frame', connection, frame]),
      connected: (connection, tokenIds) => recorded.push(['connected', connection, tokenIds]),
      disconnected: (connection, tokenIds, reason) => recorded.push(['disconnected', connection, tokenIds, reason]),
    };
    const client = await connected(['1', '2'], { recorder });
    client.send('PONG');
    client.send('garbage');
    await waitFor(() => recorded.length === 3);
    stream?.unsubscribe(['2']);
    client.socket.close(1001);
    await waitFor(() => told('connected').length === 2);
    expect(recorded).toEqual([
      ['connected', 1, ['1', '2']],
      ['frame', 1, 'PONG'],
      ['frame', 1, 'garbage'],
      ['disconnected', 1, ['2'], 'nobody follows it'],
      ['disconnected', 1, null, 'its stream closed with code 1001'],
      ['connected', 1, ['1']],
    ]);
  });
});
