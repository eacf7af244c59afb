import { MICRO, type MicroPrice, type MicroShares } from '../money';
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

/**
 * How much worse than one price fills were, averaged by shares: {@link slippageBps} of each, rounded toward zero.
 * @returns null without fills, and without a price to compare with
 */
export function averageSlippageBps(
  side: OrderSide,
  fills: readonly { price: MicroPrice; quantity: MicroShares }[],
  reference: MicroPrice | null,
): bigint | null {
  let weighted = 0n;
  let quantity = 0n;
  for (const fill of fills) {
    const worse = slippageBps(side, fill.price, reference);
    if (worse === null) return null;
    weighted += worse * fill.quantity;
    quantity += fill.quantity;
  }
  return quantity === 0n ? null : weighted / quantity;
}
