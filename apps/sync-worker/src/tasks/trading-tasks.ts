import { EquitySnapshotService, OrderUpkeep } from '@app/trading';
import type { Provider } from '@nestjs/common';
import type { PeriodicTask } from './periodic-task';
import { SettlementTask } from './settlement.task';

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
