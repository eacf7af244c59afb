import { toWireNumber } from '@app/domain';
import { BookLevel, OrderBookSnapshot, topOfBook } from '@app/exchange';
import { z } from 'zod';
import { querySchema } from '../parameters';
import { countField, exactNumberField, textField, timestampField, wireNumberOrNull } from '../scalars';
import { outcomeIndexParameter } from './price-history';

/** Query of `GET /markets/by-slug/{slug}/book`. */
export const orderBookQuerySchema = querySchema({ outcome_index: outcomeIndexParameter });

const levelSchema = z
  .strictObject({
    price: exactNumberField('USDC a share.', 0.45),
    size: exactNumberField('Shares displayed at this price.', 1200.5),
  })
  .meta({ id: 'BookLevel', description: 'A price with the total size displayed there.' });

/** Schema of one outcome's order book. */
export const orderBookSchema = z
  .strictObject({
    token_id: textField(
      'Tradable id of the outcome.',
      '71321045679252212594626385532706912750332728571942532289631379312455583992563',
    ),
    bids: z.array(levelSchema).meta({ description: 'Highest price first.' }),
    asks: z.array(levelSchema).meta({ description: 'Lowest price first.' }),
    best_bid: exactNumberField('Null when nobody bids.', 0.45).nullable(),
    best_ask: exactNumberField('Null when nobody offers.', 0.46).nullable(),
    midpoint: exactNumberField('Half-way between the two; null when a side is empty.', 0.455).nullable(),
    spread: exactNumberField('Best ask less best bid; null when a side is empty.', 0.01).nullable(),
    tick_size: exactNumberField('Smallest price step now.', 0.01).nullable(),
    min_order_size: exactNumberField('Smallest order, in shares.', 5).nullable(),
    last_trade_price: exactNumberField(
      'Price of the last trade of the market, in terms of its first outcome for every outcome.',
      0.45,
    ).nullable(),
    timestamp: timestampField('When Polymarket made the snapshot.'),
    source: z.enum(['stream', 'rest']).meta({
      description: 'Kept up to date by the live stream, or asked for just now.',
      example: 'rest',
    }),
    age_ms: countField('Milliseconds since the snapshot was received.', 140),
  })
  .meta({
    id: 'OrderBook',
    description: "One outcome's order book.",
    example: {
      token_id: '71321045679252212594626385532706912750332728571942532289631379312455583992563',
      bids: [{ price: 0.45, size: 1200.5 }],
      asks: [{ price: 0.46, size: 300 }],
      best_bid: 0.45,
      best_ask: 0.46,
      midpoint: 0.455,
      spread: 0.01,
      tick_size: 0.01,
      min_order_size: 5,
      last_trade_price: 0.45,
      timestamp: '2026-02-07T09:30:00.000Z',
      source: 'rest',
      age_ms: 140,
    },
  });

export type OrderBookBody = z.infer<typeof orderBookSchema>;

export interface OrderBookSource {
  book: OrderBookSnapshot;
  source: 'stream' | 'rest';
  ageMs: number;
}

export function toOrderBook({ book, source, ageMs }: OrderBookSource): OrderBookBody {
  const top = topOfBook(book);
  return {
    token_id: book.tokenId,
    bids: book.bids.map(toLevel),
    asks: book.asks.map(toLevel),
    best_bid: wireNumberOrNull(top.bestBid),
    best_ask: wireNumberOrNull(top.bestAsk),
    midpoint: wireNumberOrNull(top.midpoint),
    spread: wireNumberOrNull(top.spread),
    tick_size: wireNumberOrNull(book.tickSize),
    min_order_size: wireNumberOrNull(book.minOrderSize),
    last_trade_price: wireNumberOrNull(book.lastTradePrice),
    timestamp: book.venueTime.toISOString(),
    source,
    age_ms: Math.max(0, Math.round(ageMs)),
  };
}

function toLevel(level: BookLevel): { price: number; size: number } {
  return { price: toWireNumber(level.price), size: toWireNumber(level.size) };
}
