import { parseMarketChannelMessage } from './market-channel';
import { parseRtdsPriceMessage } from './rtds';
import { parseUserChannelMessage } from './user-channel';

const MARKET = `0x${'cd'.repeat(32)}`;
const at = { market: MARKET, timestamp: '1766789469958' };
const venueTime = new Date(1766789469958);

describe('a market-socket message', () => {
  it('of price changes has both tokens, in today’s form and in the flat one of 2024', () => {
    const change = { asset_id: '1', price: '0.5', size: '0', side: 'BUY', hash: 'h', best_bid: '0.4', best_ask: '' };
    const read = { tokenId: '1', price: 500_000n, size: 0n, side: 'BUY', bestBid: 400_000n, bestAsk: null };
    const other = { ...change, asset_id: '2', side: 'SELL' };
    expect(
      parseMarketChannelMessage({ ...at, event_type: 'price_change', price_changes: [change, other] }, ''),
    ).toEqual({
      ok: true,
      value: {
        type: 'price_change',
        market: MARKET,
        changes: [read, { ...read, tokenId: '2', side: 'SELL' }],
        venueTime,
      },
    });
    expect(parseMarketChannelMessage({ ...at, ...change, event_type: 'price_change' }, '')).toMatchObject({
      value: { changes: [read] },
    });
  });

  it.each([
    [
      { ...at, event_type: 'last_trade_price', asset_id: '1', price: '.48', size: '2', side: 'SELL', fee_rate_bps: '' },
      { type: 'last_trade_price', price: 480_000n, size: 2_000_000n, side: 'SELL' },
    ],
    [
      { ...at, event_type: 'tick_size_change', asset_id: '1', old_tick_size: '0.01', new_tick_size: '0.001' },
      { type: 'tick_size_change', oldTickSize: 10_000n, newTickSize: 1_000n },
    ],
    [
      { ...at, event_type: 'best_bid_ask', asset_id: '1', best_bid: '0.73', best_ask: '0.77', spread: '0.04' },
      { type: 'best_bid_ask', bestBid: 730_000n, bestAsk: 770_000n, spread: 40_000n },
    ],
    [
      {
        ...at,
        event_type: 'new_market',
        id: '5',
        slug: 's',
        question: 'q',
        assets_ids: ['1', '2'],
        outcomes: ['Y', 'N'],
      },
      { type: 'new_market', gammaId: '5', tokenIds: ['1', '2'], outcomes: ['Y', 'N'] },
    ],
    [
      {
        ...at,
        event_type: 'market_resolved',
        id: '5',
        assets_ids: ['1', '2'],
        winning_asset_id: '2',
        winning_outcome: 'N',
      },
      { type: 'market_resolved', winningTokenId: '2', winningOutcome: 'N' },
    ],
    [
      { ...at, event_type: 'book', asset_id: '1', bids: [], asks: [{ price: '0.5', size: '1' }] },
      { type: 'book', book: { tokenId: '1', asks: [{ price: 500_000n, size: 1_000_000n }] } },
    ],
  ])('%j is read', (message, expected) => {
    expect(parseMarketChannelMessage(message, '')).toMatchObject({ ok: true, value: expected });
  });

  it.each([
    [{ ...at, event_type: 'surprise' }, 'event_type', 'expected one of book, price_change'],
    [{ ...at, event_type: 'price_change', price_changes: 5 }, 'price_changes', 'an array'],
    [{ ...at, event_type: 'market_resolved', id: '5', assets_ids: ['1'] }, 'winning_asset_id', 'a token id'],
    ['NO NEW ASSETS', '', 'expected an object'],
  ])('%j is refused', (message, path, reason) => {
    const parsed = parseMarketChannelMessage(message, '');
    expect(parsed).toMatchObject({ ok: false, refusal: { path } });
    expect(!parsed.ok && parsed.refusal.reason).toContain(reason);
  });
});

describe('a user-socket message', () => {
  const order = { id: 'o', market: MARKET, asset_id: '1', side: 'BUY', status: 'LIVE', timestamp: '1766789469958' };

  it('tells of an order, even killed with empty numbers', () => {
    const killed = { ...order, type: 'CANCELLATION', size_matched: '', created_at: '', expiration: '0', outcome: '' };
    expect(parseUserChannelMessage({ ...killed, event_type: 'order' }, '')).toMatchObject({
      ok: true,
      value: { type: 'order', change: 'CANCELLATION', order: { sizeMatched: null, createdAt: null, expiration: null } },
    });
  });

  it('tells of a trade', () => {
    expect(
      parseUserChannelMessage({ ...order, type: 'TRADE', taker_order_id: 't', trader_side: 'MAKER' }, ''),
    ).toMatchObject({
      ok: true,
      value: { type: 'trade', trade: { takerOrderId: 't', traderSide: 'MAKER' } },
    });
    expect(parseUserChannelMessage({ ...order, type: 'GIFT' }, '')).toMatchObject({
      ok: false,
      refusal: { path: 'type' },
    });
  });
});

describe('an RTDS price frame', () => {
  it('is one price or a backlog', () => {
    const frame = { topic: 'crypto_prices', type: 'update', timestamp: 1780730269142 };
    const price = { symbol: 'btcusdt', timestamp: 1780730269000, value: 61035.86 };
    const read = { value: 61_035_860_000n, venueTime: new Date(1780730269000) };
    expect(parseRtdsPriceMessage({ ...frame, payload: price }, '')).toMatchObject({ value: { prices: [read] } });
    expect(parseRtdsPriceMessage({ ...frame, payload: { symbol: 'btcusdt', data: [price, price] } }, '')).toMatchObject(
      {
        value: { symbol: 'btcusdt', prices: [read, read] },
      },
    );
    expect(parseRtdsPriceMessage({ ...frame, payload: { symbol: 'x' } }, '')).toMatchObject({
      ok: false,
      refusal: { path: 'payload.value' },
    });
  });
});
