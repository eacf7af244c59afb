import { CollectionDefinition, IndexDefinition } from '../index-definition';
import { MARKETS_COLLECTION } from './market.record';

const LISTED_BY = ['volume_num', 'volume_24hr', 'liquidity_num', 'end_date', 'venue_created_at'] as const;

const listIndexes: IndexDefinition[] = LISTED_BY.map((field) => ({
  name: `list_${field}`,
  key: { closed: 1, active: 1, [field]: -1, _id: 1 },
  serves: `market lists sorted by ${field}, each page and total of any closed/active choice, and ranges of ${field}`,
}));

export const MARKETS: CollectionDefinition = {
  name: MARKETS_COLLECTION,
  indexes: [
    ...listIndexes,
    {
      name: 'condition_id',
      key: { condition_id: 1 },
      unique: true,
      partialFilterExpression: { condition_id: { $exists: true } },
      serves: 'one market by its on-chain id, and at most one market for each',
    },
    { name: 'clob_token_ids', key: { clob_token_ids: 1 }, serves: 'the market a token belongs to' },
    {
      name: 'event_slug',
      key: { event_slug: 1, volume_num: -1, _id: 1 },
      serves: 'the markets of one event, largest first',
    },
    {
      name: 'tag_slugs',
      key: { tag_slugs: 1, volume_num: -1, _id: 1 },
      serves: 'the markets under one tag, largest first',
    },
    {
      name: 'open_gamma_ids',
      key: { closed: 1, gamma_id: 1 },
      serves: 'the venue ids of every open market, from the index alone',
    },
    {
      name: 'search',
      key: { question: 'text', description: 'text' },
      weights: { question: 10, description: 1 },
      serves: 'text search, a word in the question counting ten times one in the description',
    },
  ],
};
