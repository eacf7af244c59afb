import { DOMAIN_ERROR_CODES, type MicroPrice, ORDER_SIDES, type Portfolio, toWireNumber } from '@app/domain';
import {
  BOOK_SIDES,
  BOOK_STATES,
  type BookLevel,
  type BookSide,
  canonicalLevels,
  canonicalPrice,
  canonicalSide,
  type LevelChange,
  type Print,
  topOfBook,
  toCanonical,
} from '@app/exchange';
import { z } from 'zod';
import { countField, exactNumberField, textField, timestampField, wireNumberOrNull } from '../scalars';
import { fillSchema, orderUpdateSchema } from '../trading/orders';
import { OUTCOME_REF_EXAMPLE } from '../trading/outcome-ref';
import { PORTFOLIO_ID, USER_ID } from '../trading/request-fields';
import { type AccountMessage, heldPositionSchema, settlementSchema } from './account-message';
import { LIVE_CHANNELS } from './client-message';
import type { LiveBook } from './market-message';

/**
 * What the server says over `/ws/live`: one JSON object a message, with a `type`. Everything about a market is of one outcome, in its own prices: the second outcome's
 * messages are the first one's, mirrored (B1), with the same sequence.
 */

/** Why a client is told a book anew. */
export const RESYNC_REASONS = ['slow', 'gap', 'restart'] as const;
export type ResyncReason = (typeof RESYNC_REASONS)[number];

const TIME = '2026-02-07T09:30:00.000Z';

const refFields = {
  market_id: textField('Slug of the market.', OUTCOME_REF_EXAMPLE.market_id),
  outcome: textField('The outcome, as the market spells it.', OUTCOME_REF_EXAMPLE.outcome),
  outcome_index: countField('Which outcome of the market, from 0.', OUTCOME_REF_EXAMPLE.outcome_index),
  token_id: textField('Tradable id of the outcome.', OUTCOME_REF_EXAMPLE.token_id),
};

const sequenceField = countField('Number of the book; the next change of this token has the next number.', 412);
const levelFields = {
  price: exactNumberField('USDC a share.', 0.45),
  size: exactNumberField('Shares displayed at this price.', 1200.5),
};
const stateFields = {
  state: z.enum(BOOK_STATES).meta({ description: 'Whether the book can be believed; only `live` can.' }),
  reason: textField('Why it is not live; null when it is.', 'its stream is not connected').nullable(),
};
const accountFields = {
  portfolio_id: textField('The portfolio.', PORTFOLIO_ID),
  version: countField('Version of the portfolio after the change, which rises by one with every change.', 17),
  timestamp: timestampField('When it changed.', TIME),
};

const message = <const T extends string, S extends z.core.$ZodShape>(
  type: T,
  shape: S,
): z.ZodObject<{ type: z.ZodLiteral<T> } & S, z.core.$strict> => z.strictObject({ type: z.literal(type), ...shape });

const subjectFields = {
  market_ids: z.array(z.string()).meta({ description: 'As the client named them, without those that were refused.' }),
  channels: z.array(z.enum(LIVE_CHANNELS)).meta({ description: 'What is told of them.' }),
  portfolio_ids: z.array(z.string()),
};

/** Schemas of every message the server sends, by type. */
export const SERVER_MESSAGES = {
  connected: message('connected', {
    user_id: textField('Whose connection it is.', USER_ID),
    token_expires_at: timestampField('When the access token, and with it the connection, ends.', TIME),
    market_data: z
      .literal('simulated')
      .optional()
      .meta({ description: 'There while market data comes from a simulated venue.' }),
  }),
  subscribed: message('subscribed', subjectFields),
  unsubscribed: message('unsubscribed', subjectFields),
  pong: message('pong', { timestamp: timestampField('When it was sent.', TIME) }),
  error: message('error', {
    code: z.enum(DOMAIN_ERROR_CODES).optional().meta({ description: 'Stable code of a refusal.' }),
    message: textField('A sentence a person can act on.', 'No market has the slug x, here or at Polymarket.'),
    market_id: z.string().optional().meta({ description: 'What of the request it is about.' }),
    portfolio_id: z.string().optional(),
  }),
  orderbook: message('orderbook', {
    ...refFields,
    sequence: sequenceField,
    ...stateFields,
    source: z.enum(['stream', 'rest']).meta({
      description: '`rest`: asked for just now, because the stream of it is only beginning; its sequence is 0.',
    }),
    timestamp: timestampField('When the venue made it.', TIME),
    tick_size: exactNumberField('Smallest price step now.', 0.01).nullable(),
    min_order_size: exactNumberField('Smallest order, in shares.', 5).nullable(),
    data: z.strictObject({
      bids: z.array(z.strictObject(levelFields)).meta({ description: 'Highest price first.' }),
      asks: z.array(z.strictObject(levelFields)).meta({ description: 'Lowest price first.' }),
    }),
  }),
  book_delta: message('book_delta', {
    ...refFields,
    sequence: sequenceField,
    timestamp: timestampField('When the venue made the change.', TIME),
    changes: z
      .array(z.strictObject({ side: z.enum(BOOK_SIDES), ...levelFields }))
      .meta({ description: 'New total sizes, in order; 0 removes the level. They belong together.' }),
  }),
  book_state: message('book_state', {
    ...refFields,
    ...stateFields,
    timestamp: timestampField('Since when.', TIME),
  }),
  price: message('price', {
    ...refFields,
    price: exactNumberField(
      'Half-way between best bid and best ask, or the last trade where a side is empty; for display.',
      0.455,
    ).nullable(),
    best_bid: exactNumberField('Null when nobody bids.', 0.45).nullable(),
    best_ask: exactNumberField('Null when nobody offers.', 0.46).nullable(),
    timestamp: timestampField('When the venue made the book it is of.', TIME),
  }),
  trade: message('trade', {
    ...refFields,
    price: exactNumberField('USDC a share.', 0.46),
    size: exactNumberField('Shares.', 100),
    side: z.enum(ORDER_SIDES).meta({ description: "The taker's." }),
    timestamp: timestampField('When it happened.', TIME),
    transaction_hash: z.string().nullable(),
  }),
  portfolio: message('portfolio', {
    ...accountFields,
    run: countField('The run of the portfolio.', 1),
    cash_balance: exactNumberField('Free cash.', 9514.2425),
    reserved_cash: exactNumberField('Cash held for orders.', 0),
  }),
  order_update: message('order_update', { ...accountFields, order: orderUpdateSchema }),
  fill: message('fill', { ...accountFields, fill: fillSchema }),
  position: message('position', { ...accountFields, position: heldPositionSchema }),
  settlement: message('settlement', { ...accountFields, settlement: settlementSchema }),
  resync: message('resync', {
    market_id: refFields.market_id.optional(),
    outcome: refFields.outcome.optional(),
    outcome_index: refFields.outcome_index.optional(),
    token_id: refFields.token_id.optional(),
    portfolio_id: accountFields.portfolio_id.optional(),
    reason: z.enum(RESYNC_REASONS).meta({
      description:
        '`slow`: this client read too slowly. `gap`: something was lost on the way here. `restart`: the numbers begin anew, because the stream of the market has begun, another process follows it, or its book was asked for again while no stream brings it.',
    }),
    trades_missed: countField('Public trades that were not told to a slow client.', 0),
    message: textField('A sentence a person can act on.', 'You read too slowly; a fresh snapshot follows.'),
  }),
  token_expiring: message('token_expiring', {
    expires_at: timestampField('When the access token, and with it the connection, ends.', TIME),
    message: textField('A sentence a person can act on.', 'The access token ends in 60 s.'),
  }),
} as const;

export type ServerMessageType = keyof typeof SERVER_MESSAGES;
export type ServerMessage = { [T in ServerMessageType]: z.infer<(typeof SERVER_MESSAGES)[T]> }[ServerMessageType];
export type ServerMessageOf<T extends ServerMessageType> = Extract<ServerMessage, { type: T }>;

/** Schema of every message of the server. */
export const serverMessageSchema: z.ZodType<ServerMessage> = z.discriminatedUnion('type', [
  SERVER_MESSAGES.connected,
  SERVER_MESSAGES.subscribed,
  SERVER_MESSAGES.unsubscribed,
  SERVER_MESSAGES.pong,
  SERVER_MESSAGES.error,
  SERVER_MESSAGES.orderbook,
  SERVER_MESSAGES.book_delta,
  SERVER_MESSAGES.book_state,
  SERVER_MESSAGES.price,
  SERVER_MESSAGES.trade,
  SERVER_MESSAGES.portfolio,
  SERVER_MESSAGES.order_update,
  SERVER_MESSAGES.fill,
  SERVER_MESSAGES.position,
  SERVER_MESSAGES.settlement,
  SERVER_MESSAGES.resync,
  SERVER_MESSAGES.token_expiring,
]);

/** Which outcome of which market a message is of. */
export type OutcomeIndex = 0 | 1;
type Named = Pick<LiveBook, 'marketId' | 'outcomes' | 'tokenIds'>;

interface OutcomeFields {
  market_id: string;
  outcome: string;
  outcome_index: number;
  token_id: string;
}

function refOf(market: Named, index: OutcomeIndex): OutcomeFields {
  return {
    market_id: market.marketId,
    outcome: market.outcomes[index],
    outcome_index: index,
    token_id: market.tokenIds[index],
  };
}

/** A whole book, of one outcome. */
export function toOrderbookMessage(
  book: LiveBook,
  index: OutcomeIndex,
  source: 'stream' | 'rest',
): ServerMessageOf<'orderbook'> {
  const { bids, asks } = canonicalLevels(book, index);
  return {
    type: 'orderbook',
    ...refOf(book, index),
    sequence: book.sequence,
    state: book.state,
    reason: book.reason,
    source,
    timestamp: wireTime(book.venueTimeMs),
    tick_size: wireNumberOrNull(book.tickSize),
    min_order_size: wireNumberOrNull(book.minOrderSize),
    data: { bids: bids.map(toWireLevel), asks: asks.map(toWireLevel) },
  };
}

/** Changes of a book, as one outcome has them. */
export function toBookDeltaMessage(
  market: Named,
  delta: { sequence: number; venueTimeMs: number; changes: readonly LevelChange[] },
  index: OutcomeIndex,
): ServerMessageOf<'book_delta'> {
  return {
    type: 'book_delta',
    ...refOf(market, index),
    sequence: delta.sequence,
    timestamp: wireTime(delta.venueTimeMs),
    changes: delta.changes.map(({ side, price, size }): { side: BookSide; price: number; size: number } => ({
      side: canonicalSide(side, index),
      price: toWireNumber(canonicalPrice(price, index)),
      size: toWireNumber(size),
    })),
  };
}

/** How far a book can be believed, of one outcome. */
export function toBookStateMessage(book: LiveBook, index: OutcomeIndex): ServerMessageOf<'book_state'> {
  return {
    type: 'book_state',
    ...refOf(book, index),
    state: book.state,
    reason: book.reason,
    timestamp: wireTime(book.stateSinceMs),
  };
}

/** Best prices and a price for display, of one outcome. */
export function toPriceMessage(
  book: Pick<LiveBook, 'bids' | 'asks' | 'lastTradePrice' | 'venueTimeMs'> & Named,
  index: OutcomeIndex,
): ServerMessageOf<'price'> {
  const { bestBid, bestAsk, midpoint } = topOfBook({ bids: book.bids.slice(0, 1), asks: book.asks.slice(0, 1) });
  const own = (price: MicroPrice | null): number | null =>
    price === null ? null : toWireNumber(canonicalPrice(price, index));
  return {
    type: 'price',
    ...refOf(book, index),
    price: own(midpoint ?? book.lastTradePrice),
    best_bid: own(index === 0 ? bestBid : bestAsk),
    best_ask: own(index === 0 ? bestAsk : bestBid),
    timestamp: wireTime(book.venueTimeMs),
  };
}

/** A public trade, as one outcome's market saw it (B2). */
export function toTradeMessage(market: Named, print: Print, index: OutcomeIndex): ServerMessageOf<'trade'> {
  const { side, price } = toCanonical(print.aggressor, index, print.price);
  return {
    type: 'trade',
    ...refOf(market, index),
    price: toWireNumber(price),
    size: toWireNumber(print.size),
    side,
    timestamp: wireTime(print.venueTimeMs),
    transaction_hash: print.transactionHash,
  };
}

const RESYNC_SENTENCES: Readonly<Record<ResyncReason, string>> = {
  slow: 'You read too slowly, and changes were left out; a fresh snapshot follows.',
  gap: 'Changes were lost on the way here; a fresh snapshot follows.',
  restart: 'The numbers of this book begin anew; a fresh snapshot follows.',
};

/** That the numbers of an outcome's book begin anew. */
export function toResyncMessage(
  market: Named,
  index: OutcomeIndex,
  reason: ResyncReason,
  tradesMissed: number,
): ServerMessageOf<'resync'> {
  return {
    type: 'resync',
    ...refOf(market, index),
    reason,
    trades_missed: tradesMissed,
    message: RESYNC_SENTENCES[reason],
  };
}

/** That something of a portfolio was not told. */
export function toPortfolioResyncMessage(portfolioId: string): ServerMessageOf<'resync'> {
  return {
    type: 'resync',
    portfolio_id: portfolioId,
    reason: 'gap',
    trades_missed: 0,
    message: 'Changes of this portfolio were lost on the way here; read it over REST.',
  };
}

/** What one part of a portfolio's change is told as: cash with the first part, then every fill, order, position and settlement. */
export function toAccountServerMessages(news: AccountMessage): ServerMessage[] {
  const head = { portfolio_id: news.portfolio_id, version: news.version, timestamp: news.at };
  const { run, cash_balance, reserved_cash } = news;
  return [
    ...(news.part === 1 ? [{ type: 'portfolio' as const, ...head, run, cash_balance, reserved_cash }] : []),
    ...news.fills.map((fill) => ({ type: 'fill' as const, ...head, fill })),
    ...news.orders.map((order) => ({ type: 'order_update' as const, ...head, order })),
    ...news.positions.map((position) => ({ type: 'position' as const, ...head, position })),
    ...news.settlements.map((settlement) => ({ type: 'settlement' as const, ...head, settlement })),
  ];
}

/** A portfolio as it stands, to begin with. */
export function toPortfolioMessage(portfolio: Portfolio): ServerMessageOf<'portfolio'> {
  return {
    type: 'portfolio',
    portfolio_id: portfolio.id,
    version: portfolio.version,
    timestamp: portfolio.updatedAt.toISOString(),
    run: portfolio.run,
    cash_balance: toWireNumber(portfolio.cash),
    reserved_cash: toWireNumber(portfolio.reserved),
  };
}

function toWireLevel({ price, size }: BookLevel): { price: number; size: number } {
  return { price: toWireNumber(price), size: toWireNumber(size) };
}

const wireTime = (ms: number): string => new Date(ms).toISOString();
