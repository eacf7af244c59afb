import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bookHash, type BookAnswer, createSimulator, type Simulator } from '../src';
import { ask, type Json, post, walk } from './ask';
import { StreamClient } from './stream-client';

const dir = process.env.POLYMARKET_RECORDINGS_DIR;
if (dir === undefined) process.stdout.write('replay of recordings: skipped, POLYMARKET_RECORDINGS_DIR is not set\n');

(dir === undefined ? describe.skip : describe)('replay of recordings', () => {
  const folder = dir ?? '';
  const recorded = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

  describe('of one list', () => {
    let simulator: Simulator;
    let rows: Json[];

    beforeAll(async () => {
      const gamma = ['gamma/markets_2026-02-07_500.json'];
      simulator = await createSimulator({ recordings: { dir: folder, gamma } });
      rows = recorded('gamma/markets_2026-02-07_500.json') as Json[];
    });
    afterAll(() => simulator.stop());

    it('pages over the recorded rows, unchanged, by the same rules', async () => {
      const pages = await walk(`${simulator.gammaUrl}/markets/keyset?limit=500&closed=false`);
      expect(pages.map((page) => page.markets.length)).toEqual([100, 100, 100, 100, 100]);
      expect(pages.flatMap((page) => page.markets)).toEqual([...rows].sort((a, b) => Number(a.id) - Number(b.id)));
    });

    it('finds a recorded market and its event by slug', async () => {
      const [row = {}] = rows;
      expect((await ask(`${simulator.gammaUrl}/markets/slug/${String(row.slug)}`)).body).toEqual(row);
      const parent = (row.events as Json[])[0] ?? {};
      const event = await ask(`${simulator.gammaUrl}/events/slug/${String(parent.slug)}`);
      expect(event.body).toMatchObject({ id: parent.id, title: parent.title });
    });

    it('marks its answers as simulated', async () => {
      expect((await ask(`${simulator.gammaUrl}/status`)).headers.get('x-simulated')).toBe('true');
    });
  });

  describe('of a whole folder', () => {
    let simulator: Simulator;

    beforeAll(async () => {
      simulator = await createSimulator({ recordings: { dir: folder } });
    });
    afterAll(() => simulator.stop());

    it('serves settled markets out of the recorder’s lines', async () => {
      const { body } = await ask(`${simulator.gammaUrl}/markets/slug/btc-updown-5m-1784880000`);
      expect(body).toMatchObject({ id: '3052550', closed: true, outcomePrices: '["0", "1"]' });
    });

    it('shows recorded books on the market channel, where they stand still', async () => {
      const [book] = recorded('clob/books_fed_june_2026_6.json') as [BookAnswer];
      const client = await StreamClient.connect(simulator.marketStreamUrl);
      const frame = await client.ask({ assets_ids: [book.asset_id], type: 'market' });
      expect(JSON.parse(frame)).toEqual([{ ...book, event_type: 'book' }]);
      expect((await post(`${simulator.controlUrl}/stream/step`, { moves: 1 })).status).toBe(404);
      await client.close();
    });

    it('serves recorded books whose hash verifies', async () => {
      const books = recorded('clob/books_fed_june_2026_6.json') as BookAnswer[];
      for (const book of books) {
        const answer = await ask<BookAnswer>(`${simulator.clobUrl}/book?token_id=${book.asset_id}`);
        expect(answer.body).toEqual(book);
        expect(bookHash(answer.body)).toBe(book.hash);
      }
    });

    it('serves recorded market infos, price series and trades', async () => {
      const [info = {}] = recorded('clob/clob_markets_info_5.json') as Json[];
      expect((await ask(`${simulator.clobUrl}/clob-markets/${String(info.c)}`)).body).toEqual(info);
      const series = await ask(
        `${simulator.clobUrl}/prices-history?market=balance_of_power_0&startTs=1771900000&endTs=1772100000&fidelity=1`,
      );
      expect((series.body.history as Json[])[0]).toEqual({ t: 1771901422, p: 0.405 });
      expect((await ask<Json[]>(`${simulator.dataUrl}/trades?limit=1000`)).body).toHaveLength(72);
    });
  });

  it('says which files it looked for when there are none', async () => {
    await expect(createSimulator({ recordings: { dir: folder, gamma: ['gamma/none_*.json'] } })).rejects.toThrow(
      /gamma\/none_\*\.json/,
    );
  });
});
