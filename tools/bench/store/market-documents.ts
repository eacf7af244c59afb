import type { MarketRecord } from '@app/persistence';
import { BSON } from 'bson';

/** A market as the benchmark stores it: the product's record with a key of its own beside `_id` and a counter to increment. */
export interface MarketDocument extends MarketRecord {
  slug: string;
  counter: bigint;
}

const COMMON_WORDS = (
  'bitcoin election price final season president vote rate market close match team record album film storm goal court bank treaty ' +
  'senate budget growth launch rocket energy trade summit leader series race ticket launch poll debate chip summer winter spring'
).split(' ');
const RARE_WORDS = 2_000;
const CATEGORIES = ['politics', 'sports', 'crypto', 'culture', 'economy', 'science', 'weather', 'world'];
const TAGS = 400;
const MARKETS_PER_EVENT = 8;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** Small seeded generator: the same number always gives the same market. */
function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function textOf(random: () => number, words: number): string {
  return Array.from({ length: words }, () =>
    random() < 0.3 ? commonWord(Math.floor(random() * 1e6)) : rareWord(Math.floor(random() * RARE_WORDS)),
  ).join(' ');
}

export const slugOf = (number: number): string => `will-market-${number}-resolve-to-yes-before-the-end-of-the-year`;
/** A word thousands of markets share. */
export const commonWord = (number: number): string => COMMON_WORDS[number % COMMON_WORDS.length] ?? '';
/** A word a few percent of the markets share. */
export const rareWord = (number: number): string => `subject${(number % RARE_WORDS).toString(36)}`;

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits / 8 }, () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

/** Returns market `number` of the benchmark, about 2 KB as BSON; a higher revision has other prices and volumes. */
export function marketDocument(number: number, revision = 0): MarketDocument {
  const random = randomOf(number + 1);
  const changing = randomOf(number * 31 + revision * 7_919 + 5);
  const amount = (): bigint => BigInt(Math.floor(changing() ** 4 * 1e13));
  const price = (): bigint => BigInt(1 + Math.floor(changing() * 999)) * 1_000n;
  const closed = random() < 0.6;
  const event = Math.floor(number / MARKETS_PER_EVENT);
  const tags = [1, 2, 3].map(() => Math.floor(random() ** 2 * TAGS));
  const start = new Date(FIRST_DAY + Math.floor(random() * 300) * DAY_MS);
  const end = new Date(start.getTime() + Math.floor(random() * 200) * DAY_MS);
  const written = new Date(end.getTime() + revision * 1_000);
  const tagSlugs = [...new Set(tags)].map((tag) => `tag-${tag}`);
  const bid = price();
  const slug = slugOf(number);
  return {
    _id: slug,
    slug,
    counter: 0n,
    gamma_id: String(500_000 + number),
    condition_id: `0x${hex(random, 64)}`,
    question_id: `0x${hex(random, 64)}`,
    question: `Will ${textOf(random, 4 + Math.floor(random() * 5))} by ${end.toISOString().slice(0, 10)}?`,
    description: `This market will resolve to "Yes" if ${textOf(random, 14 + Math.floor(random() * 20))}. Otherwise it will resolve to "No".`,
    category: CATEGORIES[number % CATEGORIES.length] ?? null,
    resolution_source: null,
    image: `https://images.example.com/markets/${slug}.png`,
    icon: `https://images.example.com/icons/${slug}.png`,
    group_item_title: null,
    group_item_threshold: '0',
    outcomes: ['Yes', 'No'],
    outcome_prices: [String(Number(bid) / 1e6), String((1_000_000 - Number(bid)) / 1e6)],
    clob_token_ids: [`${hex(random, 64)}`, `${hex(random, 64)}`],
    active: random() < 0.9,
    closed,
    archived: false,
    restricted: true,
    accepting_orders: !closed,
    enable_order_book: true,
    tick_size: 1_000n,
    min_order_size: 5_000_000n,
    fees: null,
    seconds_delay: 0,
    clear_book_on_start: true,
    neg_risk: false,
    neg_risk_market_id: null,
    neg_risk_request_id: null,
    neg_risk_other: false,
    best_bid: bid,
    best_ask: bid + 1_000n,
    spread: 1_000n,
    last_trade_price: bid,
    one_day_price_change: price() - 500_000n,
    volume_num: amount(),
    volume_24hr: amount(),
    volume_1wk: amount(),
    volume_1mo: amount(),
    liquidity_num: amount(),
    start_date: start,
    end_date: end,
    venue_created_at: start,
    venue_updated_at: written,
    closed_time: closed ? end : null,
    game_start_time: null,
    accepting_orders_since: start,
    uma_resolution_status: closed ? 'resolved' : null,
    sports_market_type: null,
    event: {
      id: String(event),
      slug: `event-${event}`,
      title: `Event ${event}`,
      neg_risk: false,
      neg_risk_augmented: false,
      series_slug: null,
    },
    event_slug: `event-${event}`,
    tags: tagSlugs.map((tag) => ({ id: tag.slice(4), label: tag, slug: tag })),
    tag_slugs: tagSlugs,
    rewards: { min_size: null, max_spread: null, daily_rate: null },
    resolution: {
      status: closed ? 'resolved' : 'unresolved',
      winning_outcome_index: closed ? 0 : null,
      payouts: closed ? [1_000_000n, 0n] : [],
      resolved_at: closed ? end : null,
    },
    content_hash: hex(changing, 64),
    first_synced_at: start,
    last_synced_at: written,
    schema_version: 1,
    created_at: start,
    updated_at: written,
  };
}

/** The fields of a market that the targets' operations touch. */
export type SmallMarketDocument = Pick<
  MarketDocument,
  | '_id'
  | 'slug'
  | 'counter'
  | 'question_id'
  | 'category'
  | 'question'
  | 'description'
  | 'outcomes'
  | 'outcome_prices'
  | 'clob_token_ids'
  | 'active'
  | 'closed'
  | 'best_bid'
  | 'best_ask'
  | 'volume_num'
  | 'liquidity_num'
  | 'end_date'
  | 'event_slug'
  | 'tag_slugs'
>;

const SMALL_BYTES = 2_048;

/** Returns market `number` with few fields and a long description: 2 KB, the size the targets were taken with. */
export function smallMarketDocument(number: number, revision = 0): SmallMarketDocument {
  const market = marketDocument(number, revision);
  const { _id, slug, counter, question_id, category, question, description, outcomes, outcome_prices } = market;
  const { clob_token_ids, active, closed, best_bid, best_ask, volume_num, liquidity_num } = market;
  const { end_date, event_slug, tag_slugs } = market;
  const small = { _id, slug, counter, question_id, category, question, description, outcomes, outcome_prices };
  const rest = { clob_token_ids, active, closed, best_bid, best_ask, volume_num, liquidity_num };
  const document: SmallMarketDocument = { ...small, ...rest, end_date, event_slug, tag_slugs };
  const missing = SMALL_BYTES - BSON.calculateObjectSize(document);
  return {
    ...document,
    description: `${description}${' More about it is said here.'.repeat(80).slice(0, Math.max(0, missing))}`,
  };
}
