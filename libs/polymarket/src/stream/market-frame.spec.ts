import fc from 'fast-check';
import { readMarketFrame } from './market-frame';
import { streamEventsOf } from './stream-event';

const AT = 1_766_789_469_958;
const at = { market: `0x${'cd'.repeat(32)}`, timestamp: String(AT) };
const book = (assetId: string) => ({
  ...at,
  event_type: 'book',
  asset_id: assetId,
  bids: [],
  asks: [{ price: '0.5', size: '1' }],
});
const change = (assetId: string, price = '0.5') => ({
  ...at,
  event_type: 'price_change',
  price_changes: [{ asset_id: assetId, price, size: '0', side: 'BUY', best_bid: '', best_ask: '' }],
});
const kindsOf = (frame: string): string[] => {
  const read = readMarketFrame(frame);
  return read.kind === 'messages' ? read.parts.map(({ kind }) => kind) : [read.kind];
};

describe('a frame of the market socket', () => {
  it.each([
    ['PONG', 'pong'],
    [' PONG\n', 'pong'],
    ['NO NEW ASSETS', 'no_new_assets'],
    ['INVALID OPERATION', 'invalid_operation'],
  ])('%j is a word, not JSON', (frame, kind) => {
    expect(kindsOf(frame)).toEqual([kind]);
  });

  it('is one message, or an array of them in their order, which may be empty', () => {
    expect(kindsOf(JSON.stringify(book('1')))).toEqual(['message']);
    const read = readMarketFrame(JSON.stringify([book('1'), change('2')]));
    expect(read).toMatchObject({
      parts: [{ message: { type: 'book' } }, { message: { type: 'price_change' } }],
    });
    expect(kindsOf('[]')).toEqual([]);
  });

  it('has kinds that are not known, which are told apart from what cannot be read', () => {
    expect(kindsOf(JSON.stringify([{ event_type: 'fireworks' }, {}, change('1', '7'), book('1')]))).toEqual([
      'unknown',
      'unknown',
      'unreadable',
      'message',
    ]);
  });

  it.each(['', '{"event_type":', 'PONGPONG', '\u0000\ufffd', '<html>502</html>'])('%j is no frame', (frame) => {
    expect(readMarketFrame(frame)).toMatchObject({ parts: [{ kind: 'unreadable', loses: true, tokenIds: [] }] });
  });

  it('that is a JSON value of no use is unreadable', () => {
    expect(kindsOf('[1,null,"PONG",[[]]]')).toEqual(Array<string>(4).fill('unreadable'));
    expect(kindsOf('12')).toEqual(['unreadable']);
  });

  it('says where a message went wrong, and what would be right', () => {
    const read = readMarketFrame(JSON.stringify([book('1'), change('2', '1.5')]));
    expect(read).toMatchObject({
      parts: [
        {},
        {
          kind: 'unreadable',
          reason: '[1].price_changes[0].price: found the text "1.5", expected a price from 0 to 1',
          tokenIds: ['2'],
        },
      ],
    });
  });

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          messages.map((one) => JSON.stringify(one)),
        ),
        (frame) => {
          const read = readMarketFrame(frame);
          for (const event of streamEventsOf(read, new Set(['1']), AT)) expect(event.atMs).toBe(AT);
        },
      ),
    );
  });
});

/** Messages with any field broken. */
const messages = fc
  .tuple(
    fc.constantFrom<Record<string, unknown>>(
      book('1'),
      change('1'),
      { ...at, event_type: 'last_trade_price', asset_id: '1', price: '0.5', size: '2', side: 'BUY' },
      { ...at, event_type: 'tick_size_change', asset_id: '1', old_tick_size: '0.01', new_tick_size: '0.001' },
    ),
    fc.string(),
    fc.jsonValue(),
  )
  .chain(([message, key, value]) =>
    fc.constantFrom(...Object.keys(message), key).map((broken) => ({ ...message, [broken]: value })),
  );

describe('what a frame tells a subscriber', () => {
  const subscribed = new Set(['1', '2']);
  const events = (...parts: unknown[]) => streamEventsOf(readMarketFrame(JSON.stringify(parts)), subscribed, AT);

  it('is its messages, and an answer to a ping for all tokens', () => {
    expect(events(book('1'), {}, change('2'))).toMatchObject([
      { kind: 'message', atMs: AT, message: { type: 'book' } },
      { kind: 'message', message: { type: 'price_change' } },
    ]);
    expect(streamEventsOf(readMarketFrame('PONG'), subscribed, AT)).toEqual([
      { kind: 'ponged', atMs: AT, tokenIds: ['1', '2'] },
    ]);
    expect(streamEventsOf(readMarketFrame('NO NEW ASSETS'), subscribed, AT)).toEqual([]);
  });

  it('is what may be lost with a message that cannot be read: the tokens it names, else all', () => {
    const reason = 'its stream sent what could not be read';
    expect(events(change('2', 'x'))).toEqual([{ kind: 'unreadable', atMs: AT, reason, tokenIds: ['2'] }]);
    expect(events(change('3', 'x'))).toEqual([]);
    expect(events({ ...book('x') }, 7)).toMatchObject([{ tokenIds: ['1', '2'] }, { tokenIds: ['1', '2'] }]);
  });

  it('is nothing for broken news that concern no book and no trade', () => {
    expect(
      events(
        { ...at, event_type: 'new_market', id: 5 },
        { ...at, event_type: 'market_resolved' },
        { ...at, event_type: 'best_bid_ask' },
      ),
    ).toEqual([]);
  });
});
