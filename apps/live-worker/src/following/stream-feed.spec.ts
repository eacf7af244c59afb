import { microPrice, microShares } from '@app/domain';
import type { MarketChannelMessage } from '@app/polymarket';
import { bookFeedOf, printOf, tokensOf, venueTimeOf } from './stream-feed';

const TOKENS = ['11', '22'] as const;
const venueTime = new Date(1_000);
const price = (cents: number): ReturnType<typeof microPrice> => microPrice(BigInt(cents) * 10_000n);
const shares = (count: number): ReturnType<typeof microShares> => microShares(BigInt(count) * 1_000_000n);

const aChange = (
  tokenId: string,
  cents: number,
): Extract<MarketChannelMessage, { type: 'price_change' }>['changes'][number] => ({
  tokenId,
  price: price(cents),
  size: shares(5),
  side: 'BUY',
  bestBid: price(40),
  bestAsk: null,
});
const aTrade = (
  change: Partial<Extract<MarketChannelMessage, { type: 'last_trade_price' }>> = {},
): Extract<MarketChannelMessage, { type: 'last_trade_price' }> => ({
  type: 'last_trade_price',
  tokenId: '11',
  market: '0x1',
  price: price(40),
  size: shares(5),
  side: 'BUY',
  transactionHash: '0xf1',
  venueTime,
  ...change,
});

describe('B1 what a message says of a book', () => {
  it("is the levels of both its tokens, and nothing of another market's", () => {
    const changes = [aChange('11', 40), aChange('22', 60), aChange('33', 40), aChange('11', 0), aChange('11', 100)];
    const message: MarketChannelMessage = { type: 'price_change', market: '0x1', changes, venueTime };
    expect(bookFeedOf(message, TOKENS, 7)).toEqual({
      kind: 'levels',
      atMs: 7,
      venueTimeMs: 1_000,
      changes: [
        { outcomeIndex: 0, side: 'bid', price: price(40), size: shares(5), bestBid: price(40), bestAsk: null },
        { outcomeIndex: 1, side: 'bid', price: price(60), size: shares(5), bestBid: price(40), bestAsk: null },
      ],
    });
    expect(bookFeedOf({ ...message, changes: [aChange('33', 40)] }, TOKENS, 7)).toBeNull();
    expect(tokensOf(message)).toEqual(['11', '22', '33', '11', '11']);
    expect(venueTimeOf(message)).toBe(1_000);
  });

  it('is the tick size of its own tokens', () => {
    const message: MarketChannelMessage = {
      type: 'tick_size_change',
      tokenId: '22',
      market: '0x1',
      oldTickSize: price(1),
      newTickSize: microPrice(1_000n),
      venueTime,
    };
    expect(bookFeedOf(message, TOKENS, 7)).toEqual({ kind: 'tick', atMs: 7, tickSize: 1_000n });
    expect(bookFeedOf({ ...message, tokenId: '33' }, TOKENS, 7)).toBeNull();
    expect(bookFeedOf(aTrade(), TOKENS, 7)).toBeNull();
  });
});

describe('B2 a trade', () => {
  it('is seen from the first outcome', () => {
    const rest = { size: shares(5), venueTimeMs: 1_000, transactionHash: '0xf1' };
    expect(printOf(aTrade(), TOKENS, 7)).toEqual({ ...rest, price: price(40), aggressor: 'buy' });
    expect(printOf(aTrade({ tokenId: '22' }), TOKENS, 7)).toEqual({ ...rest, price: price(60), aggressor: 'sell' });
    expect(printOf(aTrade({ venueTime: new Date(60_007) }), TOKENS, 7)).toMatchObject({ venueTimeMs: 60_007 });
  });

  it.each([
    ['no size', { size: null }],
    ['a size of 0', { size: shares(0) }],
    ['a price of 0', { price: price(0) }],
    ['a price of 1', { price: price(100) }],
    ['a token of another market', { tokenId: '33' }],
    ['a date more than a minute ahead', { venueTime: new Date(60_008) }],
  ])('with %s is none', (_, change) => {
    expect(printOf(aTrade(change), TOKENS, 7)).toBeNull();
  });
});
