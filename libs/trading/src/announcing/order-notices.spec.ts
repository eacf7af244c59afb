import { microPrice, microShares, microUsdc, type Order, type Portfolio, type Trade } from '@app/domain';
import type { OrderChange } from '../orders/order-changes';
import { orderNotices } from './order-notices';

const portfolio = (openOrders: number): Portfolio => ({ id: 'p1', openOrders }) as Portfolio;

function aChange(
  id: string,
  phases: [before: Order['phase'] | null, after: Order['phase']],
  more: Partial<Order> = {},
  trades: Partial<Trade>[] = [],
): OrderChange {
  const order = { id, conditionId: '0xc1', outcomeIndex: 0, profile: 'realistic', ...more, phase: phases[1] } as Order;
  const before = phases[0] === null ? null : { ...order, phase: phases[0] };
  return { before, order, trades: trades as Trade[], consumed: null } as unknown as OrderChange;
}

const taken = (outcome: Partial<Trade> = {}): Partial<Trade> => ({
  side: 'buy',
  price: microPrice(400_000n),
  quantity: microShares(5_000_000n),
  value: microUsdc(2_000_000n),
  liquidity: 'taker',
  ...outcome,
});

describe('orderNotices', () => {
  it('names orders that come to rest, change at rest, or rested, by market', () => {
    const changes = [
      aChange('placed', [null, 'resting']),
      aChange('arrived', ['arriving', 'resting']),
      aChange('filled', ['resting', 'resting']),
      aChange('ended', ['resting', 'done'], { conditionId: '0xc2' }),
      aChange('travels', [null, 'arriving']),
      aChange('immediate', [null, 'done']),
    ];
    expect(orderNotices(portfolio(3), changes)).toEqual([
      { conditionId: '0xc1', portfolioId: 'p1', orderIds: ['placed', 'arrived', 'filled'], taken: [] },
      { conditionId: '0xc2', portfolioId: 'p1', orderIds: ['ended'], taken: [] },
    ]);
  });

  it('tells what takers took in prices of the first outcome', () => {
    const changes = [
      aChange('one', [null, 'done'], {}, [taken()]),
      aChange('other', [null, 'done'], { outcomeIndex: 1 }, [taken(), taken({ side: 'sell' })]),
      aChange('maker', ['resting', 'resting'], {}, [taken({ liquidity: 'maker' })]),
    ];
    expect(orderNotices(portfolio(1), changes)).toEqual([
      {
        conditionId: '0xc1',
        portfolioId: 'p1',
        orderIds: ['maker'],
        taken: [
          { side: 'ask', price: 400_000n, quantity: 5_000_000n },
          { side: 'bid', price: 600_000n, quantity: 5_000_000n },
          { side: 'ask', price: 600_000n, quantity: 5_000_000n },
        ],
      },
    ]);
  });

  it.each([
    ['no order of the portfolio works', 0, 'realistic' as const],
    ['the profile is ideal, which knows nothing of what was taken', 2, 'ideal' as const],
  ])('tells of nothing taken when %s', (_why, openOrders, profile) => {
    expect(orderNotices(portfolio(openOrders), [aChange('one', [null, 'done'], { profile }, [taken()])])).toEqual([]);
  });
});
