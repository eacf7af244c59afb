import { hash2 } from './random';
import { constantFields, JsonText } from './json-text';
import { acceptsOrders, type EventState, isActive, type MarketState, phaseAt } from './market-state';
import { fairPrice, quoteAt, stepStart } from './prices';
import * as ids from './venue-ids';
import { isoDay, isoMicros, isoSeconds, spaced } from './venue-time';
import type { World } from './world';

/** How Gamma writes a market and an event. Field order, types and omissions follow recorded answers of 2025 and 2026. */

const MICRO = 1_000_000;
const DAY = 86_400;
const PICTURES = 'https://simulated.example.com/uploads';

const RESOLVER = '0x65070BE91477460D8A7AeEb94ef92fe056C2f2A7';
const NEG_RISK_RESOLVER = '0x2F5e3684cb1F318ec51b00Edba38d79Ac2c0aA9d';

type Row = Record<string, unknown>;

function jsonStrings(values: readonly string[]): string {
  return JSON.stringify(values).replaceAll('","', '", "');
}

function micros(seed: number, salt: number): number {
  return hash2(seed, salt) % MICRO;
}

/** When Gamma last changed the row; Unix seconds. */
export function updatedAt(market: MarketState, at: number): number {
  if (at >= market.closeAt) return Math.max(Math.min(at, market.closeAt + 149), market.touchedAt);
  if (phaseAt(market, at) === 'unopened') return Math.max(market.createdAt, market.touchedAt);
  const proposal = market.proposedAt <= at ? market.proposedAt : 0;
  const dispute = market.disputedAt <= at ? market.disputedAt : 0;
  return Math.max(stepStart(market, at), market.createdAt, proposal, dispute, market.touchedAt);
}

/** USD resting in the book as Gamma reports it; 0 once closed. */
export function liquidity(market: MarketState, at: number): number {
  return acceptsOrders(market, at) ? market.liquidity : 0;
}

/** The moment an answer's moving numbers are of: they change with the price, not with every second. */
function shownAt(market: MarketState, at: number): number {
  return at >= market.closeAt ? market.closeAt : Math.max(stepStart(market, at), market.touchedAt);
}

/** USD traded in the last `days` days. */
export function recentVolume(world: World, market: MarketState, at: number, days: number): number {
  if (market.shape === 'legacy') return 0;
  const last = shownAt(market, at);
  const idle = at >= market.closeAt ? Math.floor((at - market.closeAt) / DAY) : 0;
  if (idle >= days) return 0;
  const age = Math.max(1, (last - market.openAt) / DAY);
  return world.volume(market, last) * Math.min(1, (days - idle) / age);
}

function finalPrices(market: MarketState): string[] {
  return market.outcomes.map((_, outcome) => {
    if (market.payout === 'split') return (1 / market.outcomes.length).toString();
    return market.payout === outcome ? '1' : '0';
  });
}

function legacyPrices(market: MarketState): string[] {
  if (market.outcomes.length !== 2 || market.seed % 2 === 0) return market.outcomes.map(() => '0');
  const dust = (hash2(market.seed, 3) % 90_000_000) + 10_000_000;
  return [`0.00000${dust}0825225414173081414`, `0.99999${99_999_999 - dust}9174774585826918585313`];
}

/** Null for markets that never had a price. */
function displayPrices(market: MarketState, at: number): string[] | null {
  if (market.shape === 'legacy') return legacyPrices(market);
  if (market.shape === 'placeholder' || phaseAt(market, at) === 'unopened') return null;
  if (phaseAt(market, at) === 'closed' && market.payout !== 'none') return finalPrices(market);
  const { mid } = quoteAt(market, at);
  return [(mid / MICRO).toString(), ((MICRO - mid) / MICRO).toString()];
}

function umaStatus(market: MarketState, at: number): string | null {
  if (market.umaStatus !== null) return market.umaStatus;
  if (market.shape !== 'standard' && market.shape !== 'no_condition') return null;
  switch (phaseAt(market, at)) {
    case 'proposed':
      return 'proposed';
    case 'disputed':
      return 'disputed';
    case 'closed':
      return market.payout === 'none' ? null : 'resolved';
    case 'open':
    case 'unopened':
      return null;
  }
}

function umaStatuses(market: MarketState, at: number): string[] {
  if (market.proposedAt > at) return [];
  return market.disputedAt > at ? ['proposed'] : ['proposed', 'disputed'];
}

function pick(condition: boolean, row: Row): Row {
  return condition ? row : {};
}

function addChanges(row: JsonText, market: MarketState, at: number): void {
  const shown = shownAt(market, at);
  const now = fairPrice(market, shown);
  const add = (key: string, seconds: number): void => {
    const then = fairPrice(market, Math.max(market.openAt, shown - seconds));
    const move = Math.round((now - then) / 500) / 2_000;
    if (move !== 0) row.value(key, move);
  };
  add('oneDayPriceChange', DAY);
  add('oneHourPriceChange', 3_600);
  add('oneWeekPriceChange', 7 * DAY);
  add('oneMonthPriceChange', 30 * DAY);
}

const SPANS = [
  { name: '24hr', days: 1 },
  { name: '1wk', days: 7 },
  { name: '1mo', days: 30 },
  { name: '1yr', days: 365 },
] as const;

function addVolumes(row: JsonText, world: World, market: MarketState, at: number): void {
  for (const { name, days } of SPANS) {
    const volume = recentVolume(world, market, at, days);
    if (volume > 0) row.value(`volume${name}`, volume).value(`volume${name}Clob`, volume);
  }
}

const NO_VOLUMES = constantFields({
  volume24hr: 0,
  volume1wk: 0,
  volume1mo: 0,
  volume1yr: 0,
  volume24hrAmm: 0,
  volume1wkAmm: 0,
  volume1moAmm: 0,
  volume1yrAmm: 0,
  volume24hrClob: 0,
  volume1wkClob: 0,
  volume1moClob: 0,
  volume1yrClob: 0,
  volumeAmm: 0,
  volumeClob: 0,
  liquidityAmm: 0,
  liquidityClob: 0,
});

function legacyRow(world: World, market: MarketState): Row {
  const volume = market.volume;
  const tokens = world.tokenIds(market);
  return {
    id: market.id.toString(),
    question: market.question,
    conditionId: world.conditionId(market),
    slug: market.slug,
    twitterCardImage: `${PICTURES}/twitter-card.png`,
    resolutionSource: market.event.resolutionSource,
    endDate: isoSeconds(market.endAt),
    category: market.event.category,
    liquidity: '0',
    image: `${PICTURES}/${market.event.picture}.png`,
    icon: `${PICTURES}/${market.event.picture}.png`,
    description: market.event.rules,
    outcomes: jsonStrings(market.outcomes),
    outcomePrices: jsonStrings(legacyPrices(market)),
    volume: volume.toString(),
    active: true,
    marketType: market.outcomes[0] === 'Long' ? 'scalar' : 'normal',
    closed: true,
    marketMakerAddress: ids.address(world.seed, market.index),
    updatedBy: 3,
    createdAt: isoMicros(market.createdAt, 5_000),
    updatedAt: isoMicros(Math.max(1_713_824_731, market.touchedAt), micros(market.seed, 1)),
    closedTime: spaced(market.closeAt),
    archived: market.archived,
    restricted: false,
    volumeNum: Math.round(volume * 100) / 100,
    liquidityNum: 0,
    endDateIso: isoDay(market.endAt),
    hasReviewedDates: true,
    readyForCron: true,
    volume24hr: 0,
    ...pick(tokens.length > 0, { clobTokenIds: jsonStrings(tokens) }),
    fpmmLive: true,
    _sync: false,
    ready: false,
    funded: false,
    umaResolutionStatuses: '[]',
    feesEnabled: false,
    feeType: null,
  };
}

const NO_QUOTE = constantFields({ spread: 1, lastTradePrice: 0, bestBid: 0, bestAsk: 1, competitive: 0 });

function addQuote(row: JsonText, market: MarketState, at: number): void {
  if (phaseAt(market, at) === 'unopened' || market.shape === 'placeholder') {
    row.fields(NO_QUOTE);
    return;
  }
  const quote = quoteAt(market, at);
  const bid = quote.bid ?? 0;
  const ask = quote.ask ?? MICRO;
  row.value('spread', (ask - bid) / MICRO).value('lastTradePrice', quote.last / MICRO);
  if (quote.bid !== null) row.value('bestBid', bid / MICRO);
  row.value('bestAsk', ask / MICRO).value('competitive', 1 / (1 + (quote.mid / MICRO - 0.5) ** 2));
}

/** What an event's markets have in common, as JSON text. */
export interface SharedText {
  rules: string;
  picture: string;
  fees: string;
  kind: string;
}

export function sharedText(event: EventState): SharedText {
  const { fees, sport, crypto } = event;
  return {
    rules: JSON.stringify(event.rules),
    picture: JSON.stringify(`${PICTURES}/${event.picture}.png`),
    fees: constantFields({
      feesEnabled: fees !== null,
      requiresTranslation: false,
      feeType: fees?.type ?? null,
      ...(fees === null
        ? {}
        : { feeSchedule: { exponent: 1, rate: fees.rate, takerOnly: true, rebateRate: fees.rebateRate } }),
    }),
    kind: constantFields({
      ...(sport === null
        ? {}
        : {
            gameStartTime: spaced(sport.gameStartAt),
            eventStartTime: isoSeconds(sport.gameStartAt),
            secondsDelay: sport.secondsDelay,
            gameId: sport.gameId,
          }),
      ...(crypto === null
        ? {}
        : {
            eventStartTime: isoSeconds(crypto.startAt),
            cryptoMarketConfig: {
              id: (900 + (event.index % 90)).toString(),
              asset: crypto.asset,
              duration: crypto.duration,
              twapEnabled: true,
              twapLookbackSeconds: 60,
            },
          }),
    }),
  };
}

const NOT_FEATURED = constantFields({
  new: false,
  featured: false,
  submitted_by: '0x91430CaD2d3975766499717fA0D66A78D814E5c5',
});
const REVIEWED = constantFields({ hasReviewedDates: true });
const BOND = constantFields({ umaBond: '500', umaReward: '5' });
const BASE_FEES = constantFields({ makerBaseFee: 1000, takerBaseFee: 1000 });
const APPROVED = constantFields({
  ready: false,
  funded: false,
  cyom: false,
  pagerDutyNotificationEnabled: false,
  approved: true,
});
const COLOURS = constantFields({ seriesColor: '', showGmpSeries: false, showGmpOutcome: false });
const NO_COMBOS = constantFields({ rfqEnabled: false, comboStatus: 'disabled', holdingRewardsEnabled: false });
const NO_REWARDS = constantFields({ rewardsMinSize: 0, rewardsMaxSpread: 0 });

function addRewards(row: JsonText, market: MarketState, condition: string): void {
  const offer = new JsonText((20_000 + market.index).toString())
    .plain('conditionId', condition)
    .plain('assetAddress', '0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB')
    .value('rewardsAmount', 0)
    .value('rewardsDailyRate', 1 + (market.seed % 50))
    .plain('startDate', isoDay(market.openAt))
    .plain('endDate', '2500-12-31');
  row.raw('clobRewards', `[${offer.open()}}]`).value('rewardsMinSize', 50).value('rewardsMaxSpread', 3.5);
}

/** A JSON string that holds a JSON array of strings that need no escaping. */
function listText(values: readonly string[]): string {
  return values.length === 0 ? '"[]"' : `"[\\"${values.join('\\", \\"')}\\"]"`;
}

function standardText(world: World, market: MarketState, at: number, shared: SharedText): string {
  const { event, seed } = market;
  const phase = phaseAt(market, at);
  const closed = phase === 'closed';
  const opened = phase !== 'unopened';
  const volume = world.volume(market, at);
  const resting = liquidity(market, at);
  const prices = displayPrices(market, at);
  const status = umaStatus(market, at);
  const condition = world.conditionId(market);
  const tokens = world.tokenIds(market);
  const row = new JsonText(market.id.toString())
    .text('question', market.question)
    .plain('conditionId', condition)
    .plain('slug', market.slug)
    .plain('resolutionSource', event.resolutionSource)
    .plain('endDate', isoSeconds(market.endAt));
  if (!closed || seed % 2 === 0) row.plain('liquidity', resting.toString());
  row
    .plain('startDate', isoMicros(market.openAt, (hash2(seed, 2) % 1_000) * 1_000))
    .raw('image', shared.picture)
    .raw('icon', shared.picture)
    .raw('description', shared.rules)
    .text('outcomes', jsonStrings(market.outcomes));
  if (prices !== null) row.raw('outcomePrices', listText(prices));
  row
    .plain('volume', volume.toString())
    .value('active', isActive(market))
    .value('closed', closed)
    .plain('marketMakerAddress', '')
    .plain('createdAt', isoMicros(market.createdAt, micros(seed, 3)))
    .plain('updatedAt', isoMicros(updatedAt(market, at), micros(seed, 4)));
  if (closed) row.plain('closedTime', spaced(market.closeAt));
  row
    .fields(NOT_FEATURED)
    .value('archived', market.archived)
    .plain('resolvedBy', event.negRisk ? NEG_RISK_RESOLVER : RESOLVER)
    .value('restricted', true);
  if (market.groupTitle !== null) row.text('groupItemTitle', market.groupTitle);
  row
    .plain('groupItemThreshold', (market.index - event.first).toString())
    .plain('questionID', world.questionId(market));
  if (closed && status !== null) row.plain('umaEndDate', isoSeconds(market.closeAt));
  row
    .value('enableOrderBook', opened && market.shape !== 'no_condition')
    .value('orderPriceMinTickSize', market.tickMicro / MICRO)
    .value('orderMinSize', 5);
  if (status !== null) row.plain('umaResolutionStatus', status);
  row.value('volumeNum', volume);
  if (!closed) row.value('liquidityNum', resting);
  row.plain('endDateIso', isoDay(market.endAt)).plain('startDateIso', isoDay(market.openAt)).fields(REVIEWED);
  if (opened && market.volume > 0) addVolumes(row, world, market, at);
  else row.fields(NO_VOLUMES);
  if (tokens.length > 0) row.raw('clobTokenIds', listText(tokens));
  row.fields(BOND);
  if (market.volume > 0) row.value('volumeClob', volume);
  if (!closed && market.volume > 0) row.value('liquidityClob', resting);
  if (event.fees !== null) row.fields(BASE_FEES);
  row.value('customLiveness', 0);
  if (opened) {
    row
      .value('acceptingOrders', acceptsOrders(market, at) || (closed && seed % 97 === 0))
      .plain('acceptingOrdersTimestamp', isoSeconds(market.openAt));
  }
  row.value('negRisk', event.negRisk);
  if (event.negRisk) {
    row
      .plain('negRiskMarketID', ids.negRiskMarketId(world.seed, event.index))
      .plain('negRiskRequestID', ids.negRiskRequestId(world.seed, market.index));
  }
  row.fields(APPROVED);
  if (seed % 5 === 0 && opened) addRewards(row, market, condition);
  else row.fields(NO_REWARDS);
  if (opened) addChanges(row, market, at);
  addQuote(row, market, at);
  row.fields(shared.kind);
  if (market.sportsMarketType !== null) row.plain('sportsMarketType', market.sportsMarketType);
  if (market.line !== null) row.value('line', market.line);
  return row
    .value('automaticallyActive', true)
    .value('clearBookOnStart', event.sport !== null)
    .fields(COLOURS)
    .value('manualActivation', market.shape === 'placeholder')
    .value('negRiskOther', market.other)
    .raw('umaResolutionStatuses', listText(umaStatuses(market, at)))
    .value('pendingDeployment', false)
    .value('deploying', false)
    .plain('deployingTimestamp', isoMicros(market.createdAt + 40, micros(seed, 5)))
    .fields(NO_COMBOS)
    .fields(shared.fees)
    .open();
}

/** The market's JSON text without its `events` and `tags`, and without the closing brace. */
export function marketText(world: World, market: MarketState, at: number, shared: SharedText): string {
  return market.shape === 'legacy'
    ? JSON.stringify(legacyRow(world, market)).slice(0, -1)
    : standardText(world, market, at, shared);
}

/** Sums over an event's markets, and whether all of them are closed. */
export function eventTotals(
  world: World,
  event: EventState,
  at: number,
): { volume: number; volume24hr: number; liquidity: number; closed: boolean; closedAt: number } {
  const totals = { volume: 0, volume24hr: 0, liquidity: 0, closed: true, closedAt: 0 };
  for (const market of world.marketsOf(event)) {
    totals.volume += world.volume(market, at);
    totals.volume24hr += recentVolume(world, market, at, 1);
    totals.liquidity += liquidity(market, at);
    totals.closed &&= at >= market.closeAt;
    totals.closedAt = Math.max(totals.closedAt, market.closeAt);
  }
  return totals;
}

/** USD held in open positions of a market. */
export function openInterest(world: World, market: MarketState, at: number): number {
  if (market.shape !== 'standard' || phaseAt(market, at) === 'closed') return 0;
  return Math.round(world.volume(market, at) * (0.02 + (hash2(market.seed, 21) % 100) / 500) * MICRO) / MICRO;
}

export function seriesRow(event: EventState, at: number): Row | null {
  const { series } = event;
  if (series === null) return null;
  return {
    id: series.id.toString(),
    ticker: series.slug,
    slug: series.slug,
    title: series.title,
    seriesType: 'single',
    recurrence: series.recurrence,
    image: '',
    icon: '',
    active: true,
    closed: false,
    archived: false,
    featured: false,
    restricted: true,
    createdAt: '2025-11-21T21:46:35.50541Z',
    updatedAt: isoSeconds(at - (at % DAY)),
    commentCount: 76,
    requiresTranslation: false,
  };
}

/** The event without its `markets` and `tags`. */
export function eventRow(world: World, event: EventState, at: number): Row {
  const totals = eventTotals(world, event, at);
  const first = world.market(event.first);
  const series = seriesRow(event, at);
  const interest = world.marketsOf(event).reduce((sum, market) => sum + openInterest(world, market, at), 0);
  const updated = world.marketsOf(event).reduce((latest, market) => Math.max(latest, updatedAt(market, at)), 0);
  return {
    id: event.id.toString(),
    ticker: event.slug,
    slug: event.slug,
    title: event.title,
    description: event.rules,
    resolutionSource: event.resolutionSource,
    startDate: isoMicros(event.createdAt + 3_600, micros(first.seed, 6)),
    creationDate: isoMicros(event.createdAt, micros(first.seed, 7)),
    endDate: isoSeconds(event.endAt),
    image: `${PICTURES}/${event.picture}.png`,
    icon: `${PICTURES}/${event.picture}.png`,
    active: true,
    closed: totals.closed,
    archived: false,
    new: false,
    featured: false,
    restricted: true,
    liquidity: totals.liquidity,
    volume: totals.volume,
    openInterest: interest,
    sortBy: 'price',
    createdAt: isoMicros(event.createdAt, micros(first.seed, 8)),
    updatedAt: isoMicros(updated, micros(first.seed, 9)),
    ...(totals.closed ? { closedTime: isoSeconds(totals.closedAt) } : {}),
    competitive: 0.8,
    volume24hr: totals.volume24hr,
    enableOrderBook: first.shape !== 'legacy' && first.shape !== 'never_opened',
    liquidityClob: totals.liquidity,
    negRisk: event.negRisk,
    ...pick(event.negRisk, { negRiskMarketID: ids.negRiskMarketId(world.seed, event.index) }),
    commentCount: first.seed % 900,
    ...pick(series !== null, { series: [series] }),
    cyom: false,
    showAllOutcomes: true,
    showMarketImages: true,
    enableNegRisk: event.negRisk,
    automaticallyActive: true,
    ...pick(event.sport !== null, { startTime: isoSeconds(event.sport?.gameStartAt ?? 0) }),
    ...pick(event.crypto !== null, { startTime: isoSeconds(event.crypto?.startAt ?? 0) }),
    ...pick(event.series !== null, { seriesSlug: event.series?.slug }),
    negRiskAugmented: event.augmented,
    pendingDeployment: false,
    deploying: false,
    requiresTranslation: false,
  };
}

export function tagRows(event: EventState): Row[] {
  return event.tags.map(tagRow);
}

export function tagRow(tag: { id: number; label: string; slug: string }): Row {
  return {
    id: tag.id.toString(),
    label: tag.label,
    slug: tag.slug,
    forceShow: false,
    createdAt: '2023-10-25T18:55:50.681Z',
    updatedAt: '2026-03-09T22:35:26.76623Z',
    requiresTranslation: false,
  };
}
