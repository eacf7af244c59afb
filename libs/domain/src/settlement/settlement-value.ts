import { MICRO, type MicroShares, microUsdc, type MicroUsdc, type PartsPerMillion } from '../money';

/**
 * Returns what shares of one outcome are paid, in micro-USDC (rule G2). Odd micro-units of a half are shared out so that equal quantities of every
 * outcome are paid exactly 1 USDC a set: an outcome is paid the difference between what the outcomes up to it and those before it are worth.
 * @param payouts parts per million by outcome, summing to 1,000,000
 * @throws RangeError when the market has no such outcome
 */
export function settlementValue(
  payouts: readonly PartsPerMillion[],
  outcomeIndex: number,
  quantity: MicroShares,
): MicroUsdc {
  if (payouts[outcomeIndex] === undefined) throw new RangeError(`no payout for outcome ${outcomeIndex}`);
  const upTo = (count: number): bigint =>
    (quantity * payouts.slice(0, count).reduce<bigint>((sum, payout) => sum + payout, 0n)) / MICRO;
  return microUsdc(upTo(outcomeIndex + 1) - upTo(outcomeIndex));
}
