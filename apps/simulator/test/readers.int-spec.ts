import {
  isTokenId,
  type Parsed,
  parseMarketPage,
  parseRow,
  readClobMarket,
  readClobMarketInfo,
  readClobPage,
  readClobSimplifiedMarket,
  readDataTrade,
  readGammaEvent,
  readGammaSearchAnswer,
  readOpenInterest,
  readOrderBook,
  readTokenHolders,
  verifyBookHash,
} from '@app/polymarket';
import { startTestSimulator, type TestSimulator } from '@app/testing';
import { ask, type Json } from './ask';

/** The readers that take the venue's recorded answers have to take the simulator's as well. */
describe('the venue client’s readers, over simulated answers', () => {
  let simulator: TestSimulator;
  let markets: Json[];

  beforeAll(async () => {
    simulator = await startTestSimulator({ markets: 3_000 });
    markets = await simulator.markets();
  });
  afterAll(() => simulator.stop());

  function refusals(parsed: readonly Parsed<unknown>[]): string[] {
    return parsed.flatMap((row) => (row.ok ? [] : [`${row.refusal.path}: ${row.refusal.reason}`]));
  }
  async function rows(url: string): Promise<Json[]> {
    return (await ask<Json[]>(url)).body;
  }

  it('understand every market', () => {
    const page = parseMarketPage(Buffer.from(JSON.stringify({ markets })));
    if (!page.ok) throw new Error(page.refusal.reason);
    expect(refusals(page.value.rows)).toEqual([]);
    expect(page.value.rows).toHaveLength(markets.length);
  });

  it('understand events and searches', async () => {
    const events = await rows(`${simulator.gammaUrl}/events?limit=100&offset=150`);
    expect(events).toHaveLength(100);
    expect(refusals(events.map((event) => parseRow(event, '', readGammaEvent)))).toEqual([]);
    const search = await ask(`${simulator.gammaUrl}/public-search?q=election`);
    expect(refusals([parseRow(search.body, '', readGammaSearchAnswer)])).toEqual([]);
  });

  it('understand books, and agree on their hashes', async () => {
    const tokens = markets
      .filter((market) => market.acceptingOrders === true && market.clobTokenIds !== undefined)
      .flatMap((market) => JSON.parse(String(market.clobTokenIds)) as string[])
      .slice(0, 300);
    expect(tokens.every(isTokenId)).toBe(true);
    const books = await Promise.all(
      [0, 100, 200].map((from) =>
        rows(`${simulator.clobUrl}/books?token_ids=${tokens.slice(from, from + 100).join(',')}`),
      ),
    );
    expect(books.flat().length).toBeGreaterThan(250);
    expect(refusals(books.flat().map((book) => parseRow(book, '', readOrderBook)))).toEqual([]);
    expect(books.flat().every((book) => verifyBookHash(book) === true)).toBe(true);
  });

  it('understand the CLOB’s lists and market infos', async () => {
    const full = await ask(`${simulator.clobUrl}/markets`);
    const simple = await ask(`${simulator.clobUrl}/simplified-markets`);
    expect(refusals([parseRow(full.body, '', (page) => readClobPage(page, readClobMarket))])).toEqual([]);
    expect(refusals([parseRow(simple.body, '', (page) => readClobPage(page, readClobSimplifiedMarket))])).toEqual([]);
    const open = markets.filter((market) => market.acceptingOrders === true).slice(0, 50);
    const infos = await Promise.all(
      open.map(async (market) => (await ask(`${simulator.clobUrl}/clob-markets/${String(market.conditionId)}`)).body),
    );
    expect(refusals(infos.map((info) => parseRow(info, '', readClobMarketInfo)))).toEqual([]);
  });

  it('understand trades, holders and open interest', async () => {
    const trades = await rows(`${simulator.dataUrl}/trades?limit=200`);
    expect(trades).toHaveLength(200);
    expect(refusals(trades.map((trade) => parseRow(trade, '', readDataTrade)))).toEqual([]);
    const busy = markets
      .filter((market) => market.acceptingOrders === true && Number(market.volumeNum) > 1_000)
      .slice(0, 20);
    const conditions = busy.map((market) => market.conditionId).join(',');
    const interest = await rows(`${simulator.dataUrl}/oi?market=${conditions}`);
    expect(interest).toHaveLength(20);
    expect(refusals(interest.map((row) => parseRow(row, '', readOpenInterest)))).toEqual([]);
    const holders = await rows(`${simulator.dataUrl}/holders?market=${conditions}`);
    expect(refusals(holders.map((row) => parseRow(row, '', readTokenHolders)))).toEqual([]);
  });
});
