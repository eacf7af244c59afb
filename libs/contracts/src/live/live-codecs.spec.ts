import { microPrice, microShares } from '@app/domain';
import { decodeLiveBook, encodeLiveBook } from './live-book-codec';
import type { LiveBook } from './market-message';
import { decodeMarketMessage, encodeMarketMessage } from './market-message-codec';
import { decodeOrderNotice, encodeOrderNotice } from './order-notice-codec';

const BOOK: LiveBook = {
  conditionId: '0xc0ffee',
  marketId: 'will-it-rain',
  tokenIds: ['11', '22'],
  outcomes: ['Yes', 'No'],
  owner: 'host:1',
  epoch: 'e1',
  sequence: 7,
  state: 'live',
  reason: null,
  stateSinceMs: 1_700_000_000_000,
  bids: [
    { price: microPrice(450_000n), size: microShares(120_500_000n) },
    { price: microPrice(440_000n), size: microShares(9_007_199_254_740_993n) },
  ],
  asks: [{ price: microPrice(460_000n), size: microShares(1n) }],
  tickSize: microPrice(10_000n),
  minOrderSize: microShares(5_000_000n),
  negRisk: false,
  lastTradePrice: microPrice(450_000n),
  hash: 'abc',
  venueTimeMs: 1_700_000_000_001,
  receivedAtMs: 1_700_000_000_002,
};

const bookWith = (change: object): string =>
  JSON.stringify({ ...(JSON.parse(encodeLiveBook(BOOK)) as object), ...change });

describe('the text of a live book', () => {
  it('holds whole micro-units as text, so that no number rounds them', () => {
    expect(JSON.parse(encodeLiveBook(BOOK))).toMatchObject({
      bids: ['450000', '120500000', '440000', '9007199254740993'],
      asks: ['460000', '1'],
      tick_size: '10000',
    });
    expect(decodeLiveBook(encodeLiveBook(BOOK))).toEqual(BOOK);
  });

  it('may grow by fields that nobody here knows yet', () => {
    expect(decodeLiveBook(bookWith({ later: true }))).toEqual(BOOK);
  });

  it.each([
    ['bids from the worst', { bids: ['440000', '1', '450000', '1'] }],
    ['asks from the worst', { asks: ['450000', '1', '440000', '1'] }],
    ['a price twice', { asks: ['450000', '1', '450000', '1'] }],
    ['an empty level', { asks: ['450000', '0'] }],
    ['a level without a size', { asks: ['450000'] }],
    ['a price of 1', { asks: ['1000000', '1'] }],
    ['a negative size', { asks: ['450000', '-1'] }],
    ['a decimal', { asks: ['0.45', '100'] }],
    ['a number', { asks: [450_000, 100] }],
    ['a size beyond 64 bits', { asks: ['450000', '9223372036854775808'] }],
    ['an unknown state', { state: 'fresh' }],
    ['one token', { token_ids: ['11'] }],
    ['three tokens', { token_ids: ['11', '22', '33'] }],
    ['a sequence with a fraction', { sequence: 1.5 }],
    ['a sequence no double holds', { sequence: 2 ** 53 }],
    ['no owner', { owner: undefined }],
  ])('is refused with %s', (_title, change) => {
    expect(decodeLiveBook(bookWith(change))).toBeNull();
  });
});

describe('the texts of messages', () => {
  it('carry a change in some hundred bytes', () => {
    const text = encodeMarketMessage({
      kind: 'changes',
      epoch: '01890a5d-ac96-774b-bcce-b302099a8057',
      sequence: 12_345,
      venueTimeMs: 1_700_000_000_001,
      atMs: 1_700_000_000_002,
      changes: [{ side: 'bid', price: microPrice(450_000n), size: microShares(0n) }],
    });
    expect(text).toBe(
      '{"kind":"changes","epoch":"01890a5d-ac96-774b-bcce-b302099a8057","sequence":12345,"venue_time_ms":1700000000001,"at_ms":1700000000002,"changes":["bid","450000","0"]}',
    );
  });

  it.each(['', 'null', '[]', '{}', '{"kind":"book"}', '{"kind":"book","book":null}', '{"kind":"other","epoch":"e"}'])(
    'are null for %s',
    (text) => {
      expect(decodeMarketMessage(text)).toBeNull();
      expect(decodeOrderNotice(text)).toBeNull();
    },
  );

  it('believe no property that is only inherited', () => {
    const text = encodeOrderNotice({ conditionId: '0xa', portfolioId: 'p', orderIds: [], taken: [] });
    expect(decodeOrderNotice(`{"__proto__":${text}}`)).toBeNull();
  });
});
