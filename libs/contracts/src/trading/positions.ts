import {
  averagePrice,
  MARK_SOURCES,
  percentOf,
  type Portfolio,
  POSITION_STATUSES,
  toWireNumber,
  toWireStatistic,
  type Valuation,
  type ValuedPosition,
} from '@app/domain';
import { z } from 'zod';
import { choiceParameter, querySchema } from '../parameters';
import { countField, exactNumberField, textField, timestampField, wireNumberOrNull } from '../scalars';
import { OUTCOME_REF_EXAMPLE, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import { PORTFOLIO_EXAMPLE, type PortfolioBody, portfolioFields, toPortfolio } from './portfolios';
import { MARKET_QUESTION } from './request-fields';

/** Query of `GET /portfolios/{id}/positions`. */
export const positionListQuerySchema = querySchema({
  status: choiceParameter(POSITION_STATUSES, {
    description: 'Only positions that stand so.',
    example: 'open',
  }).optional(),
});

export type PositionListQuery = z.output<typeof positionListQuerySchema>;

export const POSITION_EXAMPLE = {
  ...OUTCOME_REF_EXAMPLE,
  market_question: MARKET_QUESTION,
  quantity: 1200,
  reserved_quantity: 0,
  average_price: 0.4,
  cost_basis: 480,
  current_price: 0.455,
  price_source: 'book',
  price_at: '2026-02-07T10:04:59.870Z',
  unpriced_reason: null,
  market_value: 546,
  liquidation_value: 534.0531,
  unrealized_pnl: 66,
  realized_pnl: 0,
  fees_paid: 5.7575,
  status: 'open',
  opened_at: '2026-02-07T09:41:10.020Z',
  updated_at: '2026-02-07T10:02:11.412Z',
} as const;

/** Schema of a position. */
export const positionSchema = z
  .strictObject({
    ...outcomeRefFields,
    market_question: textField('What the market asks.', POSITION_EXAMPLE.market_question),
    quantity: exactNumberField('Shares held.', POSITION_EXAMPLE.quantity),
    reserved_quantity: exactNumberField(
      'How many of them are held for open sales.',
      POSITION_EXAMPLE.reserved_quantity,
    ),
    average_price: exactNumberField(
      'What a share held cost on average, fees not included, rounded to 6 decimals; null without shares.',
      POSITION_EXAMPLE.average_price,
    ).nullable(),
    cost_basis: exactNumberField('What the shares held cost, fees not included.', POSITION_EXAMPLE.cost_basis),
    current_price: exactNumberField(
      'The mark: the midpoint of the order book now, or the quote of the venue; null without shares, and when there is none.',
      POSITION_EXAMPLE.current_price,
    ).nullable(),
    price_source: z
      .enum(MARK_SOURCES)
      .nullable()
      .meta({ description: 'Where `current_price` was read.', example: POSITION_EXAMPLE.price_source }),
    price_at: timestampField('When the source had it.', POSITION_EXAMPLE.price_at).nullable(),
    unpriced_reason: textField(
      'Why there is no `current_price`.',
      'Polymarket gives no quote with the market.',
    ).nullable(),
    market_value: exactNumberField(
      'Shares at `current_price`; null when there is none, never 0 for it.',
      POSITION_EXAMPLE.market_value,
    ).nullable(),
    liquidation_value: exactNumberField(
      'What selling all into the bids displayed now would bring, fee off; null when the book cannot be read.',
      POSITION_EXAMPLE.liquidation_value,
    ).nullable(),
    unrealized_pnl: exactNumberField(
      '`market_value` less `cost_basis`; null when there is no price.',
      POSITION_EXAMPLE.unrealized_pnl,
    ).nullable(),
    realized_pnl: exactNumberField(
      'What sales, merges and settlement brought above cost, before fees.',
      POSITION_EXAMPLE.realized_pnl,
    ),
    fees_paid: exactNumberField('Fees of its trades.', POSITION_EXAMPLE.fees_paid),
    status: z.enum(POSITION_STATUSES).meta({
      description: '`open`: shares are held. `closed`: all were sold or merged. `settled`: the market paid.',
      example: POSITION_EXAMPLE.status,
    }),
    opened_at: timestampField('When its first share came.', POSITION_EXAMPLE.opened_at),
    updated_at: timestampField('When it last changed.', POSITION_EXAMPLE.updated_at),
  })
  .meta({ id: 'Position', description: 'Shares of one outcome.', example: POSITION_EXAMPLE });

export type PositionBody = z.infer<typeof positionSchema>;

export function toPosition({
  position,
  mark,
  unpricedBecause,
  liquidation,
  value,
  unrealised,
}: ValuedPosition): PositionBody {
  const isHeld = position.quantity > 0n;
  return {
    ...toOutcomeRef(position),
    market_question: position.marketQuestion,
    quantity: toWireNumber(position.quantity),
    reserved_quantity: toWireNumber(position.reserved),
    average_price: wireNumberOrNull(averagePrice(position.cost, position.quantity)),
    cost_basis: toWireNumber(position.cost),
    current_price: wireNumberOrNull(isHeld ? (mark?.price ?? null) : null),
    price_source: isHeld ? (mark?.source ?? null) : null,
    price_at: isHeld ? (mark?.at.toISOString() ?? null) : null,
    unpriced_reason: isHeld ? unpricedBecause : null,
    market_value: wireNumberOrNull(value),
    liquidation_value: isHeld ? wireNumberOrNull(liquidation?.value ?? null) : 0,
    unrealized_pnl: wireNumberOrNull(unrealised),
    realized_pnl: toWireNumber(position.realised),
    fees_paid: toWireNumber(position.fees),
    status: position.status,
    opened_at: position.openedAt.toISOString(),
    updated_at: position.updatedAt.toISOString(),
  };
}

const DETAIL_EXAMPLE = {
  ...PORTFOLIO_EXAMPLE,
  positions: [POSITION_EXAMPLE],
  total_value: 10060.2425,
  total_pnl: 60.2425,
  total_pnl_percent: 0.602425,
  liquidation_value: 10048.2956,
  unpriced_positions: 0,
} as const;

/** Schema of `GET /portfolios/{id}`. */
export const portfolioDetailSchema = z
  .strictObject({
    ...portfolioFields,
    positions: z.array(positionSchema).meta({ description: 'Positions of this run, open and settled.' }),
    total_value: exactNumberField(
      'Cash, reserved cash and the shares at their marks, less what is owed; a position without a price is left out.',
      DETAIL_EXAMPLE.total_value,
    ),
    total_pnl: exactNumberField(
      'Realised and unrealised, less fees; a position without a price has no unrealised.',
      DETAIL_EXAMPLE.total_pnl,
    ),
    total_pnl_percent: exactNumberField(
      '`total_pnl` in percent of the initial balance, rounded to 6 decimals.',
      DETAIL_EXAMPLE.total_pnl_percent,
    ),
    liquidation_value: exactNumberField(
      'Cash, reserved cash and what selling everything into the bids now would bring; null when a book cannot be read.',
      DETAIL_EXAMPLE.liquidation_value,
    ).nullable(),
    unpriced_positions: countField(
      'Open positions without a price; they are in none of the totals.',
      DETAIL_EXAMPLE.unpriced_positions,
    ),
  })
  .meta({
    id: 'PortfolioDetail',
    description: 'A portfolio with its positions and what it is worth now.',
    example: DETAIL_EXAMPLE,
  });

export interface PortfolioDetailBody extends PortfolioBody {
  positions: PositionBody[];
  total_value: number;
  total_pnl: number;
  total_pnl_percent: number;
  liquidation_value: number | null;
  unpriced_positions: number;
}

export function toPortfolioDetail(portfolio: Portfolio, valuation: Valuation): PortfolioDetailBody {
  return {
    ...toPortfolio(portfolio),
    positions: valuation.positions.map(toPosition),
    total_value: toWireNumber(valuation.totalValue),
    total_pnl: toWireNumber(valuation.totalPnl),
    total_pnl_percent: toWireStatistic(percentOf(valuation.totalPnl, portfolio.initialBalance)),
    liquidation_value: wireNumberOrNull(valuation.liquidationEquity.value),
    unpriced_positions: valuation.unpriced,
  };
}
