import type { MarketOutcomeRef } from '@app/domain';
import { countField, textField } from '../scalars';
import { CONDITION_ID, MARKET_ID, TOKEN_ID } from './request-fields';

export const OUTCOME_REF_EXAMPLE = {
  market_id: MARKET_ID,
  condition_id: CONDITION_ID,
  outcome: 'Yes',
  outcome_index: 0,
  token_id: TOKEN_ID,
} as const;

/** The fields that say which outcome of which market an answer is about. */
export const outcomeRefFields = {
  market_id: textField('Slug of the market.', OUTCOME_REF_EXAMPLE.market_id),
  condition_id: textField('On-chain id of the market.', OUTCOME_REF_EXAMPLE.condition_id),
  outcome: textField('The outcome, as the market spells it.', OUTCOME_REF_EXAMPLE.outcome),
  outcome_index: countField('Which outcome of the market, from 0.', OUTCOME_REF_EXAMPLE.outcome_index),
  token_id: textField('Tradable id of the outcome.', OUTCOME_REF_EXAMPLE.token_id),
};

export interface OutcomeRefBody {
  market_id: string;
  condition_id: string;
  outcome: string;
  outcome_index: number;
  token_id: string;
}

export function toOutcomeRef(ref: MarketOutcomeRef): OutcomeRefBody {
  return {
    market_id: ref.marketId,
    condition_id: ref.conditionId,
    outcome: ref.outcome,
    outcome_index: ref.outcomeIndex,
    token_id: ref.tokenId,
  };
}
