import { type MicroShares, microUsdc, type MicroUsdc } from '../money';
import type { Position } from '../trading/portfolio';

/**
 * What a part of the shares held cost by the average cost method: cost x part / quantity, rounded half up; all of them cost the rest.
 * @throws Error when more is asked for than is held
 */
export function costOf({ cost, quantity }: Pick<Position, 'cost' | 'quantity'>, part: MicroShares): MicroUsdc {
  if (part < 0n || part > quantity) throw new Error(`${part} of ${quantity} micro-shares have no cost`);
  return part === quantity ? cost : microUsdc((2n * cost * part + quantity) / (2n * quantity));
}

/** Shares an amount out evenly: the parts sum to it, and the first ones are a micro-unit more where it does not divide. */
export function equalParts(amount: bigint, count: number): bigint[] {
  const whole = amount / BigInt(count);
  const left = Number(amount % BigInt(count));
  return Array.from({ length: count }, (_, index) => (index < left ? whole + 1n : whole));
}
