import {
  averagePrice,
  LIQUIDITY_ROLES,
  type MicroPrice,
  microPrice,
  type MicroShares,
  microShares,
  microUsdc,
  ORDER_SIDES,
  type OrderSide,
  toWireNumber,
  type Trade,
} from '@app/domain';
import { z } from 'zod';
import { bodyOf, choiceBodyField } from '../body-fields';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { checkRange, choiceParameter, querySchema, timeParameter } from '../parameters';
import { exactNumberField, flagField, textField, timestampField, wireNumberOrNull } from '../scalars';
import { type CsvCell, csvRow } from './csv';
import { OUTCOME_REF_EXAMPLE, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import {
  MARKET_ID,
  MARKET_QUESTION,
  marketIdBodyField,
  marketOf,
  type NamedMarket,
  notesBodyField,
  ORDER_ID,
  outcomeBodyField,
  PORTFOLIO_ID,
  priceBodyField,
  quantityBodyField,
  runParameter,
  TRADE_ID,
} from './request-fields';

/** Body of `POST /portfolios/{id}/trades`. */
export const tradeRequestSchema = z
  .strictObject(
    {
      market_id: marketIdBodyField,
      outcome: outcomeBodyField,
      side: choiceBodyField(ORDER_SIDES, { description: 'Buy or sell shares.', example: 'buy' }),
      quantity: quantityBodyField({ description: 'Shares, all at once or none.', example: 100 }),
      price: priceBodyField({
        description: 'The worst price accepted, USDC a share; any when left out. The order book decides the price.',
        example: 0.47,
      }).nullish(),
      notes: notesBodyField.nullish(),
    },
    bodyOf('send a JSON object with market_id, outcome, side and quantity'),
  )
  .meta({
    id: 'TradeRequest',
    description: 'A quantity to trade at once.',
    example: { market_id: MARKET_ID, outcome: 'Yes', side: 'buy', quantity: 100, price: 0.47 },
  });

export type TradeRequestBody = z.output<typeof tradeRequestSchema>;

/** A trade as a request asks for it. */
export interface RequestedTrade {
  market: NamedMarket;
  outcome: string;
  side: OrderSide;
  quantity: MicroShares;
  price: MicroPrice | null;
  notes: string | null;
}

export function fromTradeRequest(body: TradeRequestBody): RequestedTrade {
  return {
    market: marketOf(body.market_id),
    outcome: body.outcome.trim(),
    side: body.side,
    quantity: microShares(body.quantity),
    price: body.price == null ? null : microPrice(body.price),
    notes: body.notes ?? null,
  };
}

const TRADE_FORMATS = ['json', 'csv'] as const;

/** Query of `GET /portfolios/{id}/trades`. */
export const tradeListQuerySchema = querySchema({
  start_date: timeParameter({
    description: 'Only trades since then; a date stands for its first moment, UTC.',
    example: '2026-02-01',
  }).optional(),
  end_date: timeParameter(
    {
      description: 'Only trades until then, that moment included; a date stands for its last moment, UTC.',
      example: '2026-02-28',
    },
    'end',
  ).optional(),
  format: choiceParameter(TRADE_FORMATS, {
    description:
      '`json` answers one page, newest first. `csv` answers every trade that matches, oldest first, whatever the page, and needs an account that may export.',
    example: 'json',
  }).default('json'),
  run: runParameter.optional(),
  ...pageParameters,
}).superRefine((query, context) => {
  checkRange(context, { name: 'start_date', value: query.start_date }, { name: 'end_date', value: query.end_date });
});

export type TradeListQuery = z.output<typeof tradeListQuerySchema>;

export const TRADE_EXAMPLE = {
  id: TRADE_ID,
  portfolio_id: PORTFOLIO_ID,
  order_id: ORDER_ID,
  ...OUTCOME_REF_EXAMPLE,
  market_question: MARKET_QUESTION,
  side: 'buy',
  quantity: 100,
  price: 0.46,
  fee: 0.9936,
  total_value: 46,
  realized_pnl: null,
  liquidity: 'taker',
  midpoint_at_fill: 0.455,
  slippage_bps: 109.89011,
  trade_timestamp: '2026-02-07T09:41:10.020Z',
  created_at: '2026-02-07T09:41:10.031Z',
  notes: null,
} as const;

/** Schema of one trade: one fill at one price. */
export const tradeSchema = z
  .strictObject({
    id: textField('Id of the trade.', TRADE_EXAMPLE.id),
    portfolio_id: textField('The portfolio it belongs to.', TRADE_EXAMPLE.portfolio_id),
    order_id: textField('The order that filled.', TRADE_EXAMPLE.order_id),
    ...outcomeRefFields,
    market_question: textField('What the market asks.', TRADE_EXAMPLE.market_question),
    side: z.enum(ORDER_SIDES).meta({ description: 'Bought or sold.', example: TRADE_EXAMPLE.side }),
    quantity: exactNumberField('Shares.', TRADE_EXAMPLE.quantity),
    price: exactNumberField('USDC a share.', TRADE_EXAMPLE.price),
    fee: exactNumberField('USDC; on top of what was bought, off what was sold for.', TRADE_EXAMPLE.fee),
    total_value: exactNumberField('Price x quantity, USDC, fee not included.', TRADE_EXAMPLE.total_value),
    realized_pnl: exactNumberField(
      'What a sale brought above average cost, before fees; null for buys.',
      12.5,
    ).nullable(),
    liquidity: z
      .enum(LIQUIDITY_ROLES)
      .meta({ description: '`taker`: took displayed size. `maker`: was resting.', example: TRADE_EXAMPLE.liquidity }),
    midpoint_at_fill: exactNumberField(
      'Midpoint of the order book when it filled; null when a side was empty.',
      TRADE_EXAMPLE.midpoint_at_fill,
    ).nullable(),
    slippage_bps: exactNumberField(
      'Hundredths of a percent paid above the arrival midpoint, or got below it; negative when better, null without a midpoint.',
      TRADE_EXAMPLE.slippage_bps,
    ).nullable(),
    trade_timestamp: timestampField("When it filled, by the market's clock.", TRADE_EXAMPLE.trade_timestamp),
    created_at: timestampField('When it was recorded.', TRADE_EXAMPLE.created_at),
    notes: textField('What the request noted.', 'after the jobs report').nullable(),
  })
  .meta({ id: 'Trade', description: 'One fill at one price.', example: TRADE_EXAMPLE });

export type TradeBody = z.infer<typeof tradeSchema>;

export function toTrade(trade: Trade): TradeBody {
  return {
    id: trade.id,
    portfolio_id: trade.portfolioId,
    order_id: trade.orderId,
    ...toOutcomeRef(trade),
    market_question: trade.marketQuestion,
    side: trade.side,
    quantity: toWireNumber(trade.quantity),
    price: toWireNumber(trade.price),
    fee: toWireNumber(trade.fee),
    total_value: toWireNumber(trade.value),
    realized_pnl: wireNumberOrNull(trade.realised),
    liquidity: trade.liquidity,
    midpoint_at_fill: wireNumberOrNull(trade.midpointAtFill),
    slippage_bps: wireNumberOrNull(trade.slippageBps),
    trade_timestamp: trade.tradedAt.toISOString(),
    created_at: trade.createdAt.toISOString(),
    notes: trade.notes,
  };
}

const FILLED_EXAMPLE = { ...TRADE_EXAMPLE, fills: [TRADE_EXAMPLE] } as const;

/** Schema of the answer of `POST /portfolios/{id}/trades`. */
export const filledTradeSchema = z
  .strictObject({
    ...tradeSchema.shape,
    fills: z
      .array(tradeSchema)
      .meta({ description: 'What the order book gave, best price first, each with an id of its own.' }),
  })
  .meta({
    id: 'FilledTrade',
    description:
      'What was traded, over all prices it took: `quantity`, `total_value`, `fee` and `realized_pnl` are sums, `price` and `slippage_bps` averages weighted by shares, rounded to 6 decimals; the rest, `id` among it, is of the first fill.',
    example: FILLED_EXAMPLE,
  });

export interface FilledTradeBody extends TradeBody {
  fills: TradeBody[];
}

/** Sums up the fills of one order, oldest first, of which there is at least one. */
export function toFilledTrade(trades: readonly Trade[]): FilledTradeBody {
  const [first] = trades;
  if (first === undefined) throw new Error('an order that traded has fills');
  const quantity = microShares(sumOf(trades, (trade) => trade.quantity));
  const value = microUsdc(sumOf(trades, (trade) => trade.value));
  const isSale = trades.every((trade) => trade.realised !== null);
  const hasMidpoint = trades.every((trade) => trade.slippageBps !== null);
  return {
    ...toTrade(first),
    quantity: toWireNumber(quantity),
    price: toWireNumber(averagePrice(value, quantity) ?? first.price),
    fee: toWireNumber(sumOf(trades, (trade) => trade.fee)),
    total_value: toWireNumber(value),
    realized_pnl: isSale ? toWireNumber(sumOf(trades, (trade) => trade.realised ?? 0n)) : null,
    slippage_bps: hasMidpoint
      ? toWireNumber(sumOf(trades, (trade) => (trade.slippageBps ?? 0n) * trade.quantity) / quantity)
      : null,
    fills: trades.map(toTrade),
  };
}

function sumOf(trades: readonly Trade[], amountOf: (trade: Trade) => bigint): bigint {
  return trades.reduce((sum, trade) => sum + amountOf(trade), 0n);
}

/** Schema of one page of trades. */
export const tradeListSchema = z
  .strictObject({
    trades: z.array(tradeSchema).meta({ description: 'The page.' }),
    ...pageFields,
    has_more: flagField('Whether a page follows; the same as `has_next`.', false),
  })
  .meta({
    id: 'TradeList',
    description: 'One page of trades, newest first.',
    example: {
      trades: [TRADE_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
      has_more: false,
    },
  });

export interface TradeListBody extends PageBody {
  trades: TradeBody[];
  has_more: boolean;
}

export function toTradeList(trades: readonly Trade[], total: number, page: number, pageSize: number): TradeListBody {
  const paging = toPageBody(total, page, pageSize);
  return { trades: trades.map(toTrade), ...paging, has_more: paging.has_next };
}

/** Columns of the export: the fields of a trade, in their order. */
const CSV_COLUMNS = Object.keys(tradeSchema.shape) as (keyof TradeBody)[];

/** The first row of an export. */
export const TRADE_CSV_HEADER = csvRow(CSV_COLUMNS);

/** One trade as a row of an export. */
export function toTradeCsvRow(trade: Trade): string {
  const body = toTrade(trade);
  return csvRow(CSV_COLUMNS.map((column): CsvCell => body[column]));
}

/** What an export looks like, for the OpenAPI document. */
export const TRADE_CSV_EXAMPLE = TRADE_CSV_HEADER + csvRow(CSV_COLUMNS.map((column): CsvCell => TRADE_EXAMPLE[column]));
