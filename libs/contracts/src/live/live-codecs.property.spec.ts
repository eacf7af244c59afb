import { MAX_MICRO, microPrice, microShares, ORDER_SIDES } from '@app/domain';
import { BOOK_SIDES, BOOK_STATES, type BookLevel, type LevelChange, type Print, type TakenLevel } from '@app/exchange';
import fc from 'fast-check';
import { decodeLiveBook, encodeLiveBook } from './live-book-codec';
import type { LiveBook, MarketMessage } from './market-message';
import { decodeMarketMessage, encodeMarketMessage } from './market-message-codec';
import type { OrderNotice } from './order-notice';
import { decodeOrderNotice, encodeOrderNotice } from './order-notice-codec';

const name = fc.string({ minLength: 1, unit: 'binary' });
const count = fc.maxSafeNat();
const price = fc.bigInt({ min: 1n, max: 999_999n }).map(microPrice);
const anyPrice = fc.bigInt({ min: 0n, max: 1_000_000n }).map(microPrice);
const shares = fc.bigInt({ min: 0n, max: MAX_MICRO }).map(microShares);
const size = fc.bigInt({ min: 1n, max: MAX_MICRO }).map(microShares);
const orNull = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(values, { nil: null });
const pair = fc.tuple(name, name);

const ascending = fc
  .uniqueArray(fc.record<BookLevel>({ price, size }), { selector: (level) => level.price })
  .map((levels) => levels.sort((a, b) => Number(a.price - b.price)));

const liveBook = fc.record<LiveBook>({
  conditionId: name,
  marketId: name,
  tokenIds: pair,
  outcomes: pair,
  owner: name,
  epoch: name,
  sequence: count,
  state: fc.constantFrom(...BOOK_STATES),
  reason: orNull(fc.string()),
  stateSinceMs: count,
  bids: ascending.map((levels) => levels.toReversed()),
  asks: ascending,
  tickSize: orNull(price),
  minOrderSize: orNull(shares),
  negRisk: orNull(fc.boolean()),
  lastTradePrice: orNull(anyPrice),
  hash: orNull(fc.string()),
  venueTimeMs: count,
  receivedAtMs: count,
});

const change = fc.record<LevelChange>({ side: fc.constantFrom(...BOOK_SIDES), price, size: shares });
const taken = fc.record<TakenLevel>({ side: fc.constantFrom(...BOOK_SIDES), price, quantity: size });
const print = fc.record<Print>({
  price: anyPrice,
  size,
  aggressor: fc.constantFrom(...ORDER_SIDES),
  venueTimeMs: count,
  transactionHash: orNull(fc.string()),
});

const marketMessage = fc.oneof(
  fc.record({ kind: fc.constant('book'), book: liveBook }),
  fc.record({
    kind: fc.constant('changes'),
    epoch: name,
    sequence: count,
    venueTimeMs: count,
    atMs: count,
    changes: fc.array(change),
  }),
  fc.record({
    kind: fc.constant('state'),
    epoch: name,
    state: fc.constantFrom(...BOOK_STATES),
    reason: orNull(fc.string()),
    atMs: count,
  }),
  fc.record({ kind: fc.constant('print'), epoch: name, atMs: count, print }),
) as fc.Arbitrary<MarketMessage>;

const orderNotice = fc.record<OrderNotice>({
  conditionId: name,
  portfolioId: name,
  orderIds: fc.array(name),
  taken: fc.array(taken),
});

const CODECS = [
  {
    what: 'a live book',
    texts: liveBook.map(encodeLiveBook),
    again: (text: string) => apply(decodeLiveBook(text), encodeLiveBook),
  },
  {
    what: 'a market message',
    texts: marketMessage.map(encodeMarketMessage),
    again: (text: string) => apply(decodeMarketMessage(text), encodeMarketMessage),
  },
  {
    what: 'an order notice',
    texts: orderNotice.map(encodeOrderNotice),
    again: (text: string) => apply(decodeOrderNotice(text), encodeOrderNotice),
  },
];

function apply<Value>(value: Value | null, encode: (value: Value) => string): string | null {
  return value === null ? null : encode(value);
}

/** What may stand anywhere in a text of somebody who means harm. */
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('-1', '01', '1e3', '0.5', '9223372036854775808', '1000000', '', ' 1', 1.5, -1, 1e300, true, null, []),
);

/** Puts something else in place of one value of a JSON text. */
function spoiled(text: string, at: number, value: unknown): string {
  let places = 0;
  JSON.parse(text, (_key, old: unknown) => {
    places += 1;
    return old;
  });
  let place = 0;
  const wanted = at % places;
  return JSON.stringify(
    JSON.parse(text, (_key, old: unknown) => {
      place += 1;
      return place - 1 === wanted ? value : old;
    }),
  );
}

describe('the texts of live data', () => {
  it('give back every live book', () => {
    fc.assert(fc.property(liveBook, (book) => expect(decodeLiveBook(encodeLiveBook(book))).toEqual(book)));
  });

  it('give back every market message', () => {
    fc.assert(
      fc.property(marketMessage, (message) =>
        expect(decodeMarketMessage(encodeMarketMessage(message))).toEqual(message),
      ),
    );
  });

  it('give back every order notice', () => {
    fc.assert(
      fc.property(orderNotice, (notice) => expect(decodeOrderNotice(encodeOrderNotice(notice))).toEqual(notice)),
    );
  });

  it.each(CODECS)('are null for any text that is not $what', ({ again }) => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(again(text)).toBeNull()));
    fc.assert(fc.property(fc.json(), (text) => expect(again(text)).toBeNull()));
  });

  it.each(CODECS)('are null, or good in full, when anything in the text of $what is replaced', ({ texts, again }) => {
    fc.assert(
      fc.property(texts, fc.nat(), hostile, (text, at, value) => {
        const bad = spoiled(text, at, value);
        expect([null, bad]).toContain(again(bad));
      }),
      { numRuns: 500 },
    );
  });

  it.each(CODECS)('are null when the text of $what is cut short', ({ texts, again }) => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, length) => expect(again(text.slice(0, length % text.length))).toBeNull()),
    );
  });
});
