import { type MicroPrice, microPrice, type MicroShares, type MicroUsdc } from '@app/domain';

/** USDC a share, rounded half up to a micro-USDC; null for no shares. */
export function averagePrice(value: MicroUsdc, quantity: MicroShares): MicroPrice | null {
  return quantity === 0n ? null : microPrice((2_000_000n * value + quantity) / (2n * quantity));
}
