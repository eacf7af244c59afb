import { OverlayBudget, TRANSACTION_BYTES } from './overlay-budget';

describe('the bytes of open transactions', () => {
  it('are limited for one, which must be split up', () => {
    const budget = new OverlayBudget();
    expect(budget.take(0, TRANSACTION_BYTES)).toBe(TRANSACTION_BYTES);
    expect(() => budget.take(TRANSACTION_BYTES, 1)).toThrow('a transaction may write');
  });

  it('are limited for all together, which may be tried again when others have ended', () => {
    const budget = new OverlayBudget(10);
    expect(budget.take(0, 6)).toBe(6);
    expect(() => budget.take(0, 5)).toThrow('open transactions hold');
    budget.give(6);
    expect(budget.take(0, 5)).toBe(5);
  });
});
