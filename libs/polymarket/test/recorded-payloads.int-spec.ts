import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { VenueMarket } from '@app/domain';
import { mirrorLevels, type OrderBookSnapshot } from '@app/exchange';
import {
  parseRow,
  parseRows,
  parseVerifiedBook,
  readClobMarket,
  readClobMarketInfo,
  readClobPage,
  readClobSimplifiedMarket,
  readDataTrade,
  readGammaEvent,
  readOrderBook,
  readPriceHistory,
  readVenueMarket,
  verifyBookHash,
  type WireObject,
} from '@app/polymarket';

const folder = process.env['POLYMARKET_RECORDINGS_DIR'];
if (folder === undefined) {
  process.stdout.write(
    'recorded payloads: skipped, set POLYMARKET_RECORDINGS_DIR to the folder of recordings to run\n',
  );
}

const text = (file: string): string => readFileSync(path.join(folder ?? '', file), 'utf8');
const json = (file: string): unknown => JSON.parse(text(file));

function all<T>(file: string, read: (row: WireObject) => T): T[] {
  return parseRows(json(file) as unknown[], file, read).map((row) => {
    if (!row.ok) throw new Error(`${row.refusal.path}: ${row.refusal.reason}`);
    return row.value;
  });
}

function one<T>(value: unknown, read: (row: WireObject) => T): T {
  const parsed = parseRow(value, '', read);
  if (!parsed.ok) throw new Error(`${parsed.refusal.path}: ${parsed.refusal.reason}`);
  return parsed.value;
}

const markets = (file: string): VenueMarket[] => all(`gamma/${file}`, readVenueMarket);

(folder === undefined ? describe.skip : describe)('recorded payloads', () => {
  it('500 open markets of February 2026: 438 neg-risk, 65 without a best bid, two ticks, no fees yet', () => {
    const rows = markets('markets_2026-02-07_500.json');
    expect(rows).toHaveLength(500);
    expect(rows.filter(({ negRisk }) => negRisk)).toHaveLength(438);
    expect(rows.filter(({ bestBid }) => bestBid === null)).toHaveLength(65);
    expect(new Set(rows.map(({ tickSize }) => tickSize))).toEqual(new Set([1_000n, 10_000n]));
    expect(rows.every(({ fees }) => fees === null)).toBe(true);
    expect(rows.every(({ negRisk, negRiskMarketId }) => negRisk === (negRiskMarketId !== null))).toBe(true);
    expect(rows.every(({ outcomes, clobTokenIds }) => outcomes.length === clobTokenIds.length)).toBe(true);
  });

  it('50 five-minute markets that never opened: active, not closed, without prices or order book', () => {
    const rows = markets('markets_2026-03-10_50.json');
    expect(rows).toHaveLength(50);
    expect(rows.every(({ active, closed }) => active && !closed)).toBe(true);
    expect(rows.every(({ enableOrderBook, acceptingOrders }) => !enableOrderBook && !acceptingOrders)).toBe(true);
    expect(rows.every(({ outcomePrices }) => outcomePrices.length === 0)).toBe(true);
  });

  it('five markets with fees switched on carry the rate of their own schedule', () => {
    const fees = markets('markets_2026-06-21_fees_5.json').map((market) => market.fees);
    expect(fees).toHaveLength(5);
    for (const fee of fees) {
      expect(fee).toMatchObject({ rate: 50_000n, exponent: 1, takerOnly: true, rebateRate: 250_000n });
    }
  });

  it('mid-2025 markets have no fees', () => {
    expect(markets('markets_2025-07_5.json').map(({ fees }) => fees)).toEqual([null, null, null, null, null]);
  });

  it('twenty legacy markets are closed, and none of them is resolved by that', () => {
    const rows = markets('markets_legacy_closed_20.json');
    expect(rows).toHaveLength(20);
    expect(rows.every(({ closed }) => closed)).toBe(true);
    expect(rows.map(({ resolution }) => resolution.status)).toEqual(Array<string>(20).fill('unresolved'));
  });

  it('195 settled five-minute markets name their winner and when', () => {
    const lines = text('gamma/btc5m_settled_2026-07-24_a.jsonl').trim().split('\n');
    const recorded = lines.map((line) => JSON.parse(line) as { raw: unknown; outcome_prices: string[] });
    expect(recorded).toHaveLength(195);
    for (const { raw, outcome_prices } of recorded) {
      const { resolution, fees, outcomes } = one(raw, readVenueMarket);
      expect(outcomes).toEqual(['Up', 'Down']);
      expect(fees?.rate).toBe(70_000n);
      expect(resolution.status).toBe('resolved');
      expect(resolution.winningOutcomeIndex).toBe(outcome_prices.indexOf('1'));
      expect(resolution.resolvedAt).toBeInstanceOf(Date);
    }
    expect(one(recorded[0]?.raw, readVenueMarket)).toMatchObject({
      slug: 'btc-updown-5m-1784850900',
      closedTime: new Date('2026-07-24T00:00:16Z'),
      volumeTotal: 79_945_980_056n,
      liquidity: 0n,
    });
  });

  it('a closed scalar market of 2020 keeps its prices of many digits, and no result', () => {
    const market = one(json('nautilus/rust/gamma_market_closed_nonbinary_legacy.json'), readVenueMarket);
    expect(market).toMatchObject({
      outcomes: ['Long', 'Short'],
      outcomePrices: ['0.5843311669077693146635445446077281', '0.4156688330922306853364554553922719'],
      resolution: { status: 'unresolved' },
    });
  });

  it('three events hold their markets, and a second source of open interest', () => {
    const events = all('gamma/events_2026-03_3.json', readGammaEvent);
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ id: '31889', openInterest: 831_680_502_381n, negRiskAugmented: true });
    expect(events.every(({ markets: held }) => held.length > 1)).toBe(true);
  });

  it('six books are what the venue sent, best price first, and NO mirrors YES', () => {
    const raw = json('clob/books_fed_june_2026_6.json') as Record<string, unknown>[];
    expect(raw.map(verifyBookHash)).toEqual(Array<boolean>(6).fill(true));
    const books = raw.map((value) => one(value, readOrderBook));
    expect(books.map(({ hash }) => hash)).toEqual(raw.map((value) => value['hash']));
    expect(raw.map((value) => parseVerifiedBook(value, 'book'))).toEqual(books.map((value) => ({ ok: true, value })));
    const byMarket = new Map<string, OrderBookSnapshot[]>();
    for (const book of books)
      byMarket.set(book.conditionId ?? '', [...(byMarket.get(book.conditionId ?? '') ?? []), book]);
    expect(byMarket.size).toBe(3);
    for (const [first, second] of byMarket.values()) {
      expect(mirrorLevels(first!)).toEqual({ bids: second!.bids, asks: second!.asks });
      expect(first!.lastTradePrice).toBe(second!.lastTradePrice);
      expect(first!.bids[0]!.price).toBeLessThan(first!.asks[0]!.price);
      expect(first!.bids[0]!.price).toBeGreaterThanOrEqual(first!.bids.at(-1)!.price);
    }
  });

  it('a damaged book does not verify', () => {
    const [book] = json('clob/books_fed_june_2026_6.json') as Record<string, unknown>[];
    expect(verifyBookHash({ ...book, timestamp: '1778997825876' })).toBe(false);
  });

  it('CLOB pages have duplicate and empty ids, legacy minimums, and closed rows without a winner', () => {
    const page = one(json('clob/markets_page1_2025-07_500.json'), (answer) => readClobPage(answer, readClobMarket));
    const rows = page.rows.flatMap((row) => (row.ok ? row.value : []));
    expect(page.nextCursor).toBe('NTAw');
    expect(rows).toHaveLength(500);
    expect(new Set(rows.map(({ conditionId }) => conditionId)).size).toBe(476);
    expect(rows.filter(({ conditionId }) => conditionId === null)).toHaveLength(25);
    expect(rows.filter(({ tokens }) => tokens.some(({ tokenId }) => tokenId === null))).toHaveLength(26);
    expect(rows.some(({ minimumOrderSize }) => minimumOrderSize === 14_970_000n)).toBe(true);
    const closed = rows.filter((row) => row.closed);
    expect(closed).toHaveLength(470);
    expect(closed.filter(({ tokens }) => !tokens.some(({ winner }) => winner))).toHaveLength(348);
  });

  it('the simplified page has 947 distinct ids in 1000 rows', () => {
    const file = 'clob/simplified_markets_page1_2026-04-22_1000.json';
    const page = one(json(file), (answer) => readClobPage(answer, readClobSimplifiedMarket));
    const rows = page.rows.flatMap((row) => (row.ok ? row.value : []));
    expect(rows).toHaveLength(1_000);
    expect(new Set(rows.map(({ conditionId }) => conditionId)).size).toBe(947);
    expect(page.nextCursor).toBe('MTAwMA==');
  });

  it('trading parameters give the fee curve', () => {
    const infos = all('clob/clob_markets_info_5.json', readClobMarketInfo);
    expect(infos).toHaveLength(5);
    for (const info of infos) {
      expect(info.fee).toEqual({ rate: 50_000n, exponent: 1, takerOnly: true });
      expect(info).toMatchObject({ tickSize: 1_000n, minOrderSize: 5_000_000n, negRisk: true });
    }
  });

  it.each([
    [0, 3_963],
    [1, 4_028],
    [3, 4_028],
  ])('price history %i is strictly increasing', (index, count) => {
    const points = one(json(`prices/history_balance_of_power_${index}.json`), readPriceHistory);
    expect(points).toHaveLength(count);
    expect(points.every(({ t }, at) => at === 0 || t > points[at - 1]!.t)).toBe(true);
  });

  it('public trades have sizes of six decimals and averages off the tick grid', () => {
    const trades = ['a', 'b'].flatMap((part) => all(`data/data_trades_2026-01-08_${part}.json`, readDataTrade));
    expect(trades).toHaveLength(72);
    expect(trades.some(({ price }) => price === 539_575n)).toBe(true);
    expect(trades.some(({ size }) => size % 10_000n !== 0n)).toBe(true);
  });
});
