import { MessageBudget } from './message-budget';

describe('MessageBudget', () => {
  it('allows so many messages in a window, and as many again in the next', () => {
    const budget = new MessageBudget(2, 1_000);
    expect([budget.take(0), budget.take(500), budget.take(999)]).toEqual([true, true, false]);
    expect([budget.take(1_000), budget.take(1_001), budget.take(1_002)]).toEqual([true, true, false]);
  });
});
