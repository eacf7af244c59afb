import { costOf } from '../accounting/cost-basis';
import { microShares, type MicroShares, microUsdc, type MicroUsdc } from '../money';
import { defined, type Metric, undefinedMetric } from './metric';
import type { LotStatistics } from './report';
import { mean } from './statistics';

/** How a lot was closed. */
export type LotEnd = 'sell' | 'merge' | 'settlement';

/** Shares that were opened and closed. Invariant: pnl = proceeds - cost - fees. */
export interface ClosedLot {
  tokenId: string;
  end: LotEnd;
  quantity: MicroShares;
  cost: MicroUsdc;
  proceeds: MicroUsdc;
  /** Of opening and closing. */
  fees: MicroUsdc;
  pnl: MicroUsdc;
  closedAt: Date;
  /** Time from opening to closing, milliseconds; by the average cost method from the mean opening of the shares held. */
  heldMs: number;
}

/** Shares that were opened together. */
export interface OpenedLot {
  quantity: bigint;
  cost: bigint;
  fees: bigint;
  at: Date;
}

/** Shares that are closed together. `proceeds` is what they brought before the closing fee. */
export interface Closing {
  quantity: bigint;
  proceeds: bigint;
  fee: bigint;
  at: Date;
  reason: LotEnd;
  settlementKey: string | null;
}

/** What a token's shares are by the average cost method: all alike, opened at one mean moment. */
interface Pool {
  quantity: bigint;
  cost: bigint;
  fees: bigint;
  /** Mean opening, Unix milliseconds. */
  openedAt: number;
}

interface TokenLots {
  pool: Pool;
  /** Lots by age; those before `next` are used up. */
  queue: OpenedLot[];
  next: number;
}

interface Settled {
  pool: Pool;
  queue: OpenedLot[];
  averageCost: ClosedLot[];
  fifo: ClosedLot[];
}

/**
 * Closed lots by both methods. Average cost: a closing is one lot, its cost and opening fees the same part of everything held (rounded half up, the
 * last share takes the rest). FIFO: a closing is one lot for each opening it uses up, the oldest first; proceeds and closing fee are shared out by quantity, the
 * last part takes the rest. A settlement that was reversed closed nothing.
 */
export class LotBook {
  private readonly tokens = new Map<string, TokenLots>();
  private readonly averageCost = new Set<ClosedLot>();
  private readonly fifo = new Set<ClosedLot>();
  private readonly settled = new Map<string, Settled>();

  open(tokenId: string, lot: OpenedLot): void {
    const lots = this.lotsOf(tokenId);
    const { pool } = lots;
    const quantity = pool.quantity + lot.quantity;
    const share = Number(lot.quantity) / Number(quantity);
    lots.pool = {
      quantity,
      cost: pool.cost + lot.cost,
      fees: pool.fees + lot.fees,
      openedAt: pool.openedAt + (lot.at.getTime() - pool.openedAt) * share,
    };
    lots.queue.push(lot);
  }

  /** @throws Error when less is held */
  close(tokenId: string, closing: Closing): void {
    const lots = this.lotsOf(tokenId);
    if (closing.settlementKey !== null) {
      const before = { pool: lots.pool, queue: lots.queue.slice(lots.next) };
      const closed = { averageCost: [closeAverage(tokenId, lots, closing)], fifo: closeFirst(tokenId, lots, closing) };
      this.settled.set(settledName(tokenId, closing.settlementKey), { ...before, ...closed });
      this.keep(closed);
    } else {
      this.keep({ averageCost: [closeAverage(tokenId, lots, closing)], fifo: closeFirst(tokenId, lots, closing) });
    }
  }

  /** Undoes the closing of a settlement. @throws Error when there was none */
  reopen(tokenId: string, settlementKey: string): void {
    const name = settledName(tokenId, settlementKey);
    const settled = this.settled.get(name);
    if (settled === undefined) throw new Error(`no settlement ${settlementKey} of token ${tokenId} to take back`);
    this.settled.delete(name);
    for (const lot of settled.averageCost) this.averageCost.delete(lot);
    for (const lot of settled.fifo) this.fifo.delete(lot);
    const lots = this.lotsOf(tokenId);
    const since = { pool: lots.pool, queue: lots.queue.slice(lots.next) };
    this.tokens.set(tokenId, { pool: settled.pool, queue: [...settled.queue, ...since.queue], next: 0 });
    if (since.pool.quantity > 0n) this.addToPool(tokenId, since.pool);
  }

  /** Returns the lots closed so far, in the order they were closed in. */
  closed(): { averageCost: ClosedLot[]; fifo: ClosedLot[] } {
    return { averageCost: [...this.averageCost], fifo: [...this.fifo] };
  }

  private addToPool(tokenId: string, since: Pool): void {
    const lots = this.lotsOf(tokenId);
    const { pool } = lots;
    const quantity = pool.quantity + since.quantity;
    lots.pool = {
      quantity,
      cost: pool.cost + since.cost,
      fees: pool.fees + since.fees,
      openedAt: pool.openedAt + (since.openedAt - pool.openedAt) * (Number(since.quantity) / Number(quantity)),
    };
  }

  private keep(closed: { averageCost: readonly ClosedLot[]; fifo: readonly ClosedLot[] }): void {
    for (const lot of closed.averageCost) this.averageCost.add(lot);
    for (const lot of closed.fifo) this.fifo.add(lot);
  }

  private lotsOf(tokenId: string): TokenLots {
    const known = this.tokens.get(tokenId);
    if (known !== undefined) return known;
    const fresh: TokenLots = { pool: { quantity: 0n, cost: 0n, fees: 0n, openedAt: 0 }, queue: [], next: 0 };
    this.tokens.set(tokenId, fresh);
    return fresh;
  }
}

function closeAverage(tokenId: string, lots: TokenLots, closing: Closing): ClosedLot {
  const { pool } = lots;
  const quantity = microShares(pool.quantity);
  const part = microShares(closing.quantity);
  const cost = costOf({ cost: microUsdc(pool.cost), quantity }, part);
  const fees = costOf({ cost: microUsdc(pool.fees), quantity }, part);
  lots.pool = { ...pool, quantity: quantity - part, cost: pool.cost - cost, fees: pool.fees - fees };
  return closedLot(tokenId, closing, {
    quantity: closing.quantity,
    cost,
    proceeds: closing.proceeds,
    fees: fees + closing.fee,
    heldMs: closing.at.getTime() - pool.openedAt,
  });
}

function closeFirst(tokenId: string, lots: TokenLots, closing: Closing): ClosedLot[] {
  const closed: ClosedLot[] = [];
  const left = { quantity: closing.quantity, proceeds: closing.proceeds, fee: closing.fee };
  while (left.quantity > 0n) {
    const lot = lots.queue[lots.next];
    if (lot === undefined) throw new Error(`${closing.quantity} micro-shares of token ${tokenId} were not opened`);
    const part = lot.quantity < left.quantity ? lot.quantity : left.quantity;
    const isLast = part === left.quantity;
    const proceeds = isLast ? left.proceeds : (left.proceeds * part) / left.quantity;
    const fee = isLast ? left.fee : (left.fee * part) / left.quantity;
    const whole = { quantity: microShares(lot.quantity) };
    const cost = costOf({ ...whole, cost: microUsdc(lot.cost) }, microShares(part));
    const fees = costOf({ ...whole, cost: microUsdc(lot.fees) }, microShares(part));
    const heldMs = closing.at.getTime() - lot.at.getTime();
    closed.push(closedLot(tokenId, closing, { quantity: part, cost, proceeds, fees: fees + fee, heldMs }));
    left.quantity -= part;
    left.proceeds -= proceeds;
    left.fee -= fee;
    if (part === lot.quantity) {
      lots.next += 1;
    } else {
      lots.queue[lots.next] = {
        ...lot,
        quantity: lot.quantity - part,
        cost: lot.cost - cost,
        fees: lot.fees - fees,
      };
    }
  }
  return closed;
}

function closedLot(
  tokenId: string,
  { reason, at }: Closing,
  lot: { quantity: bigint; cost: bigint; proceeds: bigint; fees: bigint; heldMs: number },
): ClosedLot {
  return {
    tokenId,
    end: reason,
    quantity: microShares(lot.quantity),
    cost: microUsdc(lot.cost),
    proceeds: microUsdc(lot.proceeds),
    fees: microUsdc(lot.fees),
    pnl: microUsdc(lot.proceeds - lot.cost - lot.fees),
    closedAt: at,
    heldMs: lot.heldMs,
  };
}

function settledName(tokenId: string, settlementKey: string): string {
  return `${settlementKey} ${tokenId}`;
}

/**
 * Statistics of closed lots, settlements included, fees of both sides taken off. Win rate: lots that gained / lots. Profit factor: sum of gains / sum of losses.
 * Expectancy: mean P&L. Payoff ratio: mean gain / mean loss. Holding time: mean over the lots.
 */
export function lotStatistics(lots: readonly ClosedLot[]): LotStatistics {
  const gains = lots.filter(({ pnl }) => pnl > 0n);
  const losses = lots.filter(({ pnl }) => pnl < 0n);
  const gained = sumOf(gains);
  const lost = -sumOf(losses);
  const results = lots.map(({ pnl }) => pnl);
  const closedOnes = <T>(value: () => Metric<T>): Metric<T> =>
    lots.length === 0 ? undefinedMetric('nothing_closed', 'No lot was closed yet.') : value();
  const withLosses = (value: () => Metric): Metric =>
    losses.length === 0 ? undefinedMetric('no_losses', 'No lot was closed at a loss.') : value();
  return {
    closed: lots.length,
    winRate: closedOnes(() => defined(gains.length / lots.length)),
    profitFactor: closedOnes(() => withLosses(() => defined(Number(gained) / Number(lost)))),
    expectancy: closedOnes(() => defined(meanAmount(sumOf(lots), lots.length))),
    payoffRatio: closedOnes(() =>
      withLosses(() =>
        gains.length === 0
          ? undefinedMetric('no_wins', 'No lot was closed at a gain.')
          : defined(Number(gained) / gains.length / (Number(lost) / losses.length)),
      ),
    ),
    holdingSeconds: closedOnes(() => defined(mean(lots.map(({ heldMs }) => heldMs / 1_000)))),
    best: closedOnes(() => defined(results.reduce((best, pnl) => (pnl > best ? pnl : best)))),
    worst: closedOnes(() => defined(results.reduce((worst, pnl) => (pnl < worst ? pnl : worst)))),
  };
}

function sumOf(lots: readonly ClosedLot[]): bigint {
  return lots.reduce((sum, { pnl }) => sum + pnl, 0n);
}

/** An amount shared by a count, rounded half away from zero. */
function meanAmount(total: bigint, count: number): MicroUsdc {
  const divisor = BigInt(count);
  const magnitude = total < 0n ? -total : total;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return microUsdc(total < 0n ? -rounded : rounded);
}
