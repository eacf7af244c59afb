import type { MarketState } from '../world/market-state';
import { decimal } from '../world/books';
import { spaced } from '../world/venue-time';
import type { World } from '../world/world';
import type { Frame } from './frame';
import { eventMessage } from './live-market';

/** What the channel tells everybody who asked for custom features when a market opens; lists are real arrays here, unlike Gamma's. */
export function newMarketFrame(world: World, market: MarketState): Frame {
  const { event } = market;
  const tokenIds = world.tokenIds(market);
  const message = {
    id: market.id.toString(),
    question: market.question,
    market: world.conditionId(market),
    slug: market.slug,
    description: event.rules,
    assets_ids: tokenIds,
    outcomes: market.outcomes,
    event_message: eventMessage(market),
    timestamp: Math.floor(world.nowMs()).toString(),
    tags: event.tags.map(({ slug }) => slug),
    condition_id: world.conditionId(market),
    active: market.shape !== 'placeholder',
    clob_token_ids: tokenIds,
    ...(market.sportsMarketType === null ? {} : { sports_market_type: market.sportsMarketType }),
    ...(market.line === null ? {} : { line: market.line.toString() }),
    game_start_time: event.sport === null ? '' : spaced(event.sport.gameStartAt),
    order_price_min_tick_size: decimal(market.tickMicro),
    group_item_title: market.groupTitle ?? '',
    taker_base_fee: event.fees === null ? '0' : '1000',
    fees_enabled: event.fees !== null,
    ...(event.fees === null
      ? {}
      : { fee_schedule: { exponent: 1, rate: event.fees.rate, taker_only: true, rebate_rate: event.fees.rebateRate } }),
    event_type: 'new_market',
  };
  return { event: 'new_market', slug: market.slug, tokenIds: null, isCustom: true, text: JSON.stringify(message) };
}
