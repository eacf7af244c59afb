import { LEDGER_ACCOUNTS, LEDGER_KINDS, type LedgerEntry, microUsdc, toWireNumber } from '@app/domain';
import { z } from 'zod';
import { type PageBody, pageFields, pageParameters, toPageBody } from '../pagination';
import { querySchema } from '../parameters';
import { countField, exactNumberField, textField, timestampField } from '../scalars';
import { OUTCOME_REF_EXAMPLE, outcomeRefFields, toOutcomeRef } from './outcome-ref';
import { CONDITION_ID, ORDER_ID, TRADE_ID } from './request-fields';

/** Query of `GET /portfolios/{id}/ledger`. */
export const ledgerQuerySchema = querySchema({ ...pageParameters });

export type LedgerQuery = z.output<typeof ledgerQuerySchema>;

const ENTRY_EXAMPLE = {
  seq: 3,
  run: 1,
  kind: 'buy',
  description:
    'Bought 1200 shares of Yes of "Will the Fed cut rates in June?" at 0.4 as taker, for 480 USDC and a fee of 5.7575 USDC.',
  at: '2026-02-07T09:41:10.020Z',
  postings: [
    { account: 'reserved', amount: -485.7575 },
    { account: 'positions', amount: 480 },
    { account: 'fees', amount: 5.7575 },
  ],
  cash_after: 9514.2425,
  reserved_after: 0,
  balance_after: 9514.2425,
  shares: [{ ...OUTCOME_REF_EXAMPLE, change: 1200, quantity_after: 1200 }],
  order_id: ORDER_ID,
  trade_id: TRADE_ID,
  settlement_key: null,
} as const;

const postingSchema = z
  .strictObject({
    account: z.enum(LEDGER_ACCOUNTS).meta({
      description:
        'What the portfolio has (`cash`, `reserved`, `positions` at cost), what it paid (`fees`), earned (`realised`, gains negative) and has to give back (`owed`, negative), and where its money came from (`external`, deposits negative).',
      example: 'reserved',
    }),
    amount: exactNumberField('USDC; what comes into the account is positive.', -485.7575),
  })
  .meta({ id: 'LedgerPosting', description: "One account's part of an entry." });

const movementSchema = z
  .strictObject({
    ...outcomeRefFields,
    change: exactNumberField('Shares that came; negative for those that went.', 1200),
    quantity_after: exactNumberField('Shares held after it.', 1200),
  })
  .meta({ id: 'ShareMovement', description: 'A change of shares that goes with an entry.' });

/** Schema of one entry of the ledger. */
export const ledgerEntrySchema = z
  .strictObject({
    seq: countField('Number of the entry, from 1 without holes, over all runs.', ENTRY_EXAMPLE.seq),
    run: countField('The run it belongs to.', ENTRY_EXAMPLE.run),
    kind: z.enum(LEDGER_KINDS).meta({ description: 'What happened.', example: ENTRY_EXAMPLE.kind }),
    description: textField('The same as a sentence.', ENTRY_EXAMPLE.description),
    at: timestampField('When it happened.', ENTRY_EXAMPLE.at),
    postings: z.array(postingSchema).meta({ description: 'Double entry: the amounts sum to zero.' }),
    cash_after: exactNumberField('USDC free to use after it.', ENTRY_EXAMPLE.cash_after),
    reserved_after: exactNumberField('USDC held for open orders after it.', ENTRY_EXAMPLE.reserved_after),
    balance_after: exactNumberField('The two together.', ENTRY_EXAMPLE.balance_after),
    shares: z.array(movementSchema).meta({ description: 'Shares that moved with it.' }),
    order_id: textField('The order it belongs to.', ORDER_ID).nullable(),
    trade_id: textField('The trade it belongs to.', TRADE_ID).nullable(),
    settlement_key: textField(
      'The resolution that was paid or reversed: condition id and version.',
      `${CONDITION_ID}:1`,
    ).nullable(),
  })
  .meta({ id: 'LedgerEntry', description: 'One movement of paper money.', example: ENTRY_EXAMPLE });

export type LedgerEntryBody = z.infer<typeof ledgerEntrySchema>;

export function toLedgerEntry(entry: LedgerEntry): LedgerEntryBody {
  return {
    seq: entry.seq,
    run: entry.run,
    kind: entry.kind,
    description: entry.description,
    at: entry.at.toISOString(),
    postings: entry.postings.map(({ account, amount }) => ({ account, amount: toWireNumber(amount) })),
    cash_after: toWireNumber(entry.cashAfter),
    reserved_after: toWireNumber(entry.reservedAfter),
    balance_after: toWireNumber(microUsdc(entry.cashAfter + entry.reservedAfter)),
    shares: entry.shares.map((movement) => ({
      ...toOutcomeRef(movement),
      change: toWireNumber(movement.change),
      quantity_after: toWireNumber(movement.quantityAfter),
    })),
    order_id: entry.orderId,
    trade_id: entry.tradeId,
    settlement_key: entry.settlementKey,
  };
}

/** Schema of one page of the ledger. */
export const ledgerSchema = z
  .strictObject({ entries: z.array(ledgerEntrySchema).meta({ description: 'The page.' }), ...pageFields })
  .meta({
    id: 'Ledger',
    description: 'One page of the ledger, the oldest entry first.',
    example: {
      entries: [ENTRY_EXAMPLE],
      total: 1,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    },
  });

export interface LedgerBody extends PageBody {
  entries: LedgerEntryBody[];
}

export function toLedger(entries: readonly LedgerEntry[], total: number, page: number, pageSize: number): LedgerBody {
  return { entries: entries.map(toLedgerEntry), ...toPageBody(total, page, pageSize) };
}
