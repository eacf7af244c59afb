import { MicroUsdc } from '@app/domain';
import { WireObject } from '../wire/wire-object';
import { GammaTag, readGammaTag } from './gamma-tag';

/** The recurring series an event belongs to. */
export interface GammaSeries {
  id: string;
  slug: string;
  ticker: string | null;
  title: string | null;
  seriesType: string | null;
  recurrence: string | null;
  active: boolean | null;
  closed: boolean | null;
  archived: boolean | null;
  volume: MicroUsdc | null;
  volume24hr: MicroUsdc | null;
  liquidity: MicroUsdc | null;
  createdAt: Date | null;
  updatedAt: Date | null;
}

/** An event as it stands inside a market: everything but its markets. Source: Gamma, recorded 2022 to 2026. */
export interface GammaEventSummary {
  id: string;
  slug: string;
  ticker: string | null;
  title: string;
  description: string | null;
  resolutionSource: string | null;
  category: string | null;
  image: string | null;
  icon: string | null;
  active: boolean | null;
  closed: boolean | null;
  archived: boolean | null;
  isNew: boolean | null;
  featured: boolean | null;
  restricted: boolean | null;
  liquidity: MicroUsdc | null;
  liquidityAmm: MicroUsdc | null;
  liquidityClob: MicroUsdc | null;
  volume: MicroUsdc | null;
  volume24hr: MicroUsdc | null;
  volume1wk: MicroUsdc | null;
  volume1mo: MicroUsdc | null;
  volume1yr: MicroUsdc | null;
  openInterest: MicroUsdc | null;
  competitive: number | null;
  commentCount: number | null;
  startDate: Date | null;
  creationDate: Date | null;
  endDate: Date | null;
  startTime: Date | null;
  closedTime: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  negRisk: boolean | null;
  enableNegRisk: boolean | null;
  negRiskAugmented: boolean | null;
  /** 0x and hex; shorter than 32 bytes on recorded rows. */
  negRiskMarketId: string | null;
  /** Basis points. */
  negRiskFeeBips: number | null;
  enableOrderBook: boolean | null;
  showAllOutcomes: boolean | null;
  sortBy: string | null;
  seriesSlug: string | null;
  gameId: string | null;
  gameStatus: string | null;
  score: string | null;
  elapsed: string | null;
  period: string | null;
  live: boolean | null;
  ended: boolean | null;
  series: GammaSeries[];
  tags: GammaTag[];
}

export function readGammaEventSummary(row: WireObject): GammaEventSummary {
  return {
    id: row.id('id'),
    slug: row.text('slug', 512),
    ticker: row.optionalText('ticker', 512),
    title: row.text('title', 4_096),
    description: row.optionalText('description'),
    resolutionSource: row.optionalText('resolutionSource'),
    category: row.optionalText('category'),
    image: row.optionalText('image'),
    icon: row.optionalText('icon'),
    active: row.optionalFlag('active'),
    closed: row.optionalFlag('closed'),
    archived: row.optionalFlag('archived'),
    isNew: row.optionalFlag('new'),
    featured: row.optionalFlag('featured'),
    restricted: row.optionalFlag('restricted'),
    liquidity: row.amount('liquidity'),
    liquidityAmm: row.amount('liquidityAmm'),
    liquidityClob: row.amount('liquidityClob'),
    volume: row.amount('volume'),
    volume24hr: row.amount('volume24hr'),
    volume1wk: row.amount('volume1wk'),
    volume1mo: row.amount('volume1mo'),
    volume1yr: row.amount('volume1yr'),
    openInterest: row.amount('openInterest'),
    competitive: row.ratio('competitive'),
    commentCount: row.integer('commentCount'),
    startDate: row.date('startDate'),
    creationDate: row.date('creationDate'),
    endDate: row.date('endDate'),
    startTime: row.date('startTime'),
    closedTime: row.date('closedTime'),
    createdAt: row.date('createdAt'),
    updatedAt: row.date('updatedAt'),
    negRisk: row.optionalFlag('negRisk'),
    enableNegRisk: row.optionalFlag('enableNegRisk'),
    negRiskAugmented: row.optionalFlag('negRiskAugmented'),
    negRiskMarketId: row.optionalHex('negRiskMarketID'),
    negRiskFeeBips: row.integer('negRiskFeeBips'),
    enableOrderBook: row.optionalFlag('enableOrderBook'),
    showAllOutcomes: row.optionalFlag('showAllOutcomes'),
    sortBy: row.optionalText('sortBy'),
    seriesSlug: row.optionalText('seriesSlug', 512),
    gameId: row.optionalLabel('gameId'),
    gameStatus: row.optionalText('gameStatus'),
    score: row.optionalText('score'),
    elapsed: row.optionalLabel('elapsed'),
    period: row.optionalLabel('period'),
    live: row.optionalFlag('live'),
    ended: row.optionalFlag('ended'),
    series: row.list('series', readGammaSeries),
    tags: row.list('tags', readGammaTag),
  };
}

function readGammaSeries(row: WireObject): GammaSeries {
  return {
    id: row.id('id'),
    slug: row.text('slug', 512),
    ticker: row.optionalText('ticker', 512),
    title: row.optionalText('title', 4_096),
    seriesType: row.optionalText('seriesType'),
    recurrence: row.optionalText('recurrence'),
    active: row.optionalFlag('active'),
    closed: row.optionalFlag('closed'),
    archived: row.optionalFlag('archived'),
    volume: row.amount('volume'),
    volume24hr: row.amount('volume24hr'),
    liquidity: row.amount('liquidity'),
    createdAt: row.date('createdAt'),
    updatedAt: row.date('updatedAt'),
  };
}
