import { once } from 'node:events';
import { connect } from 'node:net';
import { startTestSimulator, type TestSimulator } from '@app/testing';
import { WebSocket } from 'ws';
import { type BookAnswer, bookHash } from '../src';
import { ask, type Json, post } from './ask';
import { bookOf, StreamClient, type StreamMessage } from './stream-client';

interface Chosen {
  slug: string;
  condition: string;
  yes: string;
  no: string;
}

describe('the simulated market channel', () => {
  let simulator: TestSimulator;
  let tradeable: Chosen[];
  let market: Chosen;
  const clients: StreamClient[] = [];

  beforeEach(async () => {
    simulator = await startTestSimulator({ markets: 300 });
    tradeable = (await simulator.markets({ listed: true }))
      .filter((row) => row.acceptingOrders === true && row.bestBid !== undefined && Number(row.bestAsk) < 0.9)
      .filter((row) => Number(row.bestBid) > 0.1)
      .map(chosen);
    market = tradeable[0]!;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await simulator.stop();
  });

  function chosen(row: Json): Chosen {
    const [yes = '', no = ''] = JSON.parse(String(row.clobTokenIds)) as string[];
    return { slug: String(row.slug), condition: String(row.conditionId), yes, no };
  }
  async function following(...tokenIds: string[]): Promise<StreamClient> {
    const client = await StreamClient.following(simulator.marketStreamUrl, tokenIds);
    clients.push(client);
    return client;
  }
  async function connected(): Promise<StreamClient> {
    const client = await StreamClient.connect(simulator.marketStreamUrl);
    clients.push(client);
    return client;
  }
  const rest = async (tokenId: string): Promise<BookAnswer> =>
    (await ask<BookAnswer>(`${simulator.clobUrl}/book?token_id=${tokenId}`)).body;
  const restBook = async (tokenId: string): Promise<unknown> => bookOf(await rest(tokenId));

  describe('speaks the venue’s protocol', () => {
    it('answers a subscription with an array of books that are those of REST, hash included', async () => {
      const client = await connected();
      const before = await rest(market.yes);
      const frame = await client.ask({ assets_ids: [market.yes, market.no], type: 'market' });
      const books = JSON.parse(frame) as (BookAnswer & { event_type: string })[];
      expect(books.map((book) => [book.event_type, book.asset_id])).toEqual([
        ['book', market.yes],
        ['book', market.no],
      ]);
      const { event_type, ...book } = books[0]!;
      expect(event_type).toBe('book');
      expect(book).toEqual(before);
      expect(bookHash(book)).toBe(book.hash);
    });

    it('answers PING with the text PONG, before and after a subscription', async () => {
      const client = await connected();
      expect(await client.ask('PING')).toBe('PONG');
      await client.ask({ assets_ids: [market.yes], type: 'market' });
      expect(await client.ask('PING')).toBe('PONG');
    });

    it('says in words what is not JSON: nothing new, and what it does not understand', async () => {
      const client = await following(market.yes);
      expect(await client.ask({ operation: 'subscribe', assets_ids: [market.yes] })).toBe('NO NEW ASSETS');
      expect(await client.ask('subscribe please')).toBe('INVALID OPERATION');
      expect(await client.ask({ operation: 'sing', assets_ids: [] })).toBe('INVALID OPERATION');
      expect(await client.ask({ type: 'user', assets_ids: [] })).toBe('INVALID OPERATION');
    });

    it('sends an empty array where there is no book, and none when none is wanted', async () => {
      const client = await connected();
      expect(await client.ask({ assets_ids: ['123'], type: 'market' })).toBe('[]');
      client.say({ operation: 'subscribe', assets_ids: [market.yes], initial_dump: false });
      expect(await client.ask('PING')).toBe('PONG');
      expect(client.of('book')).toEqual([]);
    });

    it('adds and takes away tokens while connected; a token asked for anew comes with a new book', async () => {
      const other = tradeable[1]!;
      const client = await following(market.yes);
      await client.ask({ operation: 'subscribe', assets_ids: [other.yes] });
      client.say({ operation: 'unsubscribe', assets_ids: [market.yes] });
      await client.settled();
      client.forget();
      await simulator.step(20);
      await client.settled();
      expect(new Set(client.of('price_change').map((message) => message.market))).toEqual(new Set([other.condition]));
      const again = JSON.parse(
        await client.ask({ operation: 'subscribe', assets_ids: [market.yes] }),
      ) as StreamMessage[];
      expect(again.map((book) => book.asset_id)).toEqual([market.yes]);
    });

    it('refuses other paths, and serves REST on the same port', async () => {
      const socket = new WebSocket(`${simulator.marketStreamUrl.replace('market', 'user')}`);
      const status = await new Promise((resolve) => {
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
        socket.on('error', () => undefined);
      });
      expect(status).toBe(404);
      expect((await ask(`${simulator.clobUrl}/ok`)).status).toBe(200);
    });

    it('stops although a client it refused keeps its side of the connection open', async () => {
      const refusing = await startTestSimulator({ markets: 10 });
      const client = connect({ port: Number(new URL(refusing.url).port), host: '127.0.0.1', allowHalfOpen: true });
      client.on('error', () => undefined);
      client.write('GET /ws/user HTTP/1.1\r\nhost: venue\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
      const [answer] = (await once(client, 'data')) as [Buffer];
      expect(answer.toString()).toContain(' 404 ');
      await refusing.stop();
      client.destroy();
    });
  });

  describe('tells what moves', () => {
    it('takes no level of less than nothing, and none of those beside it', async () => {
      const before = await restBook(market.yes);
      const levels = [
        { side: 'BUY', price: '0.01', size: '5' },
        { side: 'BUY', price: '0.02', size: -5 },
      ];
      const refused = await post(`${simulator.url}/control/markets/${market.slug}/levels`, { outcome: 0, levels });
      expect(refused.status).toBe(422);
      expect(await restBook(market.yes)).toEqual(before);
    });

    it('in changes that carry both tokens, mirrored, with the best prices after them', async () => {
      const client = await following(market.yes);
      await simulator.setLevels(market.slug, [{ side: 'BUY', price: '0.001', size: '12.5' }]).catch(() => undefined);
      await simulator.step(50);
      await client.settled();
      for (const message of client.of('price_change')) {
        const changes = message.price_changes ?? [];
        expect(changes.length % 2).toBe(0);
        for (let at = 0; at < changes.length; at += 2) {
          const [yes, no] = [changes[at]!, changes[at + 1]!];
          expect([yes.asset_id, no.asset_id]).toEqual([market.yes, market.no]);
          expect(Number(yes.price) + Number(no.price)).toBeCloseTo(1, 9);
          expect(Number(yes.best_bid) + Number(no.best_ask)).toBeCloseTo(1, 9);
          expect([yes.size, yes.side === 'BUY' ? 'SELL' : 'BUY']).toEqual([no.size, no.side]);
          expect(yes.hash).toMatch(/^[0-9a-f]{40}$/);
        }
      }
      expect(client.of('price_change').length).toBeGreaterThan(20);
    });

    it('and REST shows the same book as who listened: book, books, midpoint, price, spread', async () => {
      const client = await following(market.yes, market.no);
      for (let round = 0; round < 5; round += 1) {
        await simulator.step(60);
        await client.settled();
        const [yes, no] = [await rest(market.yes), await rest(market.no)];
        expect(client.book(market.yes)).toEqual(bookOf(yes));
        expect(client.book(market.no)).toEqual(bookOf(no));
        const many = await ask<BookAnswer[]>(`${simulator.clobUrl}/books?token_ids=${market.yes},${market.no}`);
        expect(many.body).toEqual([yes, no]);
        expect(yes.hash).toBe(bookHash(yes));
        const [bid, offer] = [Number(yes.bids.at(-1)?.price), Number(yes.asks.at(-1)?.price)];
        const { mid } = (await ask(`${simulator.clobUrl}/midpoint?token_id=${market.yes}`)).body;
        expect(Number(mid)).toBeCloseTo((bid + offer) / 2, 6);
        expect(await simulator.books(market.slug)).toEqual([yes, no]);
      }
    });

    it('with trades: prints of one token, what they took, then both books anew', async () => {
      const client = await following(market.yes, market.no);
      const [before] = await simulator.books(market.slug);
      const best = before!.bids.at(-1)!;
      client.forget();
      const prints = await simulator.trade(market.slug, { side: 'BUY', outcome: 1, size: '2.5' });
      await client.settled();
      const noPrice = ((1_000_000 - Math.round(Number(best.price) * 1e6)) / 1e6).toString();
      expect(prints).toEqual([{ outcome: 1, side: 'BUY', price: noPrice, size: '2.5' }]);
      const [print] = client.of('last_trade_price');
      expect(print).toMatchObject({ asset_id: market.no, market: market.condition, side: 'BUY', size: '2.5' });
      expect(Number(print?.price)).toBe(Number(noPrice));
      expect(print?.transaction_hash).toMatch(/^0x[0-9a-f]{64}$/);
      const kinds = client.messages.map((message) => message.event_type);
      expect(kinds.filter((kind) => kind !== 'best_bid_ask').sort()).toEqual([
        'book',
        'book',
        'last_trade_price',
        'price_change',
      ]);
      expect(kinds.slice(-2)).toEqual(['book', 'book']);
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
      const last = (await ask(`${simulator.clobUrl}/last-trade-price?token_id=${market.no}`)).body;
      expect(last).toEqual({ price: best.price, side: 'BUY' });
    });

    it('walks levels up to a limit, and says what it took', async () => {
      const [before] = await simulator.books(market.slug);
      const [first, second] = [before!.asks.at(-1)!, before!.asks.at(-2)!];
      const prints = await simulator.trade(market.slug, { side: 'BUY', size: '100000', limit: second.price });
      expect(prints.map(({ price, size }) => ({ price, size }))).toEqual([first, second]);
    });

    it('tells prints that took nothing', async () => {
      const client = await following(market.yes);
      const before = await restBook(market.yes);
      await simulator.print(market.slug, { side: 'SELL', price: '0.3', size: '7' });
      await client.settled();
      expect(client.of('last_trade_price')).toMatchObject([{ price: '0.3', size: '7', side: 'SELL' }]);
      expect(await restBook(market.yes)).toEqual(before);
    });

    it('follows the price the control port sets', async () => {
      const client = await following(market.yes);
      await simulator.change(market.slug, { price: 0.62 });
      await client.settled();
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
      const { mid } = (await ask(`${simulator.clobUrl}/midpoint?token_id=${market.yes}`)).body;
      expect(Math.abs(Number(mid) - 0.62)).toBeLessThan(0.03);
    });

    it('tells best prices, new markets and results only where custom features are asked for', async () => {
      const plain = await connected();
      await plain.ask({ assets_ids: [market.yes], type: 'market' });
      const custom = await following(market.yes);
      await simulator.step(100);
      await simulator.addMarkets(2);
      await simulator.change(market.slug, { resolve: 1 });
      await Promise.all([plain.settled(), custom.settled()]);
      const extras = ['best_bid_ask', 'new_market', 'market_resolved'];
      expect(extras.map((kind) => plain.of(kind).length)).toEqual([0, 0, 0]);
      expect(extras.map((kind) => custom.of(kind).length > 0)).toEqual([true, true, true]);
      const best = custom.of('best_bid_ask').at(-1);
      expect(Number(best?.spread)).toBeCloseTo(Number(best?.best_ask) - Number(best?.best_bid), 9);
      expect(custom.of('new_market')[0]?.outcomes).toHaveLength(2);
      expect(custom.of('market_resolved')).toMatchObject([
        { market: market.condition, assets_ids: [market.yes, market.no], winning_asset_id: market.no },
      ]);
      expect((await ask(`${simulator.clobUrl}/book?token_id=${market.yes}`)).status).toBe(404);
    });

    it('tells a tick change of both tokens; a coarser one moves the levels to its grid', async () => {
      const fine = tradeable.find(({ slug }) => slug !== market.slug)!;
      await simulator.change(fine.slug, { price: 0.417, tick_size: 0.001 });
      const client = await following(fine.yes, fine.no);
      client.forget();
      await simulator.change(fine.slug, { tick_size: 0.01 });
      await client.settled();
      expect(client.of('tick_size_change')).toMatchObject([
        { asset_id: fine.yes, old_tick_size: '0.001', new_tick_size: '0.01' },
        { asset_id: fine.no, old_tick_size: '0.001', new_tick_size: '0.01' },
      ]);
      const book = await rest(fine.yes);
      expect(book.tick_size).toBe('0.01');
      for (const { price } of [...book.bids, ...book.asks]) expect(Math.round(Number(price) * 1e6) % 10_000).toBe(0);
    });

    it('moves only what somebody follows; who comes back finds the book as it was', async () => {
      const [followed, other] = tradeable as [Chosen, Chosen];
      const client = await following(followed.yes);
      const before = await rest(other.yes);
      await simulator.step(30);
      expect(await rest(other.yes)).toEqual(before);
      const left = await restBook(followed.yes);
      await client.close();
      await simulator.step(30);
      expect(await restBook(followed.yes)).toEqual(left);
    });

    it('takes the world’s own book again once nobody follows and its price moves on', async () => {
      const client = await following(market.yes);
      await simulator.step(30);
      await client.close();
      await simulator.advance(30 * 86_400);
      const fresh = await startTestSimulator({ markets: 300 });
      await fresh.advance(30 * 86_400);
      const expected = await ask(`${fresh.clobUrl}/book?token_id=${market.yes}`);
      await fresh.stop();
      expect((await ask(`${simulator.clobUrl}/book?token_id=${market.yes}`)).body).toEqual(expected.body);
    });

    it('by itself at a pace, and stops when told', async () => {
      const client = await following(market.yes, market.no);
      await post(`${simulator.controlUrl}/stream/flow`, { per_second: 400 });
      while (client.of('price_change').length < 50) await client.settled();
      await post(`${simulator.controlUrl}/stream/flow`, { per_second: 0 });
      await client.settled();
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
      expect(await simulator.stream()).toMatchObject({ followed: 1, per_second: 0 });
    });
  });

  describe('fails on command', () => {
    it('freezes silently, pings answered: the world goes on unheard, and healed it is heard again', async () => {
      const client = await following(market.yes);
      expect(await simulator.streamFault({ kind: 'freeze' })).toEqual([1]);
      const before = client.messages.length;
      await simulator.step(40);
      expect(await client.ask('PING')).toBe('PONG');
      expect(client.messages).toHaveLength(before);
      expect(client.book(market.yes)).not.toEqual(await restBook(market.yes));
      client.say({ operation: 'subscribe', assets_ids: [market.no] });
      await client.settled();
      expect(client.messages).toHaveLength(before);
      expect((await simulator.stream()).connections).toMatchObject([{ frozen: true, tokens: 1 }]);
      await simulator.healStream();
      client.say({ operation: 'unsubscribe', assets_ids: [market.yes] });
      await client.ask({ operation: 'subscribe', assets_ids: [market.yes] });
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
    });

    it('freezes half open: pings unanswered, of text and of the protocol', async () => {
      const client = await following(market.yes);
      const bystander = await following(market.no);
      await simulator.streamFault({ kind: 'freeze', pings: false, connection: 1 });
      let pongs = 0;
      client.socket.on('pong', () => (pongs += 1));
      client.socket.ping();
      client.say('PING');
      await simulator.step(10);
      await bystander.settled();
      await simulator.stream();
      expect([pongs, client.count('PONG')]).toEqual([0, 0]);
      expect(bystander.of('price_change').length).toBeGreaterThan(0);
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
    });

    it('drops an asset without a word, until it is subscribed again', async () => {
      const other = tradeable[1]!;
      const client = await following(market.yes, market.no, other.yes);
      await simulator.streamFault({ kind: 'drop_asset', token_ids: [market.yes, market.no] });
      client.forget();
      await simulator.step(40);
      await client.settled();
      expect(new Set(client.of('price_change').map((message) => message.market))).toEqual(new Set([other.condition]));
      await client.ask({ operation: 'subscribe', assets_ids: [market.yes] });
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
    });

    it('disconnects, with a code or in the middle of everything, and refuses who comes back', async () => {
      const [closed, broken] = [await following(market.yes), await following(market.yes)];
      await simulator.streamFault(
        { kind: 'disconnect', connection: 1, code: 1001 },
        { kind: 'disconnect', connection: 2 },
        { kind: 'refuse', times: 1 },
      );
      while (closed.closedWith === null || broken.closedWith === null) await simulator.stream();
      expect([closed.closedWith, broken.closedWith]).toEqual([1001, 1006]);
      await expect(StreamClient.connect(simulator.marketStreamUrl)).rejects.toThrow('503');
      const back = await following(market.yes);
      expect(back.book(market.yes)).toEqual(await restBook(market.yes));
    });

    it('tells a print twice', async () => {
      const client = await following(market.yes);
      await simulator.streamFault({ kind: 'duplicate_print', slug: market.slug });
      await simulator.trade(market.slug, { side: 'BUY', size: '1' });
      await simulator.trade(market.slug, { side: 'BUY', size: '1' });
      await client.settled();
      const hashes = client.of('last_trade_price').map((message) => message.transaction_hash);
      expect(hashes).toHaveLength(3);
      expect(new Set(hashes).size).toBe(2);
    });

    it('tells a change after the one that came later, or never', async () => {
      const client = await following(market.yes);
      const { bids } = await rest(market.yes);
      const price = bids.at(-1)!.price;
      const set = (size: string): Promise<void> => simulator.setLevels(market.slug, [{ side: 'BUY', price, size }]);
      await simulator.streamFault({ kind: 'out_of_order', slug: market.slug });
      await set('100');
      await set('200');
      await client.settled();
      expect(client.of('price_change').map((message) => message.price_changes?.[0]?.size)).toEqual(['200', '100']);
      expect((await rest(market.yes)).bids.at(-1)?.size).toBe('200');
      await simulator.streamFault({ kind: 'lose', event: 'price_change' });
      await set('300');
      await client.settled();
      expect(client.of('price_change')).toHaveLength(2);
      expect((await simulator.stream()).faults).toEqual([]);
    });

    it('shows a crossed book, in truth or on the stream alone', async () => {
      const client = await following(market.yes);
      const cross = `${simulator.controlUrl}/markets/${market.slug}/cross`;
      const before = await restBook(market.yes);
      await post(cross, { told: 'stream_only' });
      await client.settled();
      const crossed = (): boolean => {
        const { best_bid, best_ask } = client.of('price_change').at(-1)!.price_changes![0]!;
        return Number(best_bid) >= Number(best_ask);
      };
      expect(crossed()).toBe(true);
      expect(await restBook(market.yes)).toEqual(before);
      await post(cross, {});
      await client.settled();
      expect(client.book(market.yes)).toEqual(await restBook(market.yes));
      await simulator.step(1, { slug: market.slug });
      await client.settled();
      expect(crossed()).toBe(false);
      expect(await restBook(market.yes)).toEqual(before);
    });

    it('sends garbage of every kind, and goes on', async () => {
      const client = await following(market.yes);
      for (const content of ['text', 'binary', 'cut_json', 'wrong_types', 'unknown_event', 'huge'] as const) {
        await simulator.streamFault({ kind: 'garbage', content });
      }
      await simulator.streamFault({ kind: 'send', text: '[]' });
      await client.settled();
      expect(client.binary).toHaveLength(1);
      expect(Math.max(...client.frames.map(({ length }) => length))).toBeGreaterThan(30_000_000);
      expect(client.frames).toContain('[]');
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
    });

    it('drips: messages come in pieces and late, in order and whole', async () => {
      const client = await following(market.yes);
      client.forget();
      await simulator.streamFault({ kind: 'slow_drip', bytes: 40, every_ms: 1 });
      await simulator.step(3);
      await client.settled();
      await simulator.healStream();
      await simulator.streamFault({ kind: 'latency', ms: 5 });
      await simulator.step(3);
      await client.settled();
      await simulator.healStream();
      const fresh = await following(market.yes);
      expect(client.of('price_change').length).toBeGreaterThan(2);
      expect(fresh.book(market.yes)).toEqual(await restBook(market.yes));
    });

    it('announces a winner that the venue’s own pages do not confirm', async () => {
      const client = await following(market.yes);
      await post(`${simulator.controlUrl}/markets/${market.slug}/announce`, { winner: 0 });
      await client.settled();
      expect(client.of('market_resolved')).toMatchObject([{ winning_asset_id: market.yes }]);
      expect((await rest(market.yes)).asset_id).toBe(market.yes);
    });

    it('refuses commands that make no sense', async () => {
      const control = `${simulator.controlUrl}/stream/faults`;
      expect((await post(control, { kind: 'explode' })).status).toBe(422);
      expect((await post(`${simulator.controlUrl}/markets/nowhere/trade`, {})).status).toBe(404);
      const trade = { side: 'BUY', size: '-1' };
      expect((await post(`${simulator.controlUrl}/markets/${market.slug}/trade`, trade)).status).toBe(422);
      await simulator.change(market.slug, { halted: true });
      expect((await post(`${simulator.controlUrl}/markets/${market.slug}/trade`, { ...trade, size: 1 })).status).toBe(
        409,
      );
    });
  });
});
