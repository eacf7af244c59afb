import {
  type EvidenceGrade,
  type FeeSchedule,
  type LiquidityRole,
  type MicroPrice,
  type MicroShares,
  microShares,
  microUsdc,
  type MicroUsdc,
  type OrderSide,
  type RunEntry,
} from '@app/domain';
import { Connection, mongo } from 'mongoose';
import { fromInt64 } from '../int64';
import { storeCall } from '../store-call';
import { keysUnder } from './composite-key';
import { ledgerKey, StoredLedgerEntry } from './ledger-entry.record';
import { readMoney } from './money-fields';
import { StoredFeeSchedule, toFeeSchedule } from './stored-fields';
import { StoredTrade } from './trade.record';
import { TradingModels, tradingModels } from './trading-writes';

/** What of a fill its analysis needs. */
export interface FillOfRun {
  marketId: string;
  tokenId: string;
  side: OrderSide;
  quantity: MicroShares;
  price: MicroPrice;
  value: MicroUsdc;
  fee: MicroUsdc;
  liquidity: LiquidityRole;
  midpointAtFill: MicroPrice | null;
  arrivalMidpoint: MicroPrice | null;
  grade: EvidenceGrade;
  feeSchedule: FeeSchedule | null;
  at: Date;
}

/** A midpoint that was seen as something filled. */
export interface SeenMidpoint {
  tokenId: string;
  midpoint: MicroPrice;
  at: Date;
}

/** Where a portfolio stood at a moment: the run that was current, and the last entry of its ledger. */
export interface LedgerMoment {
  run: number;
  seq: number;
}

/** Reads for the analysis of whole runs: few fields of many documents, in one pass each. */
export class RunHistoryRepository {
  private readonly models: TradingModels;

  constructor(connection: Connection) {
    this.models = tradingModels(connection);
  }

  /** Hands over the entries of a run after one number and up to another, in order. */
  async eachEntry(
    { portfolioId, run, afterSeq, lastSeq }: { portfolioId: string; run: number; afterSeq: number; lastSeq: number },
    take: (entry: RunEntry) => void,
  ): Promise<void> {
    const range = { $gt: ledgerKey(portfolioId, afterSeq), $lte: ledgerKey(portfolioId, lastSeq) };
    const cursor = this.models.ledger.collection.find<StoredRunEntry>({ _id: range, run } as object, {
      projection: ENTRY_FIELDS,
      sort: { _id: 1 },
      ...BULK,
    });
    await eachOf(cursor, (stored) => take(toRunEntry(stored)));
  }

  /** Returns where a portfolio stood at a moment; null before its first entry. */
  async findMoment(portfolioId: string, at: Date): Promise<LedgerMoment | null> {
    return storeCall(async () => {
      const stored = await this.models.ledger.collection.findOne<Pick<StoredLedgerEntry, 'run' | 'seq'>>(
        { _id: keysUnder(portfolioId), created_at: { $lte: at } } as object,
        { projection: { _id: 0, run: 1, seq: 1 }, sort: { _id: -1 } },
      );
      return stored;
    });
  }

  /** Returns the fills of a run up to a moment, oldest first. */
  async listFills(portfolioId: string, run: number, until: Date): Promise<FillOfRun[]> {
    return storeCall(async () => {
      const stored = await this.models.trades.collection
        .find<StoredFill>(
          { portfolio_id: portfolioId, run, traded_at: { $lte: until } },
          {
            projection: FILL_FIELDS,
            sort: { traded_at: 1, _id: 1 },
            ...BULK,
          },
        )
        .toArray();
      return stored.map(toFill);
    });
  }

  /** Hands over the midpoints seen at the fills of a run after one moment and up to another, oldest first. */
  async eachMidpoint(
    { portfolioId, run, after, until }: { portfolioId: string; run: number; after: Date; until: Date },
    take: (seen: SeenMidpoint) => void,
  ): Promise<void> {
    const cursor = this.models.trades.collection.find<StoredMidpoint>(
      { portfolio_id: portfolioId, run, traded_at: { $gt: after, $lte: until } },
      { projection: MIDPOINT_FIELDS, sort: { traded_at: 1, _id: 1 }, ...BULK },
    );
    await eachOf(cursor, (stored) => {
      const midpoint = readMoney(stored).nullablePrice('midpoint_at_fill');
      if (midpoint !== null) take({ tokenId: stored.token_id, midpoint, at: stored.traded_at });
    });
  }
}

/** Hands over what a cursor finds reply by reply, so that a long list is never in memory as a whole. */
async function eachOf<T>(cursor: mongo.FindCursor<T>, take: (stored: T) => void): Promise<void> {
  await storeCall(async () => {
    try {
      while (await cursor.hasNext()) cursor.readBufferedDocuments().forEach(take);
    } finally {
      await cursor.close();
    }
  });
}

/** An int64 that is read as what it is needs no second form on the way. */
const BULK = { batchSize: 1_000, useBigInt64: true } as const;

const ENTRY_FIELDS = {
  _id: 0,
  kind: 1,
  postings: 1,
  cash_after: 1,
  reserved_after: 1,
  'shares.token_id': 1,
  'shares.change': 1,
  settlement_key: 1,
  created_at: 1,
} as const;

type StoredRunEntry = Pick<
  StoredLedgerEntry,
  'kind' | 'postings' | 'cash_after' | 'reserved_after' | 'settlement_key' | 'created_at'
> & { shares: Pick<StoredLedgerEntry['shares'][number], 'token_id' | 'change'>[] };

function toRunEntry(stored: StoredRunEntry): RunEntry {
  return {
    kind: stored.kind,
    postings: stored.postings.map(({ account, amount }) => ({
      account,
      amount: microUsdc(fromInt64(amount, 'postings.amount')),
    })),
    cashAfter: microUsdc(fromInt64(stored.cash_after, 'cash_after')),
    reservedAfter: microUsdc(fromInt64(stored.reserved_after, 'reserved_after')),
    shares: stored.shares.map(({ token_id: tokenId, change }) => ({
      tokenId,
      change: microShares(fromInt64(change, 'shares.change')),
    })),
    settlementKey: stored.settlement_key ?? null,
    at: stored.created_at,
  };
}

const FILL_FIELDS = {
  _id: 0,
  market_id: 1,
  token_id: 1,
  side: 1,
  quantity: 1,
  price: 1,
  value: 1,
  fee: 1,
  liquidity: 1,
  midpoint_at_fill: 1,
  'receipt.arrival_midpoint': 1,
  'receipt.grade': 1,
  'receipt.fee_schedule': 1,
  traded_at: 1,
} as const;

type StoredReceiptPart = Pick<StoredTrade['receipt'], 'arrival_midpoint' | 'grade'> & {
  fee_schedule: StoredFeeSchedule | null;
};
type StoredFill = Pick<
  StoredTrade,
  | 'market_id'
  | 'token_id'
  | 'side'
  | 'quantity'
  | 'price'
  | 'value'
  | 'fee'
  | 'liquidity'
  | 'midpoint_at_fill'
  | 'traded_at'
> & { receipt: StoredReceiptPart };

function toFill(stored: StoredFill): FillOfRun {
  const money = readMoney(stored);
  return {
    marketId: stored.market_id,
    tokenId: stored.token_id,
    side: stored.side,
    quantity: money.shares('quantity'),
    price: money.price('price'),
    value: money.usdc('value'),
    fee: money.usdc('fee'),
    liquidity: stored.liquidity,
    midpointAtFill: money.nullablePrice('midpoint_at_fill'),
    arrivalMidpoint: readMoney(stored.receipt, 'receipt.').nullablePrice('arrival_midpoint'),
    grade: stored.receipt.grade,
    feeSchedule: toFeeSchedule(stored.receipt.fee_schedule, 'receipt.fee_schedule'),
    at: stored.traded_at,
  };
}

const MIDPOINT_FIELDS = { _id: 0, token_id: 1, midpoint_at_fill: 1, traded_at: 1 } as const;
type StoredMidpoint = Pick<StoredTrade, 'token_id' | 'midpoint_at_fill' | 'traded_at'>;
