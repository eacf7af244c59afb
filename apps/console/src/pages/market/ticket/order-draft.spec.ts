import { EMPTY_DRAFT, mayRest, type OrderDraft, orderOf } from './order-draft';

const asked = (change: Partial<OrderDraft>) => orderOf({ ...EMPTY_DRAFT, ...change }, 'rain', 1);

describe('the order a form asks for', () => {
  it('carries numbers as they were typed', () => {
    expect(asked({ quantity: ' 12.50 ', limit: '0.470' })).toEqual({
      market_id: 'rain',
      outcome_index: 1,
      side: 'buy',
      type: 'limit',
      quantity: '12.50',
      price: '0.470',
      time_in_force: 'gtc',
      expires_at: null,
      post_only: false,
    });
  });

  it('is none while something it needs is empty', () => {
    expect(asked({})).toBeNull();
    expect(asked({ quantity: '5' })).toBeNull();
    expect(asked({ limit: '0.5', quantity: '  ' })).toBeNull();
    expect(asked({ limit: '0.5', quantity: '5', limitTime: 'gtd' })).toBeNull();
    expect(asked({ type: 'market', sizeIn: 'usdc', quantity: '5' })).toBeNull();
  });

  it('is by amount for market purchases alone', () => {
    const draft = { quantity: '5', amount: '20', limit: '0.5', sizeIn: 'usdc' } as const;
    expect(asked({ ...draft, type: 'market' })).toMatchObject({ amount: '20', price: null, time_in_force: 'fok' });
    expect(asked({ ...draft, type: 'market' })).not.toHaveProperty('quantity');
    expect(asked({ ...draft, type: 'market', side: 'sell' })).toMatchObject({ quantity: '5' });
    expect(asked({ ...draft })).toMatchObject({ quantity: '5', price: '0.5' });
  });

  it('keeps the limit and the worst price apart', () => {
    const draft = { quantity: '5', limit: '0.5', worst: '0.9' };
    expect(asked({ ...draft, type: 'market' })).toMatchObject({ price: '0.9' });
    expect(asked(draft)).toMatchObject({ price: '0.5' });
  });

  it('ends at a time only until a time', () => {
    const draft = { quantity: '5', limit: '0.5', expiresAt: '2026-11-01T12:00' };
    expect(asked(draft)).toMatchObject({ expires_at: null });
    expect(asked({ ...draft, limitTime: 'gtd' })).toMatchObject({
      expires_at: new Date('2026-11-01T12:00').toISOString(),
    });
  });

  it('is post-only where it may rest', () => {
    const draft = { quantity: '5', limit: '0.5', postOnly: true };
    expect(asked(draft)).toMatchObject({ post_only: true });
    expect(asked({ ...draft, limitTime: 'fak' })).toMatchObject({ post_only: false });
    expect(asked({ ...draft, type: 'market' })).toMatchObject({ post_only: false });
    expect(mayRest({ ...EMPTY_DRAFT, type: 'market' })).toBe(false);
  });
});
