import { createHash } from 'node:crypto';
import type { Parsed } from '../wire/refusal';
import { parseRow, type WireObject } from '../wire/wire-object';
import { readClobMarket, readClobPage, readClobSimplifiedMarket } from './clob-market';
import { readClobMarketInfo } from './clob-market-info';
import { parseVerifiedBook, readOrderBook, verifyBookHash } from './order-book';
import { readBatchPriceHistory, readPriceHistory } from './price-history';
import { parseServerTime, readMidpoint, readQuotedPrice, readSpread, readTickSize } from './quotes';
import { readClobTrade } from './trading';

function read<T>(value: unknown, reader: (row: WireObject) => T): T {
  const parsed = parseRow(value, 'it', reader);
  if (!parsed.ok) throw new Error(`${parsed.refusal.path}: ${parsed.refusal.reason}`);
  return parsed.value;
}

function refusal<T>(value: unknown, reader: (row: WireObject) => T): string {
  const parsed: Parsed<T> = parseRow(value, 'it', reader);
  if (parsed.ok) throw new Error('expected a refusal');
  return `${parsed.refusal.path}: ${parsed.refusal.reason}`;
}

const HASH = `0x${'ab'.repeat(32)}`;

describe('a book', () => {
  const book = {
    market: HASH,
    asset_id: '123',
    timestamp: '1778997825875',
    hash: '',
    bids: [
      { price: '0.4', size: '10' },
      { price: '.45', size: '2.5' },
    ],
    asks: [
      { price: '0.6', size: '7' },
      { price: '0.5', size: '0.000001' },
    ],
    min_order_size: '5',
    tick_size: '0.001',
    neg_risk: true,
    last_trade_price: '',
  };

  it('has the best price first on both sides, however the venue ordered it', () => {
    expect(read(book, readOrderBook)).toEqual({
      tokenId: '123',
      conditionId: HASH,
      bids: [
        { price: 450_000n, size: 2_500_000n },
        { price: 400_000n, size: 10_000_000n },
      ],
      asks: [
        { price: 500_000n, size: 1n },
        { price: 600_000n, size: 7_000_000n },
      ],
      tickSize: 1_000n,
      minOrderSize: 5_000_000n,
      negRisk: true,
      lastTradePrice: null,
      hash: null,
      venueTime: new Date(1778997825875),
    });
  });

  it('of 2024 lacks tick, minimum and neg-risk', () => {
    const { market, asset_id, timestamp, hash, bids, asks } = book;
    const old = { market, asset_id, hash, bids, asks, timestamp };
    expect(read(old, readOrderBook)).toMatchObject({ tickSize: null, minOrderSize: null, negRisk: null });
  });

  it('leaves out empty levels and may have empty sides', () => {
    expect(read({ ...book, bids: [], asks: [{ price: '0.5', size: '0' }] }, readOrderBook)).toMatchObject({
      bids: [],
      asks: [],
    });
  });

  it.each([
    [{ bids: null }, 'it.bids: found null, expected an array'],
    [{ bids: [{ price: '1', size: '5' }] }, 'it.bids[0].price: found the text "1", expected a price between 0 and 1'],
    [{ bids: [{ price: '0', size: '5' }] }, 'it.bids[0].price'],
    [{ asks: [{ price: '0.5', size: '-5' }] }, 'it.asks[0].size'],
    [{ asks: [{ price: '0.5' }] }, 'it.asks[0].size: found nothing'],
    [{ asks: [book.asks[0], { price: '0.60', size: '1' }] }, 'each price once, not 0.6 twice'],
    [{ asset_id: 123 }, 'it.asset_id: found the number 123'],
    [{ timestamp: 'now' }, 'it.timestamp'],
    [{ timestamp: undefined }, 'it.timestamp: found nothing'],
  ])('with %j is refused', (change, expected) => {
    expect(refusal({ ...book, ...change }, readOrderBook)).toContain(expected);
  });

  it('carries the SHA-1 of itself', () => {
    const hash = createHash('sha1').update(JSON.stringify(book)).digest('hex');
    expect(verifyBookHash({ ...book, hash })).toBe(true);
    expect(verifyBookHash({ ...book, hash, neg_risk: false })).toBe(false);
    expect(verifyBookHash(book)).toBeNull();
  });

  it('that was changed on its way is refused, by its hash', () => {
    const hash = createHash('sha1').update(JSON.stringify(book)).digest('hex');
    expect(parseVerifiedBook({ ...book, hash }, 'book')).toMatchObject({ ok: true, value: { hash } });
    const [first, ...others] = book.bids;
    expect(parseVerifiedBook({ ...book, hash, bids: [{ ...first, size: '11' }, ...others] }, 'book')).toEqual({
      ok: false,
      refusal: {
        path: 'book.hash',
        reason: `found ${hash}, expected the SHA-1 of the book itself: it was changed on its way`,
        id: '123',
      },
    });
    expect(parseVerifiedBook(book, 'book')).toMatchObject({ ok: true, value: { hash: null } });
    const { market, asset_id, timestamp, bids, asks } = book;
    const old = { market, asset_id, hash, bids, asks, timestamp };
    expect(parseVerifiedBook(old, 'book')).toMatchObject({ ok: true, value: { hash } });
  });
});

describe('a price history', () => {
  it('is put in order of time, the later of two points at one second kept', () => {
    const history = [
      { t: 20, p: 0.5 },
      { t: 10, p: 0.405 },
      { t: 20, p: 0.6 },
    ];
    expect(read({ history }, readPriceHistory)).toEqual([
      { t: 10, p: 405_000n },
      { t: 20, p: 600_000n },
    ]);
    expect(read({ history: [] }, readPriceHistory)).toEqual([]);
  });

  it.each([
    [{ history: null }, 'it.history: found null'],
    [{}, 'it.history: found nothing'],
    [
      { history: [{ t: 1771901422000, p: 0.5 }] },
      'it.history[0].t: found the number 1771901422000, expected a Unix time in',
    ],
    [{ history: [{ t: 1.5, p: 0.5 }] }, 'it.history[0].t'],
    [{ history: [{ t: 1, p: 50 }] }, 'it.history[0].p'],
    [{ history: [{ t: 1 }] }, 'it.history[0].p: found nothing'],
  ])('%j is refused', (value, expected) => expect(refusal(value, readPriceHistory)).toContain(expected));

  it('of several tokens is kept apart', () => {
    const series = read({ history: { '1': [{ t: 1, p: 0.5 }], '2': [] } }, readBatchPriceHistory);
    expect([...series]).toEqual([
      ['1', [{ t: 1, p: 500_000n }]],
      ['2', []],
    ]);
    expect(refusal({ history: { '1': 5 } }, readBatchPriceHistory)).toContain('it.history.1: found the number 5');
  });
});

describe('a page of CLOB markets', () => {
  const row = { condition_id: '', tokens: [{ token_id: '', outcome: '', price: 0 }], active: true, closed: false };

  it('ends with the cursor LTE=', () => {
    expect(read({ data: [], next_cursor: 'NTAw', limit: 500, count: 500 }, pageOf)).toEqual({
      rows: [],
      nextCursor: 'NTAw',
      limit: 500,
      count: 500,
    });
    expect(read({ data: [], next_cursor: 'LTE=' }, pageOf).nextCursor).toBeNull();
    expect(refusal({ data: {} }, pageOf)).toContain('it.data: found an object, expected an array of markets');
  });

  it('has rows without ids, and refuses bad rows alone', () => {
    const page = read({ data: [row, { ...row, tokens: 'x' }] }, pageOf);
    expect(page.rows[0]).toMatchObject({
      ok: true,
      value: { conditionId: null, tokens: [{ tokenId: null, winner: false }] },
    });
    expect(page.rows[1]).toMatchObject({ ok: false, refusal: { path: 'it.data[1].tokens' } });
  });

  it('in full has legacy minimums and ticks', () => {
    const market = { ...row, enable_order_book: false, minimum_order_size: 14.97, minimum_tick_size: 0.04, tags: null };
    expect(read(market, readClobMarket)).toMatchObject({
      minimumOrderSize: 14_970_000n,
      minimumTickSize: 40_000n,
      tags: [],
    });
  });

  function pageOf(answer: WireObject) {
    return readClobPage(answer, readClobSimplifiedMarket);
  }
});

describe('the trading parameters of a market', () => {
  it('are spelled out, absent flags false and an absent curve free', () => {
    const info = read({ c: HASH, t: [{ t: '1', o: 'Yes' }], mos: 5, mts: 0.001, ao: true }, readClobMarketInfo);
    expect(info).toMatchObject({
      conditionId: HASH,
      tickSize: 1_000n,
      acceptingOrders: true,
      negRisk: false,
      fee: null,
    });
    const paid = read({ c: HASH, t: [], fd: { r: 0.05, e: 1, to: true } }, readClobMarketInfo);
    expect(paid.fee).toEqual({ rate: 50_000n, exponent: 1, takerOnly: true });
  });
});

describe('quotes', () => {
  it('are read', () => {
    expect(read({ mid: '0.51' }, readMidpoint)).toBe(510_000n);
    expect(read({ spread: '0.02' }, readSpread)).toBe(20_000n);
    expect(read({ price: '0.5', side: '' }, readQuotedPrice)).toEqual({ price: 500_000n, side: null });
    expect(read({ price: '0.5', side: 'SELL' }, readQuotedPrice)).toEqual({ price: 500_000n, side: 'SELL' });
    expect(read({ minimum_tick_size: 0.01 }, readTickSize)).toBe(10_000n);
    expect(parseServerTime(1781934285)).toEqual({ ok: true, value: new Date('2026-06-20T05:44:45Z') });
  });

  it.each<[unknown, (row: WireObject) => unknown, string]>([
    [{ mid: '' }, readMidpoint, 'it.mid'],
    [{ price: '0.5', side: 'HOLD' }, readQuotedPrice, 'it.side: found the text "HOLD", expected one of BUY, SELL'],
    [{ minimum_tick_size: 0 }, readTickSize, 'it.minimum_tick_size'],
  ])('%j is refused', (value, reader, expected) => expect(refusal(value, reader)).toContain(expected));

  it('a venue clock that is no number is refused', () => expect(parseServerTime('soon').ok).toBe(false));
});

describe('a trade of one’s own', () => {
  it('is read in the socket’s and the list’s spelling of its time', () => {
    const trade = { id: 't', taker_order_id: 'o', market: HASH, asset_id: '1', side: 'BUY', status: 'MINED' };
    const moment = new Date('2025-11-10T12:06:07Z');
    expect(read({ ...trade, match_time: '1762776367' }, readClobTrade).matchTime).toEqual(moment);
    expect(read({ ...trade, matchtime: 1762776367 }, readClobTrade).matchTime).toEqual(moment);
    expect(refusal({ ...trade, side: 'buy' }, readClobTrade)).toContain('one of BUY, SELL');
  });
});
