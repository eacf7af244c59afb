import { roundToMicro } from '@app/domain';
import fc from 'fast-check';
import { readClobMarket, readClobPage } from '../clob/clob-market';
import { readClobMarketInfo } from '../clob/clob-market-info';
import { readOrderBook, verifyBookHash } from '../clob/order-book';
import { readBatchPriceHistory, readPriceHistory } from '../clob/price-history';
import { readDataTrade } from '../data/data-api';
import { readGammaEvent } from '../gamma/gamma-event';
import { parseMarketPage } from '../gamma/markets-page';
import { readVenueMarket } from '../gamma/venue-market.mapper';
import { parseMarketChannelMessage } from '../stream/market-channel';
import { parseUserChannelMessage } from '../stream/user-channel';
import { parseVenueDate } from './dates';
import { Parsed } from './refusal';
import { numberToMicro, parseRow, WireObject } from './wire-object';

const row = {
  id: '1',
  slug: 'a-market',
  question: 'Will it?',
  outcomes: '["Yes","No"]',
  outcomePrices: '["0.5","0.5"]',
  clobTokenIds: '["1","2"]',
  active: true,
  closed: false,
  conditionId: '',
  volumeNum: 1.5,
  endDate: '2026-01-01T00:00:00Z',
  feeSchedule: { rate: 0.05, exponent: 1, takerOnly: true, rebateRate: 0.2 },
  events: [{ id: '2', slug: 'e', title: 'E', series: [], tags: [] }],
  tags: [{ id: '3', label: 'T', slug: 't' }],
  bids: [{ price: '0.4', size: '10' }],
  asks: [{ price: '0.6', size: '10' }],
  asset_id: '1',
  timestamp: '1778997825875',
  history: [{ t: 1, p: 0.5 }],
  event_type: 'book',
};
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '',
    '[',
    '[[[[',
    '["',
    'null',
    'true',
    '-0',
    '1e400',
    '0001-01-01',
    '__proto__',
    '\ud800',
    '9'.repeat(80),
  ),
  fc.double(),
  fc.array(fc.record({ id: fc.jsonValue(), slug: fc.jsonValue(), price: fc.jsonValue(), t: fc.jsonValue() })),
);
const twisted = fc
  .tuple(fc.dictionary(fc.constantFrom(...Object.keys(row)), hostile), fc.dictionary(fc.string(), fc.jsonValue()))
  .map(([changes, extras]): unknown => ({ ...extras, ...row, ...changes }));

const readers: Record<string, (value: unknown) => Parsed<unknown>> = {
  market: (value) => parseRow(value, 'r', readVenueMarket),
  event: (value) => parseRow(value, 'r', readGammaEvent),
  book: (value) => parseRow(value, 'r', readOrderBook),
  history: (value) => parseRow(value, 'r', readPriceHistory),
  batchHistory: (value) => parseRow(value, 'r', readBatchPriceHistory),
  clobMarket: (value) => parseRow(value, 'r', readClobMarket),
  clobMarketInfo: (value) => parseRow(value, 'r', readClobMarketInfo),
  clobPage: (value) => parseRow(value, 'r', (answer) => readClobPage(answer, readClobMarket)),
  dataTrade: (value) => parseRow(value, 'r', readDataTrade),
  marketSocket: (value) => parseMarketChannelMessage(value, 'r'),
  userSocket: (value) => parseUserChannelMessage(value, 'r'),
};

describe('reading the venue', () => {
  it.each(Object.keys(readers))('%s: any JSON is read or refused with a path and a reason', (name) => {
    fc.assert(
      fc.property(fc.oneof(hostile, twisted), (value) => {
        const parsed = readers[name]!(value);
        if (parsed.ok) return;
        expect(parsed.refusal.path.startsWith('r')).toBe(true);
        expect(parsed.refusal.reason).toMatch(/^found .*, expected /s);
        expect(parsed.refusal.reason.length).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes are a page of markets or are refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const page = parseMarketPage(Buffer.from(bytes));
          expect(page.ok || page.refusal.reason !== '').toBe(true);
        },
      ),
    );
  });

  it('a book is in order, without empty levels, and its hash never throws', () => {
    const level = fc.record({
      price: fc.integer({ min: 1, max: 999 }).map((milli) => String(milli / 1000)),
      size: fc.integer({ min: 0, max: 1_000 }).map((centi) => String(centi / 100)),
    });
    const levels = fc.uniqueArray(level, { selector: ({ price }) => price });
    fc.assert(
      fc.property(levels, levels, (bids, asks) => {
        const payload = { asset_id: '1', market: '', timestamp: '1', hash: 'x', bids, asks };
        expect(verifyBookHash(payload)).toBe(false);
        const book = parseRow(payload, 'book', readOrderBook);
        if (!book.ok) throw new Error(book.refusal.reason);
        const bidPrices = book.value.bids.map(({ price }) => price);
        const askPrices = book.value.asks.map(({ price }) => price);
        expect(bidPrices).toEqual([...bidPrices].sort((a, b) => (a > b ? -1 : 1)));
        expect(askPrices).toEqual([...askPrices].sort((a, b) => (a < b ? -1 : 1)));
        expect([...book.value.bids, ...book.value.asks].every(({ size }) => size > 0n)).toBe(true);
        expect(bidPrices.length).toBe(bids.filter(({ size }) => size !== '0').length);
      }),
    );
  });

  it('a price series comes out strictly increasing', () => {
    const point = fc.record({ t: fc.integer({ min: 0, max: 50 }), p: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(point), (history) => {
        const parsed = parseRow({ history }, '', (answer: WireObject) => readPriceHistory(answer));
        if (!parsed.ok) throw new Error(parsed.refusal.reason);
        const times = parsed.value.map(({ t }) => t);
        expect(times).toEqual([...new Set(history.map(({ t }) => t))].sort((a, b) => a - b));
      }),
    );
  });

  it('a number becomes the micro-units nearest to its decimal text', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.tuple(fc.integer(), fc.integer({ min: 0, max: 9 })).map(([digits, scale]) => digits / 10 ** scale),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const exact = roundToMicro(String(value));
        expect(numberToMicro(value)).toBe(exact.ok ? exact.value : null);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a moment survives being written as a venue date', () => {
    const moments = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (moment) => {
        const iso = moment.toISOString();
        expect(parseVenueDate(iso)).toEqual(moment);
        expect(parseVenueDate(`${iso.slice(0, 10)} ${iso.slice(11, 23)}+00`)).toEqual(moment);
      }),
    );
  });
});
