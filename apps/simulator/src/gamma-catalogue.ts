/** A market field lists can be ordered by, in the answer's spelling. */
export const MARKET_ORDERS = [
  'id',
  'volumeNum',
  'liquidityNum',
  'volume24hr',
  'startDate',
  'endDate',
  'createdAt',
  'updatedAt',
  'closedTime',
] as const;
export type MarketOrder = (typeof MARKET_ORDERS)[number];

/** An event field lists can be ordered by. */
export const EVENT_ORDERS = ['id', 'volume', 'liquidity', 'volume24hr', 'startDate', 'endDate', 'closedTime'] as const;
export type EventOrder = (typeof EVENT_ORDERS)[number];

/** What Gamma's lists filter by besides ids. */
export interface Flags {
  closed: boolean;
  active: boolean;
  archived: boolean;
  tags: readonly { id: number; slug: string }[];
}

/**
 * What stands behind the Gamma routes: the generated world, or recorded payloads. Rows are named by position, ascending by id.
 * Numbers of an order are comparable; dates are Unix seconds.
 */
export interface GammaCatalogue {
  readonly marketCount: number;
  readonly eventCount: number;
  /** Changes whenever an answer may have changed. */
  revision(): string;

  marketFlags(position: number): Flags;
  marketNumber(position: number, order: MarketOrder): number;
  marketSlug(position: number): string;
  marketStatus(position: number): string | null;
  marketQuestionId(position: number): string;
  findMarketById(id: number): number | null;
  findMarketBySlug(slug: string): number | null;
  findMarketByConditionId(conditionId: string): number | null;
  findMarketByTokenId(tokenId: string): number | null;
  /** The market's JSON text as the venue answers it, in parts. */
  marketParts(position: number, includeTags: boolean): readonly string[];

  eventFlags(position: number): Flags;
  eventNumber(position: number, order: EventOrder): number;
  eventTitle(position: number): string;
  findEventById(id: number): number | null;
  findEventBySlug(slug: string): number | null;
  eventJson(position: number): string;

  tagsJson(): string[];
}
