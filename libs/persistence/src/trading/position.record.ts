import type { Position, PositionStatus } from '@app/domain';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { compositeKey, type KeyRange, keysUnder, numberPart } from './composite-key';
import { readMoney } from './money-fields';
import {
  COUNT,
  INT64,
  OUTCOME_REF_FIELDS,
  StoredOutcomeRef,
  TEXT,
  toOutcomeRef,
  toStoredOutcomeRef,
} from './stored-fields';

const POSITIONS_COLLECTION = 'positions';
const POSITION_VERSION = 1;

export interface StoredPosition extends StoredOutcomeRef, StoredStamps {
  /** Portfolio, run and token. */
  _id: string;
  portfolio_id: string;
  user_id: string;
  run: number;
  market_question: string;
  quantity: StoredInt64;
  reserved: StoredInt64;
  cost: StoredInt64;
  realised: StoredInt64;
  fees: StoredInt64;
  status: PositionStatus;
  settled_version: number | null;
}

export const positionSchema = new Schema<StoredPosition>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    user_id: TEXT,
    run: COUNT,
    ...OUTCOME_REF_FIELDS,
    market_question: TEXT,
    quantity: INT64,
    reserved: INT64,
    cost: INT64,
    realised: INT64,
    fees: INT64,
    status: TEXT,
    settled_version: { type: Number, default: null },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: POSITIONS_COLLECTION },
);

export const POSITIONS: CollectionDefinition = {
  name: POSITIONS_COLLECTION,
  indexes: [
    {
      name: 'of_status',
      key: { status: 1, condition_id: 1, portfolio_id: 1 },
      serves: 'the markets somebody holds shares of, and who holds or held them until they were settled',
    },
  ],
};

/** Keys of the positions of a portfolio, or of one run of it. */
export function positionKeys(portfolioId: string, run?: number): KeyRange {
  return run === undefined ? keysUnder(portfolioId) : keysUnder(portfolioId, numberPart(run));
}

export function toStoredPosition(position: Position): StoredPosition {
  return {
    _id: compositeKey(position.portfolioId, numberPart(position.run), position.tokenId),
    portfolio_id: position.portfolioId,
    user_id: position.userId,
    run: position.run,
    ...toStoredOutcomeRef(position),
    market_question: position.marketQuestion,
    quantity: position.quantity,
    reserved: position.reserved,
    cost: position.cost,
    realised: position.realised,
    fees: position.fees,
    status: position.status,
    settled_version: position.settledVersion,
    created_at: position.openedAt,
    updated_at: position.updatedAt,
    schema_version: POSITION_VERSION,
  };
}

/** Returns the position a document holds. @throws RangeError naming the field when an amount in it is no int64 */
export function toPosition(stored: StoredPosition): Position {
  const money = readMoney(stored);
  return {
    ...toOutcomeRef(stored),
    portfolioId: stored.portfolio_id,
    userId: stored.user_id,
    run: stored.run,
    marketQuestion: stored.market_question,
    quantity: money.shares('quantity'),
    reserved: money.shares('reserved'),
    cost: money.usdc('cost'),
    realised: money.usdc('realised'),
    fees: money.usdc('fees'),
    status: stored.status,
    settledVersion: stored.settled_version,
    openedAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}
