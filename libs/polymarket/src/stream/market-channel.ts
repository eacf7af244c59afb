import { MicroPrice, MicroShares } from '@app/domain';
import { OrderBookSnapshot } from '@app/exchange';
import { readOrderBook } from '../clob/order-book';
import { WIRE_SIDES, WireSide } from '../clob/trading';
import { parseRow, WireObject } from '../wire/wire-object';
import { Parsed } from '../wire/refusal';

/** One level that changed: `size` is the new total at that price, 0 removes the level. */
export interface PriceLevelChange {
  tokenId: string;
  price: MicroPrice;
  size: MicroShares;
  side: WireSide;
  bestBid: MicroPrice | null;
  bestAsk: MicroPrice | null;
}

/** A message of the market socket; times are the venue's. Source: AsyncAPI of 2026-05 and recorded messages of 2024 to 2026. */
export type MarketChannelMessage =
  | { type: 'book'; book: OrderBookSnapshot }
  | { type: 'price_change'; market: string; changes: PriceLevelChange[]; venueTime: Date }
  | {
      type: 'last_trade_price';
      tokenId: string;
      market: string;
      price: MicroPrice;
      size: MicroShares | null;
      /** The taker's. */
      side: WireSide;
      transactionHash: string | null;
      venueTime: Date;
    }
  | {
      type: 'tick_size_change';
      tokenId: string;
      market: string;
      oldTickSize: MicroPrice | null;
      newTickSize: MicroPrice;
      venueTime: Date;
    }
  | {
      type: 'best_bid_ask';
      tokenId: string;
      market: string;
      bestBid: MicroPrice | null;
      bestAsk: MicroPrice | null;
      spread: MicroPrice | null;
      venueTime: Date;
    }
  | {
      type: 'new_market';
      gammaId: string;
      market: string;
      slug: string;
      question: string;
      tokenIds: string[];
      outcomes: string[];
      venueTime: Date;
    }
  | {
      type: 'market_resolved';
      gammaId: string | null;
      market: string;
      tokenIds: string[];
      winningTokenId: string;
      winningOutcome: string;
      venueTime: Date;
    };

export type MarketChannelMessageType = MarketChannelMessage['type'];

/** Reads one message of the market socket; those kept without `event_type` are told by their fields. */
export function parseMarketChannelMessage(value: unknown, path: string): Parsed<MarketChannelMessage> {
  return parseRow(value, path, readMarketChannelMessage);
}

/** The type of a market-socket message: its `event_type`, else what only that type carries; null when it is none. */
export function marketChannelTypeOf(row: WireObject): MarketChannelMessageType | null {
  const named = row.raw('event_type');
  if (named !== undefined) return MESSAGE_TYPES.find((type) => type === named) ?? null;
  if (row.has('bids') && row.has('asks')) return 'book';
  if (row.has('price_changes')) return 'price_change';
  if (row.has('new_tick_size')) return 'tick_size_change';
  return row.has('fee_rate_bps') && row.has('side') && !row.has('taker_order_id') ? 'last_trade_price' : null;
}

const MESSAGE_TYPES: readonly MarketChannelMessageType[] = [
  'book',
  'price_change',
  'last_trade_price',
  'tick_size_change',
  'best_bid_ask',
  'new_market',
  'market_resolved',
];

function readMarketChannelMessage(row: WireObject): MarketChannelMessage {
  const type = marketChannelTypeOf(row) ?? row.refuse('event_type', `one of ${MESSAGE_TYPES.join(', ')}`);
  if (type === 'book') return { type, book: readOrderBook(row) };
  const market = row.text('market');
  const venueTime = row.milliseconds('timestamp');
  switch (type) {
    case 'price_change':
      return { type, market, changes: readChanges(row), venueTime };
    case 'last_trade_price':
      return {
        type,
        tokenId: row.tokenId('asset_id'),
        market,
        price: row.price('price') ?? row.refuse('price', 'a price from 0 to 1'),
        size: row.shares('size'),
        side: row.oneOf('side', WIRE_SIDES),
        transactionHash: row.optionalHex('transaction_hash'),
        venueTime,
      };
    case 'tick_size_change':
      return {
        type,
        tokenId: row.tokenId('asset_id'),
        market,
        oldTickSize: row.tickSize('old_tick_size'),
        newTickSize: row.tickSize('new_tick_size') ?? row.refuse('new_tick_size', 'a tick size between 0 and 1'),
        venueTime,
      };
    case 'best_bid_ask':
      return {
        type,
        tokenId: row.tokenId('asset_id'),
        market,
        bestBid: row.price('best_bid'),
        bestAsk: row.price('best_ask'),
        spread: row.priceChange('spread'),
        venueTime,
      };
    case 'new_market':
      return {
        type,
        gammaId: row.id('id'),
        market,
        slug: row.text('slug'),
        question: row.text('question'),
        tokenIds: row.texts('assets_ids') ?? row.refuse('assets_ids', 'an array of token ids'),
        outcomes: row.texts('outcomes') ?? row.refuse('outcomes', 'an array of texts'),
        venueTime,
      };
    case 'market_resolved':
      return {
        type,
        gammaId: row.optionalLabel('id'),
        market,
        tokenIds: row.texts('assets_ids') ?? row.refuse('assets_ids', 'an array of token ids'),
        winningTokenId: row.tokenId('winning_asset_id'),
        winningOutcome: row.text('winning_outcome'),
        venueTime,
      };
  }
}

/** Today's list of changes, or the flat single change of before September 2025. */
function readChanges(row: WireObject): PriceLevelChange[] {
  return row.has('price_changes') ? row.requiredList('price_changes', readChange) : [readChange(row)];
}

function readChange(row: WireObject): PriceLevelChange {
  return {
    tokenId: row.tokenId('asset_id'),
    price: row.price('price') ?? row.refuse('price', 'a price from 0 to 1'),
    size: row.shares('size') ?? row.refuse('size', 'a quantity'),
    side: row.oneOf('side', WIRE_SIDES),
    bestBid: row.price('best_bid'),
    bestAsk: row.price('best_ask'),
  };
}
