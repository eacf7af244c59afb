import { formatMicro } from '../money';
import { isWorking, type Order } from '../trading/order';
import type { Portfolio, Position } from '../trading/portfolio';
import type { Trade } from '../trading/trade';
import { Findings } from './findings';

type AuditedTrade = Pick<Trade, 'orderId' | 'quantity' | 'value' | 'fee'>;

/** Checks the orders of a portfolio against its trades and its holdings. Trades come first; neither they nor orders are kept. */
export class OrderAudit {
  private readonly findings = new Findings();
  /** What filled of the orders that have not come yet. */
  private readonly filled = new Map<string, Filled>();
  private readonly heldShares = new Map<string, bigint>();
  private heldCash = 0n;
  private working = 0;

  constructor(private readonly portfolio: Portfolio) {}

  /** Takes a trade, in any order, before the orders. */
  addTrade({ orderId, quantity, value, fee }: AuditedTrade): void {
    const sum = this.filled.get(orderId) ?? NOTHING_FILLED;
    this.filled.set(orderId, { quantity: sum.quantity + quantity, value: sum.value + value, fees: sum.fees + fee });
  }

  /** Takes an order, in any order. */
  addOrder(order: Order): void {
    for (const finding of auditOrder(order, this.filled.get(order.id) ?? NOTHING_FILLED, this.portfolio)) {
      this.findings.add(finding);
    }
    this.filled.delete(order.id);
    this.heldCash += order.reservedCash;
    this.heldShares.set(order.tokenId, (this.heldShares.get(order.tokenId) ?? 0n) + order.reservedShares);
    if (isWorking(order)) this.working += 1;
  }

  /** Returns every invariant that is broken, as sentences; empty when all hold. `positions` are those of the current run. */
  finish(positions: Iterable<Pick<Position, 'tokenId' | 'reserved'>>): string[] {
    const { reserved: reservedCash, openOrders } = this.portfolio;
    const { findings, heldShares } = this;
    for (const orderId of this.filled.keys()) findings.add(`There are trades of order ${orderId}, and no such order.`);
    if (this.heldCash !== reservedCash) {
      findings.add(
        `The orders hold ${formatMicro(this.heldCash)} USDC, the portfolio has ${formatMicro(reservedCash)} reserved.`,
      );
    }
    if (this.working !== openOrders) findings.add(`${this.working} orders work, the portfolio says ${openOrders}.`);
    for (const { tokenId, reserved } of positions) {
      const held = heldShares.get(tokenId) ?? 0n;
      if (held !== reserved) {
        findings.add(
          `The orders hold ${formatMicro(held)} shares of token ${tokenId}, its position ${formatMicro(reserved)}.`,
        );
      }
      heldShares.delete(tokenId);
    }
    for (const [tokenId, held] of heldShares) {
      if (held !== 0n) {
        findings.add(`The orders hold ${formatMicro(held)} shares of token ${tokenId}, and there is no position.`);
      }
    }
    return findings.told();
  }
}

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
  const audit = new OrderAudit(portfolio);
  for (const trade of trades) audit.addTrade(trade);
  for (const order of orders) audit.addOrder(order);
  return audit.finish(positions);
}

interface Filled {
  quantity: bigint;
  value: bigint;
  fees: bigint;
}

const NOTHING_FILLED: Filled = { quantity: 0n, value: 0n, fees: 0n };

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
