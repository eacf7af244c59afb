import { hash2 } from './random';
import { acceptsOrders, type EventState, isActive, type MarketState, phaseAt } from './market-state';
import { fairPrice, quoteAt, stepStart } from './prices';
import * as ids from './venue-ids';
import { isoDay, isoMicros, isoSeconds, spaced } from './venue-time';
import type { World } from './world';

/** How Gamma writes a market and an event. Field order, types and omissions follow recorded answers of 2025 and 2026. */

const MICRO = 1_000_000;
const DAY = 86_400;
const PICTURES = 'https://simulated.example.com/uploads';

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

/** USD traded in the last `days` days. */
export function recentVolume(world: World, market: MarketState, at: number, days: number): number {
  if (market.shape === 'legacy') return 0;
  const last = Math.min(at, market.closeAt);
  const idle = (at - last) / DAY;
  if (idle >= days) return 0;
  const age = Math.max(1, (last - market.openAt) / DAY);
  return world.volume(market, at) * Math.min(1, (days - idle) / age);
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

function changes(market: MarketState, at: number): Row {
  const now = fairPrice(market, at);
  const since = (seconds: number): number => {
    const then = Math.max(market.openAt, at - seconds);
    return Math.round((now - fairPrice(market, then)) / 500) / 2_000;
  };
  const moves: [string, number][] = [
    ['oneDayPriceChange', since(DAY)],
    ['oneHourPriceChange', since(3_600)],
    ['oneWeekPriceChange', since(7 * DAY)],
    ['oneMonthPriceChange', since(30 * DAY)],
  ];
  return Object.fromEntries(moves.filter(([, move]) => move !== 0));
}

function volumes(world: World, market: MarketState, at: number): Row {
  const day = recentVolume(world, market, at, 1);
  const week = recentVolume(world, market, at, 7);
  const month = recentVolume(world, market, at, 30);
  const year = recentVolume(world, market, at, 365);
  return {
    ...pick(day > 0, { volume24hr: day, volume24hrClob: day }),
    ...pick(week > 0, { volume1wk: week, volume1wkClob: week }),
    ...pick(month > 0, { volume1mo: month, volume1moClob: month }),
    ...pick(year > 0, { volume1yr: year, volume1yrClob: year }),
  };
}

const NO_VOLUMES: Row = {
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
};

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

function quoteFields(market: MarketState, at: number): Row {
  if (phaseAt(market, at) === 'unopened' || market.shape === 'placeholder') {
    return { spread: 1, lastTradePrice: 0, bestBid: 0, bestAsk: 1, competitive: 0 };
  }
  const quote = quoteAt(market, at);
  const bid = quote.bid === null ? 0 : quote.bid / MICRO;
  const ask = quote.ask === null ? 1 : quote.ask / MICRO;
  return {
    spread: Math.round((ask - bid) * MICRO) / MICRO,
    lastTradePrice: quote.last / MICRO,
    ...pick(quote.bid !== null, { bestBid: bid }),
    bestAsk: ask,
    competitive: 1 / (1 + (quote.mid / MICRO - 0.5) ** 2),
  };
}

function standardRow(world: World, market: MarketState, at: number): Row {
  const { event } = market;
  const phase = phaseAt(market, at);
  const closed = phase === 'closed';
  const opened = phase !== 'unopened';
  const volume = world.volume(market, at);
  const resting = liquidity(market, at);
  const prices = displayPrices(market, at);
  const status = umaStatus(market, at);
  const condition = world.conditionId(market);
  const rewarded = market.seed % 5 === 0 && opened;
  const tokens = world.tokenIds(market);
  return {
    id: market.id.toString(),
    question: market.question,
    conditionId: condition,
    slug: market.slug,
    resolutionSource: event.resolutionSource,
    endDate: isoSeconds(market.endAt),
    ...pick(!closed || market.seed % 2 === 0, { liquidity: resting.toString() }),
    startDate: isoMicros(market.openAt, micros(market.seed, 2) - (micros(market.seed, 2) % 1_000)),
    image: `${PICTURES}/${event.picture}.png`,
    icon: `${PICTURES}/${event.picture}.png`,
    description: event.rules,
    outcomes: jsonStrings(market.outcomes),
    ...pick(prices !== null, { outcomePrices: jsonStrings(prices ?? []) }),
    volume: volume.toString(),
    active: isActive(market),
    closed,
    marketMakerAddress: '',
    createdAt: isoMicros(market.createdAt, micros(market.seed, 3)),
    updatedAt: isoMicros(updatedAt(market, at), micros(market.seed, 4)),
    ...(closed ? { closedTime: spaced(market.closeAt) } : {}),
    new: false,
    featured: false,
    submitted_by: '0x91430CaD2d3975766499717fA0D66A78D814E5c5',
    archived: market.archived,
    resolvedBy: event.negRisk
      ? '0x2F5e3684cb1F318ec51b00Edba38d79Ac2c0aA9d'
      : '0x65070BE91477460D8A7AeEb94ef92fe056C2f2A7',
    restricted: true,
    ...pick(market.groupTitle !== null, { groupItemTitle: market.groupTitle }),
    groupItemThreshold: (market.index - event.first).toString(),
    questionID: world.questionId(market),
    ...(closed && status !== null ? { umaEndDate: isoSeconds(market.closeAt) } : {}),
    enableOrderBook: opened && market.shape !== 'no_condition',
    orderPriceMinTickSize: market.tickMicro / MICRO,
    orderMinSize: 5,
    ...pick(status !== null, { umaResolutionStatus: status }),
    volumeNum: volume,
    ...pick(!closed, { liquidityNum: resting }),
    endDateIso: isoDay(market.endAt),
    startDateIso: isoDay(market.openAt),
    hasReviewedDates: true,
    ...(opened && market.volume > 0 ? volumes(world, market, at) : NO_VOLUMES),
    ...pick(tokens.length > 0, { clobTokenIds: jsonStrings(tokens) }),
    umaBond: '500',
    umaReward: '5',
    ...pick(market.volume > 0, { volumeClob: volume }),
    ...pick(!closed, { liquidityClob: resting }),
    ...pick(event.fees !== null, { makerBaseFee: 1000, takerBaseFee: 1000 }),
    customLiveness: 0,
    ...pick(opened, {
      acceptingOrders: acceptsOrders(market, at),
      acceptingOrdersTimestamp: isoSeconds(market.openAt),
    }),
    negRisk: event.negRisk,
    ...pick(event.negRisk, {
      negRiskMarketID: ids.negRiskMarketId(world.seed, event.index),
      negRiskRequestID: ids.negRiskRequestId(world.seed, market.index),
    }),
    ready: false,
    funded: false,
    cyom: false,
    pagerDutyNotificationEnabled: false,
    approved: true,
    ...pick(rewarded, {
      clobRewards: [
        {
          id: (20_000 + market.index).toString(),
          conditionId: condition,
          assetAddress: '0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB',
          rewardsAmount: 0,
          rewardsDailyRate: 1 + (market.seed % 50),
          startDate: isoDay(market.openAt),
          endDate: '2500-12-31',
        },
      ],
    }),
    rewardsMinSize: rewarded ? 50 : 0,
    rewardsMaxSpread: rewarded ? 3.5 : 0,
    ...pick(opened, changes(market, at)),
    ...quoteFields(market, at),
    ...pick(event.sport !== null, {
      gameStartTime: spaced(event.sport?.gameStartAt ?? 0),
      eventStartTime: isoSeconds(event.sport?.gameStartAt ?? 0),
      secondsDelay: 3,
      gameId: event.sport?.gameId,
      sportsMarketType: market.sportsMarketType,
      ...pick(market.line !== null, { line: market.line }),
    }),
    ...pick(event.crypto !== null, {
      eventStartTime: isoSeconds(event.crypto?.startAt ?? 0),
      cryptoMarketConfig: {
        id: (900 + (event.index % 90)).toString(),
        asset: event.crypto?.asset,
        duration: event.crypto?.duration,
        twapEnabled: true,
        twapLookbackSeconds: 60,
      },
    }),
    automaticallyActive: true,
    clearBookOnStart: event.sport !== null,
    seriesColor: '',
    showGmpSeries: false,
    showGmpOutcome: false,
    manualActivation: market.shape === 'placeholder',
    negRiskOther: market.other,
    umaResolutionStatuses: jsonStrings(umaStatuses(market, at)),
    pendingDeployment: false,
    deploying: false,
    deployingTimestamp: isoMicros(market.createdAt + 40, micros(market.seed, 5)),
    rfqEnabled: false,
    comboStatus: 'disabled',
    holdingRewardsEnabled: false,
    feesEnabled: event.fees !== null,
    requiresTranslation: false,
    feeType: event.fees?.type ?? null,
    ...pick(event.fees !== null, {
      feeSchedule: { exponent: 1, rate: event.fees?.rate, takerOnly: true, rebateRate: event.fees?.rebateRate },
    }),
  };
}

/** The market without its `events` and `tags`. */
export function marketRow(world: World, market: MarketState, at: number): Row {
  return market.shape === 'legacy' ? legacyRow(world, market) : standardRow(world, market, at);
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
