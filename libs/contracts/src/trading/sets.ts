import {
  averagePrice,
  type MicroShares,
  microShares,
  type Portfolio,
  type Position,
  POSITION_STATUSES,
  toWireNumber,
} from '@app/domain';
import { z } from 'zod';
import { bodyOf } from '../body-fields';
import { exactNumberField, wireNumberOrNull } from '../scalars';
import { OUTCOME_REF_EXAMPLE, type OutcomeRefBody, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import { PORTFOLIO_EXAMPLE, type PortfolioBody, portfolioSchema, toPortfolio } from './portfolios';
import {
  MARKET_ID,
  marketIdBodyField,
  marketOf,
  type NamedMarket,
  quantityBodyField,
  TOKEN_ID,
} from './request-fields';

/** Body of `POST /portfolios/{id}/split` and `/merge`. */
export const completeSetsRequestSchema = z
  .strictObject(
    {
      market_id: marketIdBodyField,
      quantity: quantityBodyField({ description: 'Complete sets: one share of every outcome each.', example: 100 }),
    },
    bodyOf('send a JSON object with market_id and quantity'),
  )
  .meta({
    id: 'CompleteSetsRequest',
    description: 'A number of complete sets of one market.',
    example: { market_id: MARKET_ID, quantity: 100 },
  });

export type CompleteSetsRequest = z.output<typeof completeSetsRequestSchema>;

export function fromCompleteSets(body: CompleteSetsRequest): { market: NamedMarket; quantity: MicroShares } {
  return { market: marketOf(body.market_id), quantity: microShares(body.quantity) };
}

const HOLDING_EXAMPLE = {
  ...OUTCOME_REF_EXAMPLE,
  quantity: 100,
  reserved_quantity: 0,
  average_price: 0.5,
  cost_basis: 50,
  realized_pnl: 0,
  status: 'open',
} as const;

/** Schema of the shares of one outcome after a split or merge. */
const holdingSchema = z
  .strictObject({
    ...outcomeRefFields,
    quantity: exactNumberField('Shares held.', HOLDING_EXAMPLE.quantity),
    reserved_quantity: exactNumberField('How many of them are held for open sales.', HOLDING_EXAMPLE.reserved_quantity),
    average_price: exactNumberField(
      'What a share held cost on average, rounded to 6 decimals; null without shares.',
      HOLDING_EXAMPLE.average_price,
    ).nullable(),
    cost_basis: exactNumberField('What the shares held cost.', HOLDING_EXAMPLE.cost_basis),
    realized_pnl: exactNumberField('What was realised above cost, before fees.', HOLDING_EXAMPLE.realized_pnl),
    status: z
      .enum(POSITION_STATUSES)
      .meta({ description: 'How the position stands.', example: HOLDING_EXAMPLE.status }),
  })
  .meta({ id: 'Holding', description: 'Shares of one outcome, without their price.' });

/** Schema of the answer of a split or merge. */
export const setsChangedSchema = z
  .strictObject({
    portfolio: portfolioSchema,
    positions: z.array(holdingSchema).meta({ description: "The market's outcomes, in its order." }),
  })
  .meta({
    id: 'SetsChanged',
    description: 'The portfolio and its shares of the market after it.',
    example: {
      portfolio: { ...PORTFOLIO_EXAMPLE, cash_balance: 9900, reserved_cash: 0, fees_paid: 0, open_orders: 0 },
      positions: [
        HOLDING_EXAMPLE,
        {
          ...HOLDING_EXAMPLE,
          outcome: 'No',
          outcome_index: 1,
          token_id: TOKEN_ID.replace(/^7/, '8'),
        },
      ],
    },
  });

interface HoldingBody extends OutcomeRefBody {
  quantity: number;
  reserved_quantity: number;
  average_price: number | null;
  cost_basis: number;
  realized_pnl: number;
  status: Position['status'];
}

export interface SetsChangedBody {
  portfolio: PortfolioBody;
  positions: HoldingBody[];
}

export function toSetsChanged(portfolio: Portfolio, positions: readonly Position[]): SetsChangedBody {
  return {
    portfolio: toPortfolio(portfolio),
    positions: positions.map((position) => ({
      ...toOutcomeRef(position),
      quantity: toWireNumber(position.quantity),
      reserved_quantity: toWireNumber(position.reserved),
      average_price: wireNumberOrNull(averagePrice(position.cost, position.quantity)),
      cost_basis: toWireNumber(position.cost),
      realized_pnl: toWireNumber(position.realised),
      status: position.status,
    })),
  };
}
