import {
  type ClosedLot,
  type Contribution,
  contributions,
  type EvidenceGrade,
  forecastQuality,
  type ForecastQuality,
  MICRO,
  microPrice,
  type MicroPrice,
  microUsdc,
  type MicroUsdc,
  type Position,
  type ResolvedForecast,
  type ValuedPosition,
} from '@app/domain';
import { isChargeable, takerFee } from '@app/exchange';
import type { FillOfRun } from '@app/persistence';

/** Prices shares were paid at, by token: from settlements, and for the other outcome of a market of two what is left of 1. */
export type Payouts = ReadonlyMap<string, MicroPrice>;

const HALF = MICRO / 2n;

/** Returns what the tokens of a run paid: 0, 0.5 or 1. Only markets of which something was held to the end are known. */
export function payoutsOf(positions: readonly Position[], lots: readonly ClosedLot[]): Payouts {
  const settled = new Map(
    lots
      .filter(({ end }) => end === 'settlement')
      .map(({ tokenId, proceeds, quantity }) => [tokenId, nearestHalf(proceeds, quantity)]),
  );
  const byMarket = new Map<string, Position[]>();
  for (const position of positions) {
    const { conditionId } = position;
    byMarket.set(conditionId, [...(byMarket.get(conditionId) ?? []), position]);
  }
  const payouts = new Map<string, MicroPrice>();
  for (const outcomes of byMarket.values()) {
    const known = outcomes.find(({ tokenId }) => settled.has(tokenId));
    const payout = known === undefined ? undefined : settled.get(known.tokenId);
    if (known === undefined || payout === undefined) continue;
    for (const { tokenId, outcomeIndex } of outcomes) {
      const own = outcomeIndex === known.outcomeIndex ? payout : MICRO - payout;
      payouts.set(tokenId, settled.get(tokenId) ?? microPrice(own));
    }
  }
  return payouts;
}

/** Odd micro-units of a half went to one outcome or the other: what was meant is the nearest of 0, 0.5 and 1. */
function nearestHalf(paid: bigint, quantity: bigint): MicroPrice {
  return microPrice(((2n * paid + quantity / 2n) / quantity) * HALF);
}

/** How good the prices of shares bought in markets that have paid were; forecasts are not stated in this product. */
export function forecastsOf(fills: readonly FillOfRun[], payouts: Payouts): ForecastQuality {
  const forecasts = fills.flatMap(({ side, tokenId, price, midpointAtFill, quantity }): ResolvedForecast | [] => {
    const payout = payouts.get(tokenId);
    if (side !== 'buy' || payout === undefined) return [];
    return {
      stated: null,
      price: probability(price),
      market: midpointAtFill === null ? null : probability(midpointAtFill),
      outcome: probability(payout),
      weight: Number(quantity) / Number(MICRO),
    };
  });
  return forecastQuality(forecasts);
}

function probability(price: MicroPrice): number {
  return Number(price) / Number(MICRO);
}

/** What the fills added by what they rest on, and by the category of their market. */
export function contributionsOf(
  fills: readonly FillOfRun[],
  positions: readonly ValuedPosition[],
  payouts: Payouts,
  categoryOf: (marketId: string) => string,
): { byEvidenceGrade: Contribution<EvidenceGrade>[]; byCategory: Contribution[] } {
  const worth = worthOf(fills, positions, payouts);
  const grouped = <Group extends string>(groupOf: (fill: FillOfRun) => Group): Contribution<Group>[] =>
    contributions(
      fills.map((fill) => ({ ...fill, group: groupOf(fill), estimatedRebate: estimatedRebate(fill) })),
      worth,
    );
  return {
    byEvidenceGrade: grouped(({ grade }) => grade),
    byCategory: grouped(({ marketId }) => categoryOf(marketId)),
  };
}

/** What a share is worth: what it paid, the mark of one that is held, the last price traded at of one that is gone. */
function worthOf(
  fills: readonly FillOfRun[],
  positions: readonly ValuedPosition[],
  payouts: Payouts,
): (tokenId: string) => MicroPrice | null {
  const lastPrices = new Map(fills.map(({ tokenId, price }) => [tokenId, price]));
  const held = new Map(
    positions.flatMap(({ position, mark }): [string, MicroPrice | null][] =>
      position.quantity > 0n ? [[position.tokenId, mark?.price ?? null]] : [],
    ),
  );
  return (tokenId) => {
    const mark = held.get(tokenId);
    return mark === undefined ? (payouts.get(tokenId) ?? lastPrices.get(tokenId) ?? null) : mark;
  };
}

/** What the venue would pay the maker of a fill back: its share of the fee a taker pays there, rounded down. */
function estimatedRebate({ liquidity, feeSchedule, price, quantity }: FillOfRun): MicroUsdc {
  if (liquidity === 'taker' || feeSchedule === null || !isChargeable(feeSchedule)) return microUsdc(0n);
  return microUsdc((takerFee(feeSchedule, price, quantity) * feeSchedule.rebateRate) / MICRO);
}
