import { MicroPrice, MicroShares } from '@app/domain';
import { WireObject } from '../wire/wire-object';

export type WireSide = 'BUY' | 'SELL';
export const WIRE_SIDES = ['BUY', 'SELL'] as const satisfies readonly WireSide[];

/** A resting order as GET /data/orders lists it. */
export interface ClobOpenOrder {
  id: string;
  status: string;
  market: string;
  tokenId: string;
  side: WireSide;
  originalSize: MicroShares | null;
  sizeMatched: MicroShares | null;
  price: MicroPrice | null;
  outcome: string | null;
  owner: string | null;
  makerAddress: string | null;
  orderType: string | null;
  associateTrades: string[];
  createdAt: Date | null;
  expiration: Date | null;
}

export function readClobOpenOrder(row: WireObject): ClobOpenOrder {
  return {
    id: row.text('id'),
    status: row.text('status'),
    market: row.text('market'),
    tokenId: row.tokenId('asset_id'),
    side: row.oneOf('side', WIRE_SIDES),
    originalSize: row.shares('original_size'),
    sizeMatched: row.shares('size_matched'),
    price: row.price('price'),
    outcome: row.optionalText('outcome'),
    owner: row.optionalText('owner'),
    makerAddress: row.optionalText('maker_address'),
    orderType: row.optionalText('order_type'),
    associateTrades: row.texts('associate_trades') ?? [],
    createdAt: row.moment('created_at'),
    expiration: row.moment('expiration'),
  };
}

/** The maker's part of a match. */
export interface ClobMakerOrder {
  orderId: string;
  owner: string | null;
  makerAddress: string | null;
  tokenId: string;
  matchedAmount: MicroShares | null;
  price: MicroPrice | null;
  feeRateBps: number | null;
  outcome: string | null;
  /** Absent in the 2024 shape. */
  side: WireSide | null;
}

/** A trade of one's own, as GET /data/trades and the user socket tell it; sent again at each status. */
export interface ClobTrade {
  id: string;
  takerOrderId: string;
  market: string;
  tokenId: string;
  side: WireSide;
  size: MicroShares | null;
  price: MicroPrice | null;
  /** A label, not the rate. */
  feeRateBps: number | null;
  /** MATCHED, MINED, CONFIRMED, RETRYING or FAILED. */
  status: string;
  matchTime: Date | null;
  lastUpdate: Date | null;
  outcome: string | null;
  bucketIndex: number | null;
  owner: string | null;
  makerAddress: string | null;
  transactionHash: string | null;
  traderSide: 'TAKER' | 'MAKER' | null;
  makerOrders: ClobMakerOrder[];
}

export function readClobTrade(row: WireObject): ClobTrade {
  return {
    id: row.text('id'),
    takerOrderId: row.text('taker_order_id'),
    market: row.text('market'),
    tokenId: row.tokenId('asset_id'),
    side: row.oneOf('side', WIRE_SIDES),
    size: row.shares('size'),
    price: row.price('price'),
    feeRateBps: row.integer('fee_rate_bps'),
    status: row.text('status'),
    matchTime: row.moment('match_time') ?? row.moment('matchtime'),
    lastUpdate: row.moment('last_update'),
    outcome: row.optionalText('outcome'),
    bucketIndex: row.integer('bucket_index'),
    owner: row.optionalText('owner'),
    makerAddress: row.optionalText('maker_address'),
    transactionHash: row.optionalHex('transaction_hash'),
    traderSide: row.optionalOneOf('trader_side', ['TAKER', 'MAKER']),
    makerOrders: row.list('maker_orders', readClobMakerOrder),
  };
}

function readClobMakerOrder(order: WireObject): ClobMakerOrder {
  return {
    orderId: order.text('order_id'),
    owner: order.optionalText('owner'),
    makerAddress: order.optionalText('maker_address'),
    tokenId: order.tokenId('asset_id'),
    matchedAmount: order.shares('matched_amount'),
    price: order.price('price'),
    feeRateBps: order.integer('fee_rate_bps'),
    outcome: order.optionalText('outcome'),
    side: order.optionalOneOf('side', WIRE_SIDES),
  };
}

/** The answer to POST /order. */
export interface ClobOrderAnswer {
  success: boolean;
  orderId: string | null;
  errorMessage: string | null;
  status: string | null;
  /** Empty when nothing matched. */
  makingAmount: bigint | null;
  takingAmount: bigint | null;
}

export function readClobOrderAnswer(answer: WireObject): ClobOrderAnswer {
  return {
    success: answer.flag('success'),
    orderId: answer.optionalText('orderID'),
    errorMessage: answer.optionalText('errorMsg'),
    status: answer.optionalText('status'),
    makingAmount: answer.micro('makingAmount'),
    takingAmount: answer.micro('takingAmount'),
  };
}

/** The answer to every DELETE of orders. */
export interface ClobCancelAnswer {
  canceled: string[];
  /** Why each of the others was not cancelled, by order id. */
  notCanceled: Map<string, string>;
}

export function readClobCancelAnswer(answer: WireObject): ClobCancelAnswer {
  const reasons = answer.optionalObject('not_canceled');
  return {
    canceled: answer.texts('canceled') ?? answer.refuse('canceled', 'an array of order ids'),
    notCanceled: new Map(reasons?.keys().map((id) => [id, reasons.text(id)]) ?? []),
  };
}

/** The answer to GET /balance-allowance: 6-decimal integers, or decimals, as text. */
export interface ClobBalanceAllowance {
  balance: string;
  allowance: string | null;
}

export function readClobBalanceAllowance(answer: WireObject): ClobBalanceAllowance {
  if (answer.micro('balance') === null) return answer.refuse('balance', 'a numeric text');
  return { balance: answer.text('balance'), allowance: answer.optionalText('allowance') };
}

/** A signed order of protocol V2 as a client posts it. */
export interface ClobSignedOrder {
  salt: string;
  maker: string;
  signer: string;
  tokenId: string;
  /** 6-decimal integers as text; for a BUY the maker amount is collateral. */
  makerAmount: string;
  takerAmount: string;
  side: WireSide;
  signatureType: number;
  expiration: Date | null;
  timestamp: Date;
  metadata: string | null;
  builder: string | null;
  signature: string;
}

export function readClobSignedOrder(order: WireObject): ClobSignedOrder {
  return {
    salt: order.optionalLabel('salt') ?? order.refuse('salt', 'a number'),
    maker: order.text('maker'),
    signer: order.text('signer'),
    tokenId: order.tokenId('tokenId'),
    makerAmount: order.text('makerAmount'),
    takerAmount: order.text('takerAmount'),
    side: order.oneOf('side', WIRE_SIDES),
    signatureType: order.integer('signatureType') ?? order.refuse('signatureType', '0, 1, 2 or 3'),
    expiration: order.moment('expiration'),
    timestamp: order.milliseconds('timestamp'),
    metadata: order.optionalHex('metadata'),
    builder: order.optionalHex('builder'),
    signature: order.text('signature'),
  };
}
