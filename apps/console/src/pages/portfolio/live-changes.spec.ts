import type { Schemas } from '../../api/client';
import type { PortfolioMessage } from '../../live/live';
import { changedDetail, changedOrder, changedOrders, changedTrades, changedWorkingOrders } from './live-changes';

const BEFORE = '2026-02-07T10:00:00.000Z';
const AFTER = '2026-02-07T10:00:01.000Z';

const told = (message: object): PortfolioMessage =>
  ({ portfolio_id: 'p', version: 7, timestamp: AFTER, ...message }) as PortfolioMessage;
const aDetail = (over: Partial<Schemas['PortfolioDetail']> = {}): Schemas['PortfolioDetail'] =>
  ({
    run: 1,
    cash_balance: 100,
    reserved_cash: 0,
    realized_pnl: 0,
    fees_paid: 1,
    updated_at: BEFORE,
    positions: [],
    ...over,
  }) as Schemas['PortfolioDetail'];
const aPosition = (over: Partial<Schemas['Position']> = {}): Schemas['Position'] =>
  ({
    token_id: 't',
    quantity: 100,
    cost_basis: 40,
    realized_pnl: 0,
    fees_paid: 1,
    current_price: 0.5,
    updated_at: BEFORE,
    ...over,
  }) as Schemas['Position'];
const anOrder = (over: Partial<Schemas['Order']> = {}): Schemas['Order'] =>
  ({ id: 'o', status: 'open', filled_quantity: 0, updated_at: BEFORE, fills: [], ...over }) as Schemas['Order'];

describe('changedDetail', () => {
  const cash = { type: 'portfolio', run: 1, cash_balance: 90, reserved_cash: 10 };

  it('takes in the cash', () => {
    expect(changedDetail(aDetail(), told(cash))).toMatchObject({ cash_balance: 90, reserved_cash: 10 });
  });

  it('takes in nothing older, and nothing of another run', () => {
    const newer = aDetail({ updated_at: '2026-02-07T10:00:02.000Z' });
    expect(changedDetail(newer, told(cash))).toBe(newer);
    const reset = aDetail({ run: 2 });
    expect(changedDetail(reset, told(cash))).toBe(reset);
  });

  it('values more shares at the price known, and adds what they realised and cost in fees', () => {
    const position = aPosition({ quantity: 60, cost_basis: 24, realized_pnl: 4, fees_paid: 1.5, updated_at: AFTER });
    const changed = changedDetail(aDetail({ positions: [aPosition()] }), told({ type: 'position', position }));
    expect(changed).toMatchObject({ realized_pnl: 4, fees_paid: 1.5 });
    expect(changed.positions).toEqual([
      expect.objectContaining({ quantity: 60, current_price: 0.5, market_value: 30, unrealized_pnl: 6 }),
    ]);
  });

  it('has no price for a position that is new, and says so', () => {
    const changed = changedDetail(aDetail(), told({ type: 'position', position: aPosition({ updated_at: AFTER }) }));
    expect(changed.positions).toEqual([
      expect.objectContaining({ current_price: null, market_value: null, unrealized_pnl: null }),
    ]);
    expect(changed.positions[0]?.unpriced_reason).not.toBeNull();
  });

  it('changes nothing by a position that is known already', () => {
    const detail = aDetail({ positions: [aPosition()] });
    expect(changedDetail(detail, told({ type: 'position', position: aPosition() }))).toBe(detail);
  });
});

describe('changedOrder', () => {
  it('is as the update tells, unless that is older', () => {
    const order = anOrder({ updated_at: AFTER });
    const update = { ...anOrder({ status: 'filled', updated_at: AFTER }) };
    expect(changedOrder(order, told({ type: 'order_update', order: update })).status).toBe('filled');
    const older = { ...anOrder({ status: 'filled', updated_at: BEFORE }) };
    expect(changedOrder(order, told({ type: 'order_update', order: older }))).toBe(order);
  });

  it('gains each fill once', () => {
    const fill = told({ type: 'fill', fill: { id: 'f', order_id: 'o' } });
    const once = changedOrder(anOrder(), fill);
    expect(once.fills.map(({ id }) => id)).toEqual(['f']);
    expect(changedOrder(once, fill)).toBe(once);
    const other = told({ type: 'fill', fill: { id: 'g', order_id: 'another' } });
    expect(changedOrder(once, other)).toBe(once);
  });
});

describe('changedWorkingOrders', () => {
  const update = (over: Partial<Schemas['Order']>): PortfolioMessage =>
    told({ type: 'order_update', order: anOrder({ updated_at: AFTER, ...over }) });

  it('loses an order that ended', () => {
    const list = { orders: [anOrder()], total: 1 };
    expect(changedWorkingOrders(list, update({ status: 'filled' }))).toEqual({ orders: [], total: 0 });
  });

  it('gains a new one at its head, but none that has ended', () => {
    const list = { orders: [anOrder()], total: 1 };
    const changed = changedWorkingOrders(list, update({ id: 'new' }));
    expect(changed.orders.map(({ id }) => id)).toEqual(['new', 'o']);
    expect(changed.total).toBe(2);
    expect(changedWorkingOrders(list, update({ id: 'new', status: 'cancelled' }))).toEqual(list);
  });
});

describe('changedOrders', () => {
  it('is the same list where no order of it changed', () => {
    const list = { orders: [anOrder()] };
    expect(changedOrders(list, told({ type: 'order_update', order: anOrder({ id: 'another' }) }))).toBe(list);
  });
});

describe('changedTrades', () => {
  const list = (...ids: string[]): Schemas['TradeList'] =>
    ({
      trades: ids.map((id) => ({ id, created_at: BEFORE })),
      total: ids.length,
      page_size: 2,
    }) as Schemas['TradeList'];
  const fill = (id: string, created_at = AFTER): PortfolioMessage => told({ type: 'fill', fill: { id, created_at } });

  it('has a new fill at its head, and no more than fit on the page', () => {
    const changed = changedTrades(list('b', 'a'), fill('c'));
    expect(changed.trades.map(({ id }) => id)).toEqual(['c', 'b']);
    expect(changed.total).toBe(3);
  });

  it('takes in none twice, and none older than the page', () => {
    const before = list('b', 'a');
    expect(changedTrades(before, fill('b'))).toBe(before);
    expect(changedTrades(before, fill('c', '2026-02-07T09:00:00.000Z'))).toBe(before);
  });
});
