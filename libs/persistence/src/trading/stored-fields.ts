import { type FeeSchedule, type MarketOutcomeRef, partsPerMillion } from '@app/domain';
import { Schema } from 'mongoose';
import { fromInt64, StoredInt64 } from '../int64';

export const TEXT = { type: String, required: true } as const;
export const OPTIONAL_TEXT = { type: String, default: null } as const;
export const DATE = { type: Date, required: true } as const;
export const OPTIONAL_DATE = { type: Date, default: null } as const;
export const COUNT = { type: Number, required: true } as const;
export const FLAG = { type: Boolean, required: true } as const;
export const INT64 = { type: Schema.Types.BigInt, required: true } as const;
export const OPTIONAL_INT64 = { type: Schema.Types.BigInt, default: null } as const;
/** Options of the schema of a part of a document. */
export const PART = { _id: false, strict: 'throw' } as const;

/** One outcome of one market, as documents name it. */
export interface StoredOutcomeRef {
  market_id: string;
  condition_id: string;
  token_id: string;
  outcome: string;
  outcome_index: number;
}

export const OUTCOME_REF_FIELDS = {
  market_id: TEXT,
  condition_id: TEXT,
  token_id: TEXT,
  outcome: TEXT,
  outcome_index: COUNT,
} as const;

export function toStoredOutcomeRef(ref: MarketOutcomeRef): StoredOutcomeRef {
  return {
    market_id: ref.marketId,
    condition_id: ref.conditionId,
    token_id: ref.tokenId,
    outcome: ref.outcome,
    outcome_index: ref.outcomeIndex,
  };
}

export function toOutcomeRef(stored: StoredOutcomeRef): MarketOutcomeRef {
  return {
    marketId: stored.market_id,
    conditionId: stored.condition_id,
    tokenId: stored.token_id,
    outcome: stored.outcome,
    outcomeIndex: stored.outcome_index,
  };
}

export interface StoredFeeSchedule {
  type: string | null;
  rate: StoredInt64;
  exponent: number;
  taker_only: boolean;
  rebate_rate: StoredInt64;
}

export const FEE_SCHEDULE_FIELD = {
  type: new Schema<StoredFeeSchedule>(
    { type: OPTIONAL_TEXT, rate: INT64, exponent: COUNT, taker_only: FLAG, rebate_rate: INT64 },
    PART,
  ),
  default: null,
} as const;

export function toStoredFeeSchedule(fees: FeeSchedule | null): StoredFeeSchedule | null {
  if (fees === null) return null;
  return {
    type: fees.type,
    rate: fees.rate,
    exponent: fees.exponent,
    taker_only: fees.takerOnly,
    rebate_rate: fees.rebateRate,
  };
}

export function toFeeSchedule(stored: StoredFeeSchedule | null, field: string): FeeSchedule | null {
  if (stored === null) return null;
  return {
    type: stored.type,
    rate: partsPerMillion(fromInt64(stored.rate, `${field}.rate`)),
    exponent: stored.exponent,
    takerOnly: stored.taker_only,
    rebateRate: partsPerMillion(fromInt64(stored.rebate_rate, `${field}.rebate_rate`)),
  };
}
