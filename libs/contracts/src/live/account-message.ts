import {
  averagePrice,
  type LedgerAccount,
  type LedgerEntry,
  negate,
  type Order,
  type Portfolio,
  type Position,
  POSITION_STATUSES,
  toWireNumber,
  type Trade,
} from '@app/domain';
import { z } from 'zod';
import { countField, exactNumberField, textField, timestampField, wireNumberOrNull } from '../scalars';
import { OUTCOME_REF_EXAMPLE, type OutcomeRefBody, outcomeRefFields, toOutcomeRef } from '../trading/outcome-ref';
import {
  type FillBody,
  fillSchema,
  type OrderUpdateBody,
  orderUpdateSchema,
  toFill,
  toOrderUpdate,
} from '../trading/orders';
import { CONDITION_ID, MARKET_QUESTION, PORTFOLIO_ID } from '../trading/request-fields';

/**
 * What is told of a portfolio after each change of it is stored. The portfolio's version orders the messages: it rises by one with every change, and one change may be told in
 * several parts. A part that was seen before, or is of an earlier version, is a repetition. Messages may be lost; what they tell is stored.
 */

const HELD_POSITION_EXAMPLE = {
  ...OUTCOME_REF_EXAMPLE,
  market_question: MARKET_QUESTION,
  quantity: 1200,
  reserved_quantity: 0,
  average_price: 0.4,
  cost_basis: 480,
  realized_pnl: 0,
  fees_paid: 5.7575,
  status: 'open',
  opened_at: '2026-02-07T09:41:10.020Z',
  updated_at: '2026-02-07T10:02:11.412Z',
} as const;

/** Schema of a position as it is kept: without a price, which moves without it. */
export const heldPositionSchema = z
  .strictObject({
    ...outcomeRefFields,
    market_question: textField('What the market asks.', HELD_POSITION_EXAMPLE.market_question),
    quantity: exactNumberField('Shares held.', HELD_POSITION_EXAMPLE.quantity),
    reserved_quantity: exactNumberField('How many of them are held for open sales.', 0),
    average_price: exactNumberField(
      'What a share held cost on average, fees not included, rounded to 6 decimals; null without shares.',
      HELD_POSITION_EXAMPLE.average_price,
    ).nullable(),
    cost_basis: exactNumberField('What the shares held cost, fees not included.', HELD_POSITION_EXAMPLE.cost_basis),
    realized_pnl: exactNumberField('What sales, merges and settlement brought above cost, before fees.', 0),
    fees_paid: exactNumberField('Fees of its trades.', HELD_POSITION_EXAMPLE.fees_paid),
    status: z.enum(POSITION_STATUSES).meta({
      description: '`open`: shares are held. `closed`: all were sold or merged. `settled`: the market paid.',
      example: HELD_POSITION_EXAMPLE.status,
    }),
    opened_at: timestampField('When its first share came.', HELD_POSITION_EXAMPLE.opened_at),
    updated_at: timestampField('When it last changed.', HELD_POSITION_EXAMPLE.updated_at),
  })
  .meta({ id: 'HeldPosition', description: 'Shares of one outcome, without a price.', example: HELD_POSITION_EXAMPLE });

export interface HeldPositionBody extends OutcomeRefBody {
  market_question: string;
  quantity: number;
  reserved_quantity: number;
  average_price: number | null;
  cost_basis: number;
  realized_pnl: number;
  fees_paid: number;
  status: Position['status'];
  opened_at: string;
  updated_at: string;
}

export function toHeldPosition(position: Position): HeldPositionBody {
  return {
    ...toOutcomeRef(position),
    market_question: position.marketQuestion,
    quantity: toWireNumber(position.quantity),
    reserved_quantity: toWireNumber(position.reserved),
    average_price: wireNumberOrNull(averagePrice(position.cost, position.quantity)),
    cost_basis: toWireNumber(position.cost),
    realized_pnl: toWireNumber(position.realised),
    fees_paid: toWireNumber(position.fees),
    status: position.status,
    opened_at: position.openedAt.toISOString(),
    updated_at: position.updatedAt.toISOString(),
  };
}

const SETTLEMENT_KINDS = ['settlement', 'settlement_reversal'] as const;

const SETTLEMENT_EXAMPLE = {
  ...OUTCOME_REF_EXAMPLE,
  kind: 'settlement',
  quantity: 1200,
  value: 1200,
  realized_pnl: 720,
  settlement_key: `${CONDITION_ID}:1`,
  description: `Paid 1200 USDC for 1200 shares of Yes of "${MARKET_QUESTION}".`,
  at: '2026-06-18T18:05:00.000Z',
} as const;

/** Schema of what the result of a market paid for a position, or what was taken back of it. */
export const settlementSchema = z
  .strictObject({
    ...outcomeRefFields,
    kind: z.enum(SETTLEMENT_KINDS).meta({
      description:
        '`settlement`: it was paid. `settlement_reversal`: the result changed, and the payment was taken back.',
      example: SETTLEMENT_EXAMPLE.kind,
    }),
    quantity: exactNumberField('Shares paid, or given back.', SETTLEMENT_EXAMPLE.quantity),
    value: exactNumberField('USDC paid; negative when it was taken back.', SETTLEMENT_EXAMPLE.value),
    realized_pnl: exactNumberField('What it brought above cost.', SETTLEMENT_EXAMPLE.realized_pnl),
    settlement_key: textField('Condition id and version of the result.', SETTLEMENT_EXAMPLE.settlement_key),
    description: textField('The same as a sentence.', SETTLEMENT_EXAMPLE.description),
    at: timestampField('When it was paid.', SETTLEMENT_EXAMPLE.at),
  })
  .meta({ id: 'Settlement', description: 'What a result paid for a position.', example: SETTLEMENT_EXAMPLE });

export type SettlementBody = z.infer<typeof settlementSchema>;

/** Returns what an entry of the ledger settled; null for an entry of another kind. */
export function toSettlement(entry: LedgerEntry): SettlementBody | null {
  const { kind, postings, settlementKey, description, at } = entry;
  const [movement] = entry.shares;
  if (kind !== 'settlement' && kind !== 'settlement_reversal') return null;
  if (movement === undefined || settlementKey === null) return null;
  const posted = (account: LedgerAccount): bigint =>
    postings.reduce((sum, posting) => (posting.account === account ? sum + posting.amount : sum), 0n);
  return {
    ...toOutcomeRef(movement),
    kind,
    quantity: toWireNumber(movement.change < 0n ? negate(movement.change) : movement.change),
    value: toWireNumber(-posted('positions') - posted('realised')),
    realized_pnl: toWireNumber(-posted('realised')),
    settlement_key: settlementKey,
    description,
    at: at.toISOString(),
  };
}

const accountMessageSchema = z.strictObject({
  portfolio_id: textField('The portfolio.', PORTFOLIO_ID),
  version: countField('Its version after the change.', 17),
  part: countField('Which part of the change this is, from 1.', 1),
  parts: countField('How many there are.', 1),
  run: countField('The run of the portfolio.', 1),
  at: timestampField('When it changed.'),
  cash_balance: exactNumberField('Free cash after it.', 9514.2425),
  reserved_cash: exactNumberField('Cash held for orders after it.', 0),
  orders: z.array(orderUpdateSchema),
  fills: z.array(fillSchema),
  positions: z.array(heldPositionSchema),
  settlements: z.array(settlementSchema),
});

/** One part of what changed in a portfolio: its orders as they stand, new fills oldest first, positions as they are, what was settled. */
export interface AccountMessage {
  portfolio_id: string;
  version: number;
  part: number;
  parts: number;
  run: number;
  at: string;
  cash_balance: number;
  reserved_cash: number;
  orders: OrderUpdateBody[];
  fills: FillBody[];
  positions: HeldPositionBody[];
  settlements: SettlementBody[];
}

/** What a stored decision changed. */
export interface AccountNews {
  /** As it is after it. */
  portfolio: Portfolio;
  orders: readonly Order[];
  /** Oldest first. */
  trades: readonly Trade[];
  positions: readonly Position[];
  ledger: readonly LedgerEntry[];
}

/** Most orders, fills, positions and settlements together in one part. */
export const ITEMS_A_PART = 100;

type Items = Pick<AccountMessage, 'orders' | 'fills' | 'positions' | 'settlements'>;

/** Returns what is to be told of a change, at least one part. Amounts beyond 2^33 units are told as the nearest double: what is stored is exact. */
export function toAccountMessages({ portfolio, orders, trades, positions, ledger }: AccountNews): AccountMessage[] {
  const parts = partsOf({
    orders: orders.map(toOrderUpdate),
    fills: trades.map(toFill),
    positions: positions.map(toHeldPosition),
    settlements: ledger.flatMap((entry) => toSettlement(entry) ?? []),
  });
  return parts.map((items, index) => ({
    portfolio_id: portfolio.id,
    version: portfolio.version,
    part: index + 1,
    parts: parts.length,
    run: portfolio.run,
    at: portfolio.updatedAt.toISOString(),
    cash_balance: toWireNumber(portfolio.cash),
    reserved_cash: toWireNumber(portfolio.reserved),
    ...items,
  }));
}

/** Deals the items out, fills before the orders and positions they changed. */
function partsOf(all: Items): Items[] {
  const parts: Items[] = [];
  let room = 0;
  for (const kind of ['fills', 'orders', 'positions', 'settlements'] as const) {
    for (let from = 0; from < all[kind].length;) {
      if (room === 0) {
        parts.push({ orders: [], fills: [], positions: [], settlements: [] });
        room = ITEMS_A_PART;
      }
      const some = all[kind].slice(from, from + room);
      (parts.at(-1)?.[kind] as unknown[]).push(...some);
      from += some.length;
      room -= some.length;
    }
  }
  return parts.length === 0 ? [all] : parts;
}

export function encodeAccountMessage(message: AccountMessage): string {
  return JSON.stringify(message);
}

/** Returns the message a text holds; null for any other text. */
export function decodeAccountMessage(text: string): AccountMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = accountMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
