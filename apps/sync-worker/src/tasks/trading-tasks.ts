import { EquitySnapshotService, OrderUpkeep } from '@app/trading';
import type { Provider } from '@nestjs/common';
import { SettlementTask } from './settlement.task';

/** Work that comes back. Running it twice, in one process or in several at once, is harmless. */
export interface PeriodicTask {
  /** What is told of it in the log. */
  name: string;
  /** Milliseconds from the end of one run to the start of the next. */
  everyMs: number;
  /** The signal aborts when the worker stops. */
  run(context: { now: Date; signal: AbortSignal }): Promise<unknown>;
}

export const TRADING_TASKS = Symbol('TRADING_TASKS');

/** What the paper exchange needs done when nobody asks. */
export const tradingTasks: Provider = {
  provide: TRADING_TASKS,
  useFactory: (orders: OrderUpkeep, equity: EquitySnapshotService, settlement: SettlementTask): PeriodicTask[] => [
    { name: 'reap orders', everyMs: 1_000, run: ({ now }) => orders.reapDue(now) },
    { name: 'expire orders', everyMs: 1_000, run: ({ now }) => orders.expireDue(now) },
    { name: 'equity snapshots', everyMs: 5_000, run: ({ now, signal }) => equity.takeDue(now, signal) },
    settlement,
  ],
  inject: [OrderUpkeep, EquitySnapshotService, SettlementTask],
};
