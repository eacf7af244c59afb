import { MicroPrice, MicroShares, MicroUsdc, PartsPerMillion, partsPerMillion, roundToMicro, MICRO } from '@app/domain';
import { isTokenId, WireObject } from '../wire/wire-object';
import { GammaEventSummary, readGammaEventSummary } from './gamma-event-summary';
import { GammaTag, readGammaTag } from './gamma-tag';

/** The fee curve of a market: fee = shares x rate x (p (1 - p))^exponent. */
export interface GammaFeeSchedule {
  rate: PartsPerMillion;
  exponent: number;
  takerOnly: boolean;
  rebateRate: PartsPerMillion;
}

/** One liquidity-reward offer. */
export interface GammaClobReward {
  id: string | null;
  conditionId: string | null;
  assetAddress: string | null;
  rewardsAmount: MicroUsdc | null;
  rewardsDailyRate: MicroUsdc | null;
  startDate: Date | null;
  endDate: Date | null;
}

/** Terms of automatic crypto up/down markets, since August 2026. */
export interface GammaCryptoMarketConfig {
  id: string | null;
  asset: string | null;
  duration: string | null;
  twapEnabled: boolean | null;
  twapLookbackSeconds: number | null;
}

/**
 * A market as Gamma answers it, every documented field typed: JSON-encoded texts decoded, decimals in micro-units, dates as moments, absent,
 * null and "" as null. Required of a row: `id`, `slug`, `question`, `outcomes`, `active`, `closed`.
 * Source: Gamma OpenAPI of 2026-05 and 819 recorded rows of 2020 to 2026.
 */
export interface GammaMarket {
  /** Gamma's id, digits. */
  id: string;
  /** On-chain id of the market; null where the venue left it empty. */
  conditionId: string | null;
  /** UMA question id. */
  questionId: string | null;
  /** Lower-cased; see {@link readSlug} for what is refused. */
  slug: string;
  question: string;
  description: string | null;
  resolutionSource: string | null;
  /** Legacy rows only. */
  category: string | null;
  /** The order fixes the index of each outcome. */
  outcomes: string[];
  /** Decimal texts as written, parallel to `outcomes`; empty on never-opened markets. */
  outcomePrices: string[];
  /** Decimal uint256 texts, parallel to `outcomes`; empty on legacy rows. */
  clobTokenIds: string[];
  shortOutcomes: string[] | null;
  /** Every state the resolution went through. */
  umaResolutionStatuses: string[] | null;
  /** Position ids of protocol V3. */
  positionIds: string[] | null;
  /** Deployed and not archived; not the same as tradeable. */
  active: boolean;
  closed: boolean;
  archived: boolean | null;
  isNew: boolean | null;
  featured: boolean | null;
  restricted: boolean | null;
  approved: boolean | null;
  ready: boolean | null;
  funded: boolean | null;
  cyom: boolean | null;
  /** The order-entry switch; can be true on a closed market. */
  acceptingOrders: boolean | null;
  acceptingOrdersTimestamp: Date | null;
  enableOrderBook: boolean | null;
  orderPriceMinTickSize: MicroPrice | null;
  /** Shares, in spite of the venue's text. */
  orderMinSize: MicroShares | null;
  /** Of the first outcome; absent when there is none. */
  bestBid: MicroPrice | null;
  /** Of the first outcome; 1 may be filler. */
  bestAsk: MicroPrice | null;
  lastTradePrice: MicroPrice | null;
  /** Best ask less best bid; negative when crossed. */
  spread: MicroPrice | null;
  volume: MicroUsdc | null;
  liquidity: MicroUsdc | null;
  volumeNum: MicroUsdc | null;
  liquidityNum: MicroUsdc | null;
  volumeClob: MicroUsdc | null;
  liquidityClob: MicroUsdc | null;
  volumeAmm: MicroUsdc | null;
  liquidityAmm: MicroUsdc | null;
  volume24hr: MicroUsdc | null;
  volume1wk: MicroUsdc | null;
  volume1mo: MicroUsdc | null;
  volume1yr: MicroUsdc | null;
  volume24hrClob: MicroUsdc | null;
  volume1wkClob: MicroUsdc | null;
  volume1moClob: MicroUsdc | null;
  volume1yrClob: MicroUsdc | null;
  volume24hrAmm: MicroUsdc | null;
  volume1wkAmm: MicroUsdc | null;
  volume1moAmm: MicroUsdc | null;
  volume1yrAmm: MicroUsdc | null;
  competitive: number | null;
  oneHourPriceChange: MicroPrice | null;
  oneDayPriceChange: MicroPrice | null;
  oneWeekPriceChange: MicroPrice | null;
  oneMonthPriceChange: MicroPrice | null;
  oneYearPriceChange: MicroPrice | null;
  startDate: Date | null;
  /** A scheduled date: markets trade past it. */
  endDate: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  eventStartTime: Date | null;
  deployingTimestamp: Date | null;
  startDateIso: Date | null;
  endDateIso: Date | null;
  closedTime: Date | null;
  gameStartTime: Date | null;
  umaEndDate: Date | null;
  negRisk: boolean | null;
  negRiskMarketId: string | null;
  negRiskRequestId: string | null;
  /** The "Other" outcome of an augmented event. */
  negRiskOther: boolean | null;
  feesEnabled: boolean | null;
  feeType: string | null;
  /** The rate to use; null means no fee. */
  feeSchedule: GammaFeeSchedule | null;
  /** Basis points; a ceiling of the contract, not the rate. */
  makerBaseFee: number | null;
  /** Basis points; a ceiling of the contract, not the rate. */
  takerBaseFee: number | null;
  makerRebatesFeeShareBps: number | null;
  rewardsMinSize: MicroShares | null;
  /** Cents, in micro-units of the number shown. */
  rewardsMaxSpread: bigint | null;
  clobRewards: GammaClobReward[];
  holdingRewardsEnabled: boolean | null;
  /** `requested`, `proposed`, `disputed`, `resolved`, `settled`. */
  umaResolutionStatus: string | null;
  umaBond: MicroUsdc | null;
  umaReward: MicroUsdc | null;
  /** Seconds; 0 is the default of 7,200. */
  customLiveness: number | null;
  resolvedBy: string | null;
  submittedBy: string | null;
  automaticallyResolved: boolean | null;
  automaticallyActive: boolean | null;
  manualActivation: boolean | null;
  clearBookOnStart: boolean | null;
  pendingDeployment: boolean | null;
  deploying: boolean | null;
  /** Taker delay of sports markets, seconds. */
  secondsDelay: number | null;
  sportsMarketType: string | null;
  line: number | null;
  gameId: string | null;
  teamAId: string | null;
  teamBId: string | null;
  cryptoMarketConfig: GammaCryptoMarketConfig | null;
  comboStatus: string | null;
  rfqEnabled: boolean | null;
  version: string | null;
  groupItemTitle: string | null;
  groupItemThreshold: string | null;
  image: string | null;
  icon: string | null;
  seriesColor: string | null;
  /** The parent event; one element in practice. */
  events: GammaEventSummary[];
  /** Only with `include_tag=true`. */
  tags: GammaTag[];
  /** Legacy market maker. */
  marketMakerAddress: string | null;
  fpmmLive: boolean | null;
  creator: string | null;
  mailchimpTag: string | null;
}

/** @throws WireProblem naming the field that is not what it should be. */
export function readGammaMarket(row: WireObject): GammaMarket {
  const outcomes = readOutcomes(row);
  const outcomePrices = readOutcomePrices(row, outcomes.length);
  const clobTokenIds = readTokenIds(row, outcomes.length);
  const feeSchedule = row.optionalObject('feeSchedule');
  const crypto = row.optionalObject('cryptoMarketConfig');
  return {
    id: row.id('id'),
    conditionId: row.optionalHash('conditionId'),
    questionId: row.optionalHash('questionID'),
    slug: readSlug(row),
    question: row.text('question', 4_096),
    description: row.optionalText('description'),
    resolutionSource: row.optionalText('resolutionSource'),
    category: row.optionalText('category'),
    outcomes,
    outcomePrices,
    clobTokenIds,
    shortOutcomes: row.encodedTexts('shortOutcomes'),
    umaResolutionStatuses: row.encodedTexts('umaResolutionStatuses'),
    positionIds: row.encodedTexts('positionIds'),
    active: row.flag('active'),
    closed: row.flag('closed'),
    archived: row.optionalFlag('archived'),
    isNew: row.optionalFlag('new'),
    featured: row.optionalFlag('featured'),
    restricted: row.optionalFlag('restricted'),
    approved: row.optionalFlag('approved'),
    ready: row.optionalFlag('ready'),
    funded: row.optionalFlag('funded'),
    cyom: row.optionalFlag('cyom'),
    acceptingOrders: row.optionalFlag('acceptingOrders'),
    acceptingOrdersTimestamp: row.date('acceptingOrdersTimestamp'),
    enableOrderBook: row.optionalFlag('enableOrderBook'),
    orderPriceMinTickSize: row.tickSize('orderPriceMinTickSize'),
    orderMinSize: row.shares('orderMinSize'),
    bestBid: row.price('bestBid'),
    bestAsk: row.price('bestAsk'),
    lastTradePrice: row.price('lastTradePrice'),
    spread: row.priceChange('spread'),
    volume: row.amount('volume'),
    liquidity: row.amount('liquidity'),
    volumeNum: row.amount('volumeNum'),
    liquidityNum: row.amount('liquidityNum'),
    volumeClob: row.amount('volumeClob'),
    liquidityClob: row.amount('liquidityClob'),
    volumeAmm: row.amount('volumeAmm'),
    liquidityAmm: row.amount('liquidityAmm'),
    volume24hr: row.amount('volume24hr'),
    volume1wk: row.amount('volume1wk'),
    volume1mo: row.amount('volume1mo'),
    volume1yr: row.amount('volume1yr'),
    volume24hrClob: row.amount('volume24hrClob'),
    volume1wkClob: row.amount('volume1wkClob'),
    volume1moClob: row.amount('volume1moClob'),
    volume1yrClob: row.amount('volume1yrClob'),
    volume24hrAmm: row.amount('volume24hrAmm'),
    volume1wkAmm: row.amount('volume1wkAmm'),
    volume1moAmm: row.amount('volume1moAmm'),
    volume1yrAmm: row.amount('volume1yrAmm'),
    competitive: row.ratio('competitive'),
    oneHourPriceChange: row.priceChange('oneHourPriceChange'),
    oneDayPriceChange: row.priceChange('oneDayPriceChange'),
    oneWeekPriceChange: row.priceChange('oneWeekPriceChange'),
    oneMonthPriceChange: row.priceChange('oneMonthPriceChange'),
    oneYearPriceChange: row.priceChange('oneYearPriceChange'),
    startDate: row.date('startDate'),
    endDate: row.date('endDate'),
    createdAt: row.date('createdAt'),
    updatedAt: row.date('updatedAt'),
    eventStartTime: row.date('eventStartTime'),
    deployingTimestamp: row.date('deployingTimestamp'),
    startDateIso: row.date('startDateIso'),
    endDateIso: row.date('endDateIso'),
    closedTime: row.date('closedTime'),
    gameStartTime: row.date('gameStartTime'),
    umaEndDate: row.date('umaEndDate'),
    negRisk: row.optionalFlag('negRisk'),
    negRiskMarketId: row.optionalHex('negRiskMarketID'),
    negRiskRequestId: row.optionalHex('negRiskRequestID'),
    negRiskOther: row.optionalFlag('negRiskOther'),
    feesEnabled: row.optionalFlag('feesEnabled'),
    feeType: row.optionalText('feeType'),
    feeSchedule: feeSchedule === null ? null : readFeeSchedule(feeSchedule),
    makerBaseFee: row.integer('makerBaseFee'),
    takerBaseFee: row.integer('takerBaseFee'),
    makerRebatesFeeShareBps: row.integer('makerRebatesFeeShareBps'),
    rewardsMinSize: row.shares('rewardsMinSize'),
    rewardsMaxSpread: row.micro('rewardsMaxSpread'),
    clobRewards: row.list('clobRewards', readClobReward),
    holdingRewardsEnabled: row.optionalFlag('holdingRewardsEnabled'),
    umaResolutionStatus: row.optionalText('umaResolutionStatus'),
    umaBond: row.amount('umaBond'),
    umaReward: row.amount('umaReward'),
    customLiveness: row.integer('customLiveness'),
    resolvedBy: row.optionalText('resolvedBy'),
    submittedBy: row.optionalText('submitted_by'),
    automaticallyResolved: row.optionalFlag('automaticallyResolved'),
    automaticallyActive: row.optionalFlag('automaticallyActive'),
    manualActivation: row.optionalFlag('manualActivation'),
    clearBookOnStart: row.optionalFlag('clearBookOnStart'),
    pendingDeployment: row.optionalFlag('pendingDeployment'),
    deploying: row.optionalFlag('deploying'),
    secondsDelay: row.integer('secondsDelay'),
    sportsMarketType: row.optionalText('sportsMarketType'),
    line: row.ratio('line'),
    gameId: row.optionalLabel('gameId'),
    teamAId: row.optionalLabel('teamAID'),
    teamBId: row.optionalLabel('teamBID'),
    cryptoMarketConfig: crypto === null ? null : readCryptoMarketConfig(crypto),
    comboStatus: row.optionalText('comboStatus'),
    rfqEnabled: row.optionalFlag('rfqEnabled'),
    version: row.optionalText('version'),
    groupItemTitle: row.optionalText('groupItemTitle'),
    groupItemThreshold: row.optionalLabel('groupItemThreshold'),
    image: row.optionalText('image'),
    icon: row.optionalText('icon'),
    seriesColor: row.optionalText('seriesColor'),
    events: row.list('events', readGammaEventSummary),
    tags: row.list('tags', readGammaTag),
    marketMakerAddress: row.optionalText('marketMakerAddress'),
    fpmmLive: row.optionalFlag('fpmmLive'),
    creator: row.optionalText('creator'),
    mailchimpTag: row.optionalLabel('mailchimpTag'),
  };
}

const MAX_SLUG_LENGTH = 512;
const MAX_OUTCOMES = 1_024;
/** What a slug must not hold: it is a path segment here and at the venue. */
const NOT_IN_A_SLUG = /[\s\p{Cc}/\\?#%]/u;

/** The slug, lower-cased: no slash, backslash, `?`, `#`, `%`, blank or control character, not `.` or `..`, at most 512 characters. */
function readSlug(row: WireObject): string {
  const slug = row.text('slug', MAX_SLUG_LENGTH);
  if (NOT_IN_A_SLUG.test(slug) || slug === '.' || slug === '..') {
    return row.refuse('slug', 'a slug: no slash, backslash, ?, #, %, blank or control character');
  }
  return slug.toLowerCase();
}

function readOutcomes(row: WireObject): string[] {
  const outcomes = row.encodedTexts('outcomes') ?? [];
  return outcomes.length >= 1 && outcomes.length <= MAX_OUTCOMES
    ? outcomes
    : row.refuse('outcomes', `text holding a JSON array of 1 to ${MAX_OUTCOMES} texts`);
}

function readOutcomePrices(row: WireObject, outcomeCount: number): string[] {
  const prices = row.encodedTexts('outcomePrices') ?? [];
  if (prices.length !== 0 && prices.length !== outcomeCount) {
    return row.refuse('outcomePrices', `one price for each of the ${outcomeCount} outcomes, or none`);
  }
  return prices.every(isOutcomePrice) ? prices : row.refuse('outcomePrices', 'decimal texts from 0 to 1');
}

function isOutcomePrice(text: string): boolean {
  const price = roundToMicro(text);
  return price.ok && price.value >= 0n && price.value <= MICRO;
}

function readTokenIds(row: WireObject, outcomeCount: number): string[] {
  const tokenIds = row.encodedTexts('clobTokenIds') ?? [];
  if (tokenIds.every((tokenId) => tokenId === '')) return [];
  if (tokenIds.length !== outcomeCount) {
    return row.refuse('clobTokenIds', `one token id for each of the ${outcomeCount} outcomes, or none`);
  }
  if (!tokenIds.every(isTokenId)) return row.refuse('clobTokenIds', 'token ids of 1 to 78 digits');
  return new Set(tokenIds).size === tokenIds.length
    ? tokenIds
    : row.refuse('clobTokenIds', 'a different token id for each outcome');
}

const MAX_FEE_EXPONENT = 16;

function readFeeSchedule(schedule: WireObject): GammaFeeSchedule {
  const exponent = schedule.ratio('exponent') ?? 1;
  if (exponent < 0 || exponent > MAX_FEE_EXPONENT)
    return schedule.refuse('exponent', `an exponent from 0 to ${MAX_FEE_EXPONENT}`);
  return {
    rate: schedule.rate('rate') ?? schedule.refuse('rate', 'a rate from 0 to 1'),
    exponent,
    takerOnly: schedule.optionalFlag('takerOnly') ?? true,
    rebateRate: schedule.rate('rebateRate') ?? partsPerMillion(0n),
  };
}

function readClobReward(reward: WireObject): GammaClobReward {
  return {
    id: reward.optionalLabel('id'),
    conditionId: reward.optionalHash('conditionId'),
    assetAddress: reward.optionalText('assetAddress'),
    rewardsAmount: reward.amount('rewardsAmount'),
    rewardsDailyRate: reward.amount('rewardsDailyRate'),
    startDate: reward.date('startDate'),
    endDate: reward.date('endDate'),
  };
}

function readCryptoMarketConfig(config: WireObject): GammaCryptoMarketConfig {
  return {
    id: config.optionalLabel('id'),
    asset: config.optionalText('asset'),
    duration: config.optionalLabel('duration'),
    twapEnabled: config.optionalFlag('twapEnabled'),
    twapLookbackSeconds: config.integer('twapLookbackSeconds'),
  };
}
