import { toWireStatistic, VenueMarket } from '@app/domain';
import { z } from 'zod';
import { pageFields, toPageBody } from '../pagination';
import {
  exactNumberField,
  flagField,
  statisticField,
  textField,
  timestampField,
  wireNumberOrNull,
  wireTimeOrNull,
} from '../scalars';

const outcomeNames = z.array(z.string()).meta({
  description: 'Names of the possible outcomes; their order fixes every outcome index.',
  example: ['Yes', 'No'],
});

/** Schema of one row of a market list. */
export const marketSummarySchema = z
  .strictObject({
    slug: textField('Key of the market here and at Polymarket.', 'will-the-fed-cut-rates-in-june'),
    question: textField('The question as the market asks it.', 'Will the Fed cut rates in June?'),
    outcomes: outcomeNames,
    outcome_prices: z.array(z.string()).meta({
      description:
        'Display price of each outcome as Polymarket wrote it, in the order of `outcomes`; empty for a market that never opened.',
      example: ['0.045', '0.955'],
    }),
    volume_24h: statisticField('Volume of the last 24 hours, USDC.', 12840.55),
    volume_total: statisticField('Volume of all time, USDC.', 1930455.12),
    liquidity: statisticField('Liquidity in the order book, USDC.', 48210.4),
    best_bid: exactNumberField('Best bid of the first outcome; null when there is none.', 0.044).nullable(),
    best_ask: exactNumberField('Best ask of the first outcome; null when there is none.', 0.046).nullable(),
    spread: exactNumberField('Best ask less best bid.', 0.002).nullable(),
    closed: flagField('Whether trading has ended.', false),
    active: flagField('Deployed and not archived; says nothing about trading having ended.', true),
    end_date: timestampField('Scheduled end; markets may trade past it.', '2026-06-17T18:00:00.000Z').nullable(),
  })
  .meta({
    id: 'MarketSummary',
    description: 'A market as a row of a list.',
    example: {
      slug: 'will-the-fed-cut-rates-in-june',
      question: 'Will the Fed cut rates in June?',
      outcomes: ['Yes', 'No'],
      outcome_prices: ['0.045', '0.955'],
      volume_24h: 12840.55,
      volume_total: 1930455.12,
      liquidity: 48210.4,
      best_bid: 0.044,
      best_ask: 0.046,
      spread: 0.002,
      closed: false,
      active: true,
      end_date: '2026-06-17T18:00:00.000Z',
    },
  });

export type MarketSummaryBody = z.infer<typeof marketSummarySchema>;

/** What a summary is made of: a market, or the projection of one. */
export type MarketSummarySource = Pick<
  VenueMarket,
  | 'slug'
  | 'question'
  | 'outcomes'
  | 'outcomePrices'
  | 'volume24h'
  | 'volumeTotal'
  | 'liquidity'
  | 'bestBid'
  | 'bestAsk'
  | 'spread'
  | 'closed'
  | 'active'
  | 'endDate'
>;

export function toMarketSummary(market: MarketSummarySource): MarketSummaryBody {
  return {
    slug: market.slug,
    question: market.question,
    outcomes: market.outcomes,
    outcome_prices: market.outcomePrices,
    volume_24h: toWireStatistic(market.volume24h),
    volume_total: toWireStatistic(market.volumeTotal),
    liquidity: toWireStatistic(market.liquidity),
    best_bid: wireNumberOrNull(market.bestBid),
    best_ask: wireNumberOrNull(market.bestAsk),
    spread: wireNumberOrNull(market.spread),
    closed: market.closed,
    active: market.active,
    end_date: wireTimeOrNull(market.endDate),
  };
}

/** Schema of the answer of `GET /markets`. */
export const marketListSchema = z
  .strictObject({
    markets: z.array(marketSummarySchema).meta({ description: 'The rows of this page.' }),
    ...pageFields,
  })
  .meta({ id: 'MarketList', description: 'One page of markets.' });

export type MarketListBody = z.infer<typeof marketListSchema>;

export function toMarketList(
  markets: readonly MarketSummarySource[],
  total: number,
  page: number,
  pageSize: number,
): MarketListBody {
  return { markets: markets.map(toMarketSummary), ...toPageBody(total, page, pageSize) };
}
