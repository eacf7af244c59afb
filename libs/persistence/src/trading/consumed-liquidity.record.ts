import { microPrice, microShares } from '@app/domain';
import type { ConsumedLiquidity } from '@app/exchange';
import { Schema } from 'mongoose';
import { CollectionDefinition } from '../index-definition';
import { fromInt64, StoredInt64 } from '../int64';
import { STAMP_FIELDS, StoredStamps, STRICT_SCHEMA } from '../schema-options';
import { compositeKey, numberPart } from './composite-key';
import { COUNT, DATE, INT64, PART, TEXT } from './stored-fields';

const CONSUMED_LIQUIDITY_COLLECTION = 'consumed_liquidity';
const CONSUMED_LIQUIDITY_VERSION = 1;

/** What one run of a portfolio has taken of a market's book. */
export interface PortfolioConsumption extends ConsumedLiquidity {
  portfolioId: string;
  run: number;
}

interface StoredConsumedLevel {
  side: ConsumedLiquidity['levels'][number]['side'];
  price: StoredInt64;
  taken: StoredInt64;
  displayed: StoredInt64;
  at: Date;
}

export interface StoredConsumedLiquidity extends StoredStamps {
  /** Portfolio, run and condition. */
  _id: string;
  portfolio_id: string;
  run: number;
  condition_id: string;
  levels: StoredConsumedLevel[];
}

export const consumedLiquiditySchema = new Schema<StoredConsumedLiquidity>(
  {
    _id: TEXT,
    portfolio_id: TEXT,
    run: COUNT,
    condition_id: TEXT,
    levels: {
      type: [
        new Schema<StoredConsumedLevel>({ side: TEXT, price: INT64, taken: INT64, displayed: INT64, at: DATE }, PART),
      ],
      required: true,
    },
    ...STAMP_FIELDS,
  },
  { ...STRICT_SCHEMA, collection: CONSUMED_LIQUIDITY_COLLECTION },
);

export const CONSUMED_LIQUIDITY: CollectionDefinition = { name: CONSUMED_LIQUIDITY_COLLECTION, indexes: [] };

export function consumptionKey(portfolioId: string, run: number, conditionId: string): string {
  return compositeKey(portfolioId, numberPart(run), conditionId);
}

export function toStoredConsumption(consumed: PortfolioConsumption, now: Date): StoredConsumedLiquidity {
  return {
    _id: consumptionKey(consumed.portfolioId, consumed.run, consumed.conditionId),
    portfolio_id: consumed.portfolioId,
    run: consumed.run,
    condition_id: consumed.conditionId,
    levels: consumed.levels.map(({ side, price, taken, displayed, at }) => ({ side, price, taken, displayed, at })),
    created_at: now,
    updated_at: now,
    schema_version: CONSUMED_LIQUIDITY_VERSION,
  };
}

export function toConsumption(stored: StoredConsumedLiquidity): PortfolioConsumption {
  return {
    portfolioId: stored.portfolio_id,
    run: stored.run,
    conditionId: stored.condition_id,
    levels: stored.levels.map(({ side, price, taken, displayed, at }) => ({
      side,
      price: microPrice(fromInt64(price, 'levels.price')),
      taken: microShares(fromInt64(taken, 'levels.taken')),
      displayed: microShares(fromInt64(displayed, 'levels.displayed')),
      at,
    })),
  };
}
