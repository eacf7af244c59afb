import { formatMicro } from '../money';
import { isWorking, type Order } from '../trading/order';
import type { Portfolio, Position } from '../trading/portfolio';
import type { Trade } from '../trading/trade';

type AuditedTrade = Pick<Trade, 'orderId' | 'quantity' | 'value' | 'fee'>;

/**
 * Returns every invariant of a portfolio's orders that is broken, as sentences: what is held is held for working orders, what filled is what the trades
 * say and no more than was ordered.
 * @param orders those of all runs   @param trades those of all runs   @param positions those of the current run
 */
export function auditOrders(
  orders: Iterable<Order>,
  trades: Iterable<AuditedTrade>,
  portfolio: Portfolio,
  positions: Iterable<Position>,
): string[] {
  const findings: string[] = [];
  const filled = sumByOrder(trades);
  const heldShares = new Map<string, bigint>();
  let heldCash = 0n;
  let working = 0;
  for (const order of orders) {
    findings.push(...auditOrder(order, filled.get(order.id) ?? NOTHING_FILLED, portfolio));
    filled.delete(order.id);
    heldCash += order.reservedCash;
    heldShares.set(order.tokenId, (heldShares.get(order.tokenId) ?? 0n) + order.reservedShares);
    if (isWorking(order)) working += 1;
  }
  for (const orderId of filled.keys()) findings.push(`There are trades of order ${orderId}, and no such order.`);
  if (heldCash !== portfolio.reserved) {
    findings.push(
      `The orders hold ${formatMicro(heldCash)} USDC, the portfolio has ${formatMicro(portfolio.reserved)} reserved.`,
    );
  }
  if (working !== portfolio.openOrders) {
    findings.push(`${working} orders work, the portfolio says ${portfolio.openOrders}.`);
  }
  for (const { tokenId, reserved } of positions) {
    const held = heldShares.get(tokenId) ?? 0n;
    if (held !== reserved) {
      findings.push(
        `The orders hold ${formatMicro(held)} shares of token ${tokenId}, its position ${formatMicro(reserved)}.`,
      );
    }
    heldShares.delete(tokenId);
  }
  for (const [tokenId, held] of heldShares) {
    if (held !== 0n)
      findings.push(`The orders hold ${formatMicro(held)} shares of token ${tokenId}, and there is no position.`);
  }
  return findings;
}

interface Filled {
  quantity: bigint;
  value: bigint;
  fees: bigint;
}

const NOTHING_FILLED: Filled = { quantity: 0n, value: 0n, fees: 0n };

function sumByOrder(trades: Iterable<AuditedTrade>): Map<string, Filled> {
  const sums = new Map<string, Filled>();
  for (const { orderId, quantity, value, fee } of trades) {
    const sum = sums.get(orderId) ?? NOTHING_FILLED;
    sums.set(orderId, { quantity: sum.quantity + quantity, value: sum.value + value, fees: sum.fees + fee });
  }
  return sums;
}

function auditOrder(order: Order, filled: Filled, portfolio: Portfolio): string[] {
  const findings: string[] = [];
  const find = (sentence: string): void => void findings.push(`Order ${order.id} ${sentence}`);
  if (order.portfolioId !== portfolio.id) find(`belongs to portfolio ${order.portfolioId}.`);
  if (order.filledQuantity !== filled.quantity) {
    find(`filled ${formatMicro(order.filledQuantity)} shares, its trades say ${formatMicro(filled.quantity)}.`);
  }
  if (order.filledValue !== filled.value) {
    find(`filled ${formatMicro(order.filledValue)} USDC, its trades say ${formatMicro(filled.value)}.`);
  }
  if (order.fees !== filled.fees) {
    find(`paid ${formatMicro(order.fees)} USDC in fees, its trades say ${formatMicro(filled.fees)}.`);
  }
  if (order.quantity !== null && order.filledQuantity > order.quantity) {
    find(`filled ${formatMicro(order.filledQuantity)} of ${formatMicro(order.quantity)} shares ordered.`);
  }
  if (order.amount !== null && order.filledValue > order.amount) {
    find(`filled ${formatMicro(order.filledValue)} of ${formatMicro(order.amount)} USDC ordered.`);
  }
  if ((order.quantity === null) === (order.amount === null)) find('has not exactly one of quantity and amount.');
  if (order.reservedCash < 0n || order.reservedShares < 0n) find('holds less than nothing.');
  if (!isWorking(order) && (order.reservedCash !== 0n || order.reservedShares !== 0n)) {
    find(`is done and holds ${formatMicro(order.reservedCash)} USDC and ${formatMicro(order.reservedShares)} shares.`);
  }
  if (isWorking(order) && order.run !== portfolio.run) find(`still works although run ${order.run} is over.`);
  const mayWork = order.status === 'open' || order.status === 'partially_filled';
  if (isWorking(order) !== mayWork) find(`is ${order.status} and ${order.phase}.`);
  if (order.status === 'filled' && order.quantity !== null && order.filledQuantity !== order.quantity) {
    find(`is filled with ${formatMicro(order.filledQuantity)} of ${formatMicro(order.quantity)} shares.`);
  }
  return findings;
}
