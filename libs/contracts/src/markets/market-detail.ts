import { FeeSchedule, Market, MarketResolution, MarketRewards, toWireNumber, toWireStatistic } from '@app/domain';
import { z } from 'zod';
import {
  countField,
  exactNumberField,
  flagField,
  statisticField,
  textField,
  timestampField,
  wireNumberOrNull,
  wireStatisticOrNull,
  wireTimeOrNull,
} from '../scalars';
import { marketSummarySchema, toMarketSummary } from './market-summary';

const tagSchema = z
  .strictObject({
    id: textField('Id of the tag at Polymarket.', '100196'),
    label: textField('The tag as it is shown.', 'Fed Rates'),
    slug: textField('What `GET /markets?tag=` takes.', 'fed-rates'),
  })
  .meta({ id: 'MarketTag', description: 'A subject the market is filed under.' });

/** Schema of a market's fee curve. */
export const marketFeesSchema = z
  .strictObject({
    type: textField("Polymarket's name of the fee schedule.", 'crypto_fees_v2').nullable(),
    rate: exactNumberField('Rate of the curve: fee = shares x rate x (price x (1 - price)) ^ exponent.', 0.07),
    exponent: z.number().meta({ description: 'Exponent of the curve.', example: 1 }),
    taker_only: flagField('Whether makers trade free.', true),
    rebate_rate: exactNumberField('Share of the fee paid back to makers.', 0.2),
  })
  .meta({ id: 'MarketFees', description: 'The fee curve of the market.' });

const rewardsSchema = z
  .strictObject({
    min_size: exactNumberField('Smallest order that earns rewards, in shares.', 50).nullable(),
    max_spread: exactNumberField('Furthest from the midpoint that earns rewards, in cents.', 3.5).nullable(),
    daily_rate: statisticField('Rewards offered a day, USDC.', 25).nullable(),
  })
  .meta({ id: 'MarketRewards', description: 'Liquidity rewards; nulls where none are offered.' });

const resolutionSchema = z
  .strictObject({
    status: z.enum(['unresolved', 'proposed', 'disputed', 'resolved']).meta({
      description: 'How far the result is. A proposal can still be turned round.',
      example: 'resolved',
    }),
    winning_outcome_index: countField(
      'Index of the outcome that won; null while open and for a 50/50 result.',
      0,
    ).nullable(),
    payouts: z.array(z.number()).meta({
      description: 'USDC paid for one share of each outcome; empty until resolved.',
      example: [1, 0],
    }),
    resolved_at: timestampField('When it was resolved, as far as Polymarket says.').nullable(),
  })
  .meta({ id: 'MarketResolution', description: 'How the market ended.' });

/** Schema of one market in full. */
export const marketDetailSchema = z
  .strictObject({
    ...marketSummarySchema.shape,
    condition_id: textField(
      'On-chain id; null where Polymarket gives none.',
      '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d',
    ).nullable(),
    description: textField('The rules the market is resolved by.', 'This market resolves to "Yes" if …').nullable(),
    clob_token_ids: z.array(z.string()).meta({
      description:
        'Tradable id of each outcome, in the order of `outcomes`; empty for a market that never had an order book.',
      example: ['71321045679252212594626385532706912750332728571942532289631379312455583992563'],
    }),
    volume_7d: statisticField('Volume of the last seven days, USDC.', 90312.8),
    image: textField('URL of the picture.', 'https://polymarket-upload.s3.us-east-2.amazonaws.com/fed.png').nullable(),
    icon: textField(
      'URL of the small picture.',
      'https://polymarket-upload.s3.us-east-2.amazonaws.com/fed.png',
    ).nullable(),
    tags: z.array(tagSchema).meta({ description: 'Subjects the market is filed under.' }),
    rewards: rewardsSchema,
    event_slug: textField('The event the market belongs to.', 'fed-decision-in-june-825').nullable(),
    event_title: textField('Title of that event.', 'Fed decision in June?').nullable(),
    neg_risk: flagField('Whether the market is one of a set of which exactly one resolves to yes.', true),
    tick_size: exactNumberField('Smallest price step; may change while the market lives.', 0.001).nullable(),
    min_order_size: exactNumberField('Smallest order, in shares.', 5).nullable(),
    fees: marketFeesSchema.nullable().meta({ description: 'Null for a market that is free to trade.' }),
    accepting_orders: flagField('Whether Polymarket takes orders now.', true),
    resolution: resolutionSchema,
    first_synced_at: timestampField('When the market was first stored here.'),
    last_synced_at: timestampField("When Polymarket's answer was last compared with this record."),
  })
  .meta({
    id: 'MarketDetail',
    description: 'A market in full.',
    example: {
      ...(marketSummarySchema.meta()?.example as object),
      condition_id: '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d',
      description: 'This market resolves to "Yes" if the Federal Open Market Committee lowers the target rate in June.',
      clob_token_ids: [
        '71321045679252212594626385532706912750332728571942532289631379312455583992563',
        '52114319501245915516055106046884209969926127482827954674443846427813813222426',
      ],
      volume_7d: 90312.8,
      image: 'https://polymarket-upload.s3.us-east-2.amazonaws.com/fed.png',
      icon: 'https://polymarket-upload.s3.us-east-2.amazonaws.com/fed.png',
      tags: [{ id: '100196', label: 'Fed Rates', slug: 'fed-rates' }],
      rewards: { min_size: 50, max_spread: 3.5, daily_rate: 25 },
      event_slug: 'fed-decision-in-june-825',
      event_title: 'Fed decision in June?',
      neg_risk: true,
      tick_size: 0.001,
      min_order_size: 5,
      fees: null,
      accepting_orders: true,
      resolution: { status: 'unresolved', winning_outcome_index: null, payouts: [], resolved_at: null },
      first_synced_at: '2026-02-07T09:30:00.000Z',
      last_synced_at: '2026-02-07T09:35:00.000Z',
    },
  });

export type MarketFeesBody = z.infer<typeof marketFeesSchema>;
export type MarketDetailBody = z.infer<typeof marketDetailSchema>;

export function toMarketDetail(market: Market): MarketDetailBody {
  return {
    ...toMarketSummary(market),
    condition_id: market.conditionId,
    description: market.description,
    clob_token_ids: market.clobTokenIds,
    volume_7d: toWireStatistic(market.volume7d),
    image: market.image,
    icon: market.icon,
    tags: market.tags.map((tag) => ({ id: tag.id, label: tag.label, slug: tag.slug })),
    rewards: toRewards(market.rewards),
    event_slug: market.event?.slug ?? null,
    event_title: market.event?.title ?? null,
    neg_risk: market.negRisk,
    tick_size: wireNumberOrNull(market.tickSize),
    min_order_size: wireNumberOrNull(market.minOrderSize),
    fees: market.fees === null ? null : toMarketFees(market.fees),
    accepting_orders: market.acceptingOrders,
    resolution: toResolution(market.resolution),
    first_synced_at: market.firstSyncedAt.toISOString(),
    last_synced_at: market.lastSyncedAt.toISOString(),
  };
}

function toRewards(rewards: MarketRewards): MarketDetailBody['rewards'] {
  return {
    min_size: wireNumberOrNull(rewards.minSize),
    max_spread: wireNumberOrNull(rewards.maxSpread),
    daily_rate: wireStatisticOrNull(rewards.dailyRate),
  };
}

export function toMarketFees(fees: FeeSchedule): MarketFeesBody {
  return {
    type: fees.type,
    rate: toWireNumber(fees.rate),
    exponent: fees.exponent,
    taker_only: fees.takerOnly,
    rebate_rate: toWireNumber(fees.rebateRate),
  };
}

function toResolution(resolution: MarketResolution): MarketDetailBody['resolution'] {
  return {
    status: resolution.status,
    winning_outcome_index: resolution.winningOutcomeIndex,
    payouts: resolution.payouts.map(toWireNumber),
    resolved_at: wireTimeOrNull(resolution.resolvedAt),
  };
}
