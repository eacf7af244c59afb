import { MicroPrice, MicroShares, MicroUsdc } from '@app/domain';
import { WIRE_SIDES, WireSide } from '../clob/trading';
import { WireObject } from '../wire/wire-object';

/** A public trade. Source: Data API v1 GET /trades, recorded January 2026. */
export interface DataTrade {
  proxyWallet: string;
  side: WireSide;
  tokenId: string;
  conditionId: string;
  size: MicroShares;
  /** A volume-weighted average, off the tick grid, rounded to a micro-unit. */
  price: MicroPrice;
  venueTime: Date;
  title: string | null;
  slug: string | null;
  icon: string | null;
  eventSlug: string | null;
  outcome: string | null;
  /** Null where the venue writes 999, its "not applicable". */
  outcomeIndex: number | null;
  /** Shared by several rows. */
  transactionHash: string | null;
}

const NOT_APPLICABLE = 999;

export function readDataTrade(row: WireObject): DataTrade {
  const outcomeIndex = row.integer('outcomeIndex');
  return {
    proxyWallet: row.text('proxyWallet'),
    side: row.oneOf('side', WIRE_SIDES),
    tokenId: row.tokenId('asset'),
    conditionId: row.hash('conditionId'),
    size: row.shares('size') ?? row.refuse('size', 'a quantity'),
    price: row.price('price') ?? row.refuse('price', 'a price from 0 to 1'),
    venueTime: row.moment('timestamp') ?? row.refuse('timestamp', 'a Unix time in seconds'),
    title: row.optionalText('title'),
    slug: row.optionalText('slug'),
    icon: row.optionalText('icon'),
    eventSlug: row.optionalText('eventSlug'),
    outcome: row.optionalText('outcome'),
    outcomeIndex: outcomeIndex === NOT_APPLICABLE ? null : outcomeIndex,
    transactionHash: row.optionalHex('transactionHash'),
  };
}

/** Open interest of one market; `market` is "GLOBAL" on the row that sums the whole venue. Source: Data API v1 GET /oi. */
export interface OpenInterestRow {
  market: string;
  value: MicroUsdc;
}

export function readOpenInterest(row: WireObject): OpenInterestRow {
  const global = row.raw('market') === 'GLOBAL';
  return {
    market: global ? 'GLOBAL' : row.hash('market'),
    value: row.amount('value') ?? row.refuse('value', 'an amount of 0 or more'),
  };
}

/** The largest holders of one token. Source: Data API v1 GET /holders. */
export interface TokenHolders {
  tokenId: string;
  holders: {
    proxyWallet: string;
    amount: MicroShares;
    outcomeIndex: number | null;
    name: string | null;
    pseudonym: string | null;
  }[];
}

export function readTokenHolders(row: WireObject): TokenHolders {
  return {
    tokenId: row.tokenId('token'),
    holders: row.requiredList('holders', (holder) => ({
      proxyWallet: holder.text('proxyWallet'),
      amount: holder.shares('amount') ?? holder.refuse('amount', 'a quantity'),
      outcomeIndex: holder.integer('outcomeIndex'),
      name: holder.optionalText('name'),
      pseudonym: holder.optionalText('pseudonym'),
    })),
  };
}
