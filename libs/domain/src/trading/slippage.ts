import { MICRO, type MicroPrice } from '../money';
import type { OrderSide } from './order';

const BASIS_POINTS = 10_000n;

/**
 * How much worse than a midpoint a fill was, in millionths of a basis point of the midpoint, rounded half away from zero: what was paid more, or got
 * less; negative when it was better.
 * @returns null without a midpoint, and for one of 0
 */
export function slippageBps(side: OrderSide, price: MicroPrice, midpoint: MicroPrice | null): bigint | null {
  if (midpoint === null || midpoint <= 0n) return null;
  const worse = side === 'buy' ? price - midpoint : midpoint - price;
  const doubled = 2n * worse * BASIS_POINTS * MICRO;
  const half: bigint = midpoint;
  return (worse < 0n ? doubled - half : doubled + half) / (2n * midpoint);
}
