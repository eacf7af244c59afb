import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type MarketChannelMessage, readMarketFrame } from '@app/polymarket';

const folder = process.env['POLYMARKET_RECORDINGS_DIR'];
if (folder === undefined) {
  process.stdout.write(
    'recorded messages of the market socket: skipped, set POLYMARKET_RECORDINGS_DIR to the folder of recordings to run\n',
  );
}

/** The messages a recorded file holds, read as one frame. */
function messagesOf(file: string): MarketChannelMessage[] {
  const read = readMarketFrame(readFileSync(path.join(folder ?? '', file), 'utf8'));
  if (read.kind !== 'messages') throw new Error(`${file} holds ${read.kind}`);
  return read.parts.map((part) => {
    if (part.kind === 'message') return part.message;
    throw new Error(`${file}: ${part.kind === 'unreadable' ? part.reason : 'a kind that is not known'}`);
  });
}

(folder === undefined ? describe.skip : describe)('recorded messages of the market socket', () => {
  it.each([
    ['nautilus/python/ws_messages/last_trade_price.json', ['last_trade_price']],
    ['nautilus/python/ws_messages/price_change.json', ['price_change']],
    ['nautilus/rust/ws_market_best_bid_ask_msg.json', ['best_bid_ask']],
    ['nautilus/rust/ws_market_resolved_msg.json', ['market_resolved']],
    ['shapes/nautilus_rust/ws_book_snapshot.json', ['book']],
    ['shapes/nautilus_rust/ws_last_trade.json', ['last_trade_price']],
    ['shapes/nautilus_rust/ws_quotes.json', ['price_change']],
    ['shapes/nautilus_rust/ws_tick_size_change.json', ['tick_size_change']],
    ['clob/books_fed_june_2026_6.json', Array<string>(6).fill('book')],
  ])('%s is read', (file, types) => {
    expect(messagesOf(file).map(({ type }) => type)).toEqual(types);
  });
});
