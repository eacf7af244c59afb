import { MicroPrice, MicroShares, PartsPerMillion } from '@app/domain';
import { WireObject } from '../wire/wire-object';

/**
 * All trading parameters of a market in one answer, whose one- to five-letter keys are spelled out here. False and zero are left out by the
 * venue, so absent flags are false. Source: GET /clob-markets/{condition_id}, recorded May 2026.
 */
export interface ClobMarketInfo {
  conditionId: string;
  tokens: { tokenId: string; outcome: string }[];
  minOrderSize: MicroShares | null;
  tickSize: MicroPrice | null;
  /** Basis points; ceilings, not rates. */
  makerBaseFee: number;
  takerBaseFee: number;
  /** The fee curve; null when trading is free. */
  fee: { rate: PartsPerMillion; exponent: number; takerOnly: boolean } | null;
  negRisk: boolean;
  acceptingOrders: boolean;
  acceptingOrdersSince: Date | null;
  clearBookOnStart: boolean;
  secondsDelay: number;
  gameStartTime: Date | null;
  takerDelayEnabled: boolean;
  complianceChecked: boolean;
  /** Seconds. */
  minOrderAge: number;
  rfqEnabled: boolean;
  /** Smallest size, widest spread in cents (micro-units of the number) and smallest age in seconds that earn rewards. */
  rewards: { minSize: MicroShares | null; maxSpread: bigint | null; minOrderAge: number | null } | null;
}

export function readClobMarketInfo(row: WireObject): ClobMarketInfo {
  const fee = row.optionalObject('fd');
  const rewards = row.optionalObject('r');
  return {
    conditionId: row.hash('c'),
    tokens: row.requiredList('t', (token) => ({ tokenId: token.tokenId('t'), outcome: token.text('o') })),
    minOrderSize: row.shares('mos'),
    tickSize: row.tickSize('mts'),
    makerBaseFee: row.integer('mbf') ?? 0,
    takerBaseFee: row.integer('tbf') ?? 0,
    fee:
      fee === null
        ? null
        : {
            rate: fee.rate('r') ?? fee.refuse('r', 'a rate from 0 to 1'),
            exponent: fee.ratio('e') ?? 1,
            takerOnly: fee.optionalFlag('to') ?? false,
          },
    negRisk: row.optionalFlag('nr') ?? false,
    acceptingOrders: row.optionalFlag('ao') ?? false,
    acceptingOrdersSince: row.date('aot'),
    clearBookOnStart: row.optionalFlag('cbos') ?? false,
    secondsDelay: row.integer('sd') ?? 0,
    gameStartTime: row.date('gst'),
    takerDelayEnabled: row.optionalFlag('itode') ?? false,
    complianceChecked: row.optionalFlag('ibce') ?? false,
    minOrderAge: row.integer('oas') ?? 0,
    rfqEnabled: row.optionalFlag('rfqe') ?? false,
    rewards:
      rewards === null
        ? null
        : { minSize: rewards.shares('mi'), maxSpread: rewards.micro('ma'), minOrderAge: rewards.integer('moas') },
  };
}
