import {
  EXECUTION_PROFILES,
  type ExecutionProfile,
  LATENCY_PROFILES,
  type LatencyProfile,
  MICRO,
  microUsdc,
  type MicroUsdc,
  type Portfolio,
  toWireNumber,
} from '@app/domain';
import { z } from 'zod';
import { bodyOf, choiceBodyField, decimalBodyField, flagBodyField, wordsBodyField } from '../body-fields';
import { countField, exactNumberField, flagField, textField, timestampField } from '../scalars';
import { PORTFOLIO_ID, USER_ID } from './request-fields';

export const MAX_PORTFOLIO_NAME_LENGTH = 100;
export const MAX_DESCRIPTION_LENGTH = 1_000;
/** Balances stay well below what a wire number shows exactly, whatever is won. */
const INITIAL_BALANCE_RANGE = { min: MICRO, max: 100_000_000n * MICRO };
const DEFAULT_INITIAL_BALANCE = 10_000n * MICRO;

const nameField = wordsBodyField(MAX_PORTFOLIO_NAME_LENGTH, {
  description: `What to call it, 1 to ${MAX_PORTFOLIO_NAME_LENGTH} characters.`,
  example: 'Macro bets',
});
const descriptionField = wordsBodyField(MAX_DESCRIPTION_LENGTH, {
  description: `What it is for, at most ${MAX_DESCRIPTION_LENGTH} characters.`,
  example: 'Rates and elections',
});

/** Body of `POST /portfolios`. */
export const portfolioRequestSchema = z
  .strictObject(
    {
      name: nameField,
      description: descriptionField.nullish(),
      initial_balance: decimalBodyField(INITIAL_BALANCE_RANGE, {
        description: 'USDC to begin with; 10000 when left out.',
        example: 10000,
      }).nullish(),
      profile: choiceBodyField(EXECUTION_PROFILES, {
        description:
          'How strict fills are: `ideal` (no delay, resting orders fill at the touch), `realistic` or `conservative`; `realistic` when left out.',
        example: 'realistic',
      }).nullish(),
      latency: choiceBodyField(LATENCY_PROFILES, {
        description:
          'How long its orders travel: `ideal` not at all, `colocated` 5 ms, `retail` 120 ms and more, `recorded` as this server measured; what goes with the profile when left out.',
        example: 'colocated',
      }).nullish(),
    },
    bodyOf('send a JSON object with name'),
  )
  .meta({
    id: 'PortfolioRequest',
    description: 'A portfolio to open.',
    example: { name: 'Macro bets', description: 'Rates and elections', initial_balance: 10000 },
  });

export type PortfolioRequest = z.output<typeof portfolioRequestSchema>;

/** A portfolio as a request asks for it. */
export interface RequestedPortfolio {
  name: string;
  description: string | null;
  initialBalance: MicroUsdc;
  profile?: ExecutionProfile;
  latency?: LatencyProfile;
}

export function fromPortfolioRequest(body: PortfolioRequest): RequestedPortfolio {
  return {
    name: body.name.trim(),
    description: body.description?.trim() ?? null,
    initialBalance: microUsdc(body.initial_balance ?? DEFAULT_INITIAL_BALANCE),
    ...(body.profile == null ? {} : { profile: body.profile }),
    ...(body.latency == null ? {} : { latency: body.latency }),
  };
}

/** Body of `PATCH /portfolios/{id}`. */
export const portfolioChangeRequestSchema = z
  .strictObject(
    {
      name: nameField.optional(),
      description: descriptionField.nullable().optional(),
      is_active: flagBodyField({
        description: 'Whether it takes new orders; what rests already goes on.',
        example: false,
      }).optional(),
    },
    bodyOf('send a JSON object with name, description or is_active'),
  )
  .superRefine((body, context) => {
    if (Object.values(body).some((value) => value !== undefined)) return;
    for (const field of ['name', 'description', 'is_active']) {
      context.addIssue({ code: 'custom', path: [field], message: 'give name, description or is_active' });
    }
  })
  .meta({
    id: 'PortfolioChangeRequest',
    description: 'What to change of a portfolio; at least one of the three. A description of null removes it.',
    example: { name: 'Macro bets, second half' },
  });

export type PortfolioChangeRequest = z.output<typeof portfolioChangeRequestSchema>;

export function fromPortfolioChange(body: PortfolioChangeRequest): {
  name?: string;
  description?: string | null;
  isActive?: boolean;
} {
  return {
    ...(body.name === undefined ? {} : { name: body.name.trim() }),
    ...(body.description === undefined ? {} : { description: body.description?.trim() ?? null }),
    ...(body.is_active === undefined ? {} : { isActive: body.is_active }),
  };
}

export const PORTFOLIO_EXAMPLE = {
  id: PORTFOLIO_ID,
  user_id: USER_ID,
  name: 'Macro bets',
  description: 'Rates and elections',
  initial_balance: 10000,
  cash_balance: 9474.2425,
  reserved_cash: 40,
  owed: 0,
  realized_pnl: 0,
  fees_paid: 5.7575,
  open_orders: 1,
  profile: 'realistic',
  latency: 'colocated',
  run: 1,
  created_at: '2026-02-07T09:30:00.000Z',
  updated_at: '2026-02-07T10:02:11.412Z',
  is_active: true,
} as const;

/** The fields of a portfolio. */
export const portfolioFields = {
  id: textField('Id of the portfolio.', PORTFOLIO_EXAMPLE.id),
  user_id: textField('Whose it is.', PORTFOLIO_EXAMPLE.user_id),
  name: textField('What it is called.', PORTFOLIO_EXAMPLE.name),
  description: textField('What it is for.', PORTFOLIO_EXAMPLE.description).nullable(),
  initial_balance: exactNumberField('USDC every run begins with.', PORTFOLIO_EXAMPLE.initial_balance),
  cash_balance: exactNumberField('USDC free to use.', PORTFOLIO_EXAMPLE.cash_balance),
  reserved_cash: exactNumberField('USDC held for open orders, beside `cash_balance`.', PORTFOLIO_EXAMPLE.reserved_cash),
  owed: exactNumberField(
    'USDC a changed resolution took back that there was no cash for; paid from what comes in next. 0 as a rule.',
    PORTFOLIO_EXAMPLE.owed,
  ),
  realized_pnl: exactNumberField(
    'USDC that sales, merges and settlements of this run brought above average cost, before fees.',
    PORTFOLIO_EXAMPLE.realized_pnl,
  ),
  fees_paid: exactNumberField('USDC of fees of this run.', PORTFOLIO_EXAMPLE.fees_paid),
  open_orders: countField('Orders that still work.', PORTFOLIO_EXAMPLE.open_orders),
  profile: z
    .enum(EXECUTION_PROFILES)
    .meta({ description: 'How strict its fills are.', example: PORTFOLIO_EXAMPLE.profile }),
  latency: z
    .enum(LATENCY_PROFILES)
    .meta({ description: 'How long its orders travel.', example: PORTFOLIO_EXAMPLE.latency }),
  run: countField('From 1; a reset begins the next.', PORTFOLIO_EXAMPLE.run),
  created_at: timestampField('When it was opened.', PORTFOLIO_EXAMPLE.created_at),
  updated_at: timestampField('When it last changed.', PORTFOLIO_EXAMPLE.updated_at),
  is_active: flagField('Whether it takes new orders.', PORTFOLIO_EXAMPLE.is_active),
};

/** Schema of a portfolio. */
export const portfolioSchema = z
  .strictObject(portfolioFields)
  .meta({ id: 'Portfolio', description: 'A portfolio.', example: PORTFOLIO_EXAMPLE });

export type PortfolioBody = z.infer<typeof portfolioSchema>;

export function toPortfolio(portfolio: Portfolio): PortfolioBody {
  return {
    id: portfolio.id,
    user_id: portfolio.userId,
    name: portfolio.name,
    description: portfolio.description,
    initial_balance: toWireNumber(portfolio.initialBalance),
    cash_balance: toWireNumber(portfolio.cash),
    reserved_cash: toWireNumber(portfolio.reserved),
    owed: toWireNumber(portfolio.owed),
    realized_pnl: toWireNumber(portfolio.realised),
    fees_paid: toWireNumber(portfolio.fees),
    open_orders: portfolio.openOrders,
    profile: portfolio.profile,
    latency: portfolio.latency,
    run: portfolio.run,
    created_at: portfolio.createdAt.toISOString(),
    updated_at: portfolio.updatedAt.toISOString(),
    is_active: portfolio.isActive,
  };
}
