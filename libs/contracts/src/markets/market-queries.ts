import type { z } from 'zod';
import { pageParameters } from '../pagination';
import {
  booleanParameter,
  checkRange,
  choiceParameter,
  conditionIdParameter,
  decimalParameter,
  integerParameter,
  querySchema,
  wordsParameter,
  slugParameter,
  timeParameter,
} from '../parameters';

export const MAX_SEARCH_LENGTH = 200;
export const MAX_TAG_LENGTH = 100;

export const MARKET_SORT_KEYS = ['volume', 'volume_24h', 'liquidity', 'end_date', 'created_at', 'relevance'] as const;
export type MarketSortWord = (typeof MARKET_SORT_KEYS)[number];
const TOP_SORT_KEYS = ['volume', 'volume_24h', 'liquidity', 'end_date', 'created_at'] as const;

/** Query of `GET /markets`. */
export const marketListQuerySchema = querySchema({
  search: wordsParameter(MAX_SEARCH_LENGTH, {
    description: 'Words to find in the question and the description. Every other character is taken as a space.',
    example: 'fed rates',
  }).optional(),
  active: booleanParameter({ description: 'Only markets that are (not) active.', example: true }).optional(),
  closed: booleanParameter({ description: 'Only markets that are (not) closed.', example: false }).optional(),
  volume_min: decimalParameter({ description: 'Smallest total volume, USDC.', example: 1000 }).optional(),
  volume_max: decimalParameter({ description: 'Largest total volume, USDC.', example: 1000000 }).optional(),
  liquidity_min: decimalParameter({ description: 'Smallest liquidity, USDC.', example: 100 }).optional(),
  liquidity_max: decimalParameter({ description: 'Largest liquidity, USDC.', example: 100000 }).optional(),
  tag: wordsParameter(MAX_TAG_LENGTH, {
    description: 'Slug or label of a tag, in any case.',
    example: 'fed-rates',
  }).optional(),
  event_slug: slugParameter({ description: 'Slug of an event.', example: 'fed-decision-in-june-825' }).optional(),
  end_date_min: timeParameter({ description: 'Earliest scheduled end.', example: '2026-06-01T00:00:00Z' }).optional(),
  end_date_max: timeParameter({ description: 'Latest scheduled end.', example: '2026-12-31T00:00:00Z' }).optional(),
  ...pageParameters,
  sort_by: choiceParameter(MARKET_SORT_KEYS, {
    description: 'What to sort by; `relevance` needs `search`.',
    example: 'volume_24h',
  }).default('volume'),
  sort_desc: booleanParameter({
    description: 'Largest (latest, most relevant) first. Relevance has no other order.',
    example: true,
  }).default(true),
}).superRefine((query, context) => {
  checkRange(context, { name: 'volume_min', value: query.volume_min }, { name: 'volume_max', value: query.volume_max });
  checkRange(
    context,
    { name: 'liquidity_min', value: query.liquidity_min },
    { name: 'liquidity_max', value: query.liquidity_max },
  );
  checkRange(
    context,
    { name: 'end_date_min', value: query.end_date_min },
    { name: 'end_date_max', value: query.end_date_max },
  );
  if (query.sort_by !== 'relevance') return;
  if (query.search === undefined) {
    context.addIssue({ code: 'custom', path: ['sort_by'], message: 'relevance needs search words in `search`' });
  }
  if (!query.sort_desc) {
    context.addIssue({ code: 'custom', path: ['sort_desc'], message: 'must be true when sort_by is relevance' });
  }
});

export type MarketListQuery = z.output<typeof marketListQuerySchema>;

/** Query of `GET /markets/top`. */
export const topMarketsQuerySchema = querySchema({
  limit: integerParameter({ min: 1, max: 100 }, { description: 'How many markets.', example: 10 }).default(10),
  sort_by: choiceParameter(TOP_SORT_KEYS, { description: 'Largest of what.', example: 'volume_24h' }).default(
    'volume_24h',
  ),
  active_only: booleanParameter({
    description: 'Leave out markets that are closed or not active.',
    example: true,
  }).default(true),
});

export type TopMarketsQuery = z.output<typeof topMarketsQuerySchema>;

/** Query of the routes that answer one market. */
export const marketDetailQuerySchema = querySchema({
  force_refresh: booleanParameter({
    description:
      'Ask Polymarket before answering. When Polymarket cannot be reached the stored market is answered with its age in `last_synced_at` and a header `x-served-stale`; 503 only when nothing is stored.',
    example: false,
  }).default(false),
});

/** The `{slug}` of a path. */
export const slugPathSchema = slugParameter({
  description: 'Slug of the market, as in its Polymarket address.',
  example: 'will-the-fed-cut-rates-in-june',
});

/** The `{condition_id}` of a path. */
export const conditionIdPathSchema = conditionIdParameter({
  description: 'On-chain id of the market.',
  example: '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d',
});
