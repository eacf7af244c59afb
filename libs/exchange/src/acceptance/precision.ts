import { MICRO, type MicroPrice } from '@app/domain';

/** How many decimals the fields of an order may have (C1). */
export interface OrderPrecision {
  price: number;
  size: number;
  /** Of price x size. */
  amount: number;
}

const MICRO_DECIMALS = 6;
const SIZE_DECIMALS = 2;

/** Decimals by tick size: those of the tick for prices, 2 for sizes, both together for amounts. Source: the venue's own clients. */
export function precisionOf(tickSize: MicroPrice): OrderPrecision {
  const price = decimalsOf(tickSize);
  return { price, size: SIZE_DECIMALS, amount: price + SIZE_DECIMALS };
}

/** Decimals of a number of micro-units, without trailing zeros: 450_000 (0.45) has 2. */
export function decimalsOf(value: bigint): number {
  let decimals = MICRO_DECIMALS;
  for (let rest = value; decimals > 0 && rest % 10n === 0n; rest /= 10n) decimals -= 1;
  return decimals;
}

/** Whether a price is on the grid of a tick size and at least one tick away from 0 and 1 (C1). */
export function isOnGrid(price: bigint, tickSize: MicroPrice): boolean {
  return price % tickSize === 0n && price >= tickSize && price <= MICRO - tickSize;
}
