import { microPrice, microShares, microUsdc, type Trade } from '@app/domain';
import {
  filledTradeSchema,
  toFilledTrade,
  toTradeCsvRow,
  toTradeList,
  tradeListSchema,
  TRADE_CSV_HEADER,
} from './trades';

function aTrade(change: Partial<Trade> = {}): Trade {
  return {
    id: 't-1',
    portfolioId: 'p-1',
    userId: 'u-1',
    run: 1,
    orderId: 'o-1',
    marketId: 'a-market',
    conditionId: `0x${'a'.repeat(64)}`,
    tokenId: '71',
    outcome: 'Yes',
    outcomeIndex: 0,
    side: 'buy',
    quantity: microShares(100_000_000n),
    price: microPrice(460_000n),
    value: microUsdc(46_000_000n),
    fee: microUsdc(993_600n),
    realised: null,
    liquidity: 'taker',
    midpointAtFill: microPrice(455_000n),
    slippageBps: 109_890_110n,
    receipt: {
      rule: 'E1',
      grade: 'A',
      profile: 'realistic',
      modelVersion: 1,
      bookSource: 'rest',
      bookSequence: null,
      bookHash: null,
      bookVenueTime: new Date(0),
      bookReceivedAt: new Date(0),
      displayedSize: microShares(100_000_000n),
      takenBefore: microShares(0n),
      printKey: null,
      printSize: null,
      queueAheadAtEntry: null,
      queueAheadAtFill: null,
      arrivalMidpoint: microPrice(455_000n),
      feeSchedule: null,
    },
    notes: null,
    marketQuestion: 'Will it?',
    tradedAt: new Date('2026-02-07T09:41:10.020Z'),
    createdAt: new Date('2026-02-07T09:41:10.031Z'),
    ...change,
  };
}

describe('a quantity traded at once', () => {
  it('is one trade when one price gave all of it', () => {
    const body = toFilledTrade([aTrade()]);
    const { fills, ...trade } = body;
    expect(fills).toEqual([trade]);
    expect(filledTradeSchema.safeParse(body).error).toBeUndefined();
  });

  it('is the sum of what several prices gave, at their average', () => {
    // 100 at 0.46 and 50 at 0.49: 46 + 24.5 = 70.5 for 150, 0.47 each. Slippage (100 x 109.89011 + 50 x 769.23077) / 150.
    const second = aTrade({
      id: 't-2',
      quantity: microShares(50_000_000n),
      price: microPrice(490_000n),
      value: microUsdc(24_500_000n),
      fee: microUsdc(499_800n),
      slippageBps: 769_230_770n,
    });
    expect(toFilledTrade([aTrade(), second])).toMatchObject({
      id: 't-1',
      quantity: 150,
      price: 0.47,
      total_value: 70.5,
      fee: 1.4934,
      realized_pnl: null,
      slippage_bps: 329.67033,
      fills: [{ id: 't-1' }, { id: 't-2' }],
    });
  });

  it('that was sold says what it realised, and knows no slippage when one fill does not', () => {
    const sale = { side: 'sell' as const, realised: microUsdc(-1_500_000n) };
    expect(toFilledTrade([aTrade(sale), aTrade({ ...sale, id: 't-2', slippageBps: null })])).toMatchObject({
      side: 'sell',
      realized_pnl: -3,
      slippage_bps: null,
    });
  });

  it('has at least one fill', () => {
    expect(() => toFilledTrade([])).toThrow('an order that traded has fills');
  });
});

describe('a page of trades', () => {
  it('says whether more follow, in both words', () => {
    const body = toTradeList([aTrade()], 21, 1, 20);
    expect(body).toMatchObject({ has_more: true, has_next: true, total_pages: 2 });
    expect(tradeListSchema.safeParse(body).error).toBeUndefined();
  });
});

describe('a trade as a row of a table', () => {
  it('has a cell for every column; numbers stay numbers, text is no formula', () => {
    const row = toTradeCsvRow(
      aTrade({ marketQuestion: '=Will "it", or not?', outcome: '-1.5', slippageBps: -12_500_000n, notes: '@home\n+1' }),
    );
    expect(TRADE_CSV_HEADER).toBe(
      'id,portfolio_id,order_id,market_id,condition_id,outcome,outcome_index,token_id,market_question,side,quantity,price,fee,total_value,realized_pnl,liquidity,midpoint_at_fill,slippage_bps,trade_timestamp,created_at,notes\r\n',
    );
    expect(row).toBe(
      `t-1,p-1,o-1,a-market,0x${'a'.repeat(64)},'-1.5,0,71,"'=Will ""it"", or not?",buy,100,0.46,0.9936,46,,taker,0.455,-12.5,2026-02-07T09:41:10.020Z,2026-02-07T09:41:10.031Z,"'@home\n+1"\r\n`,
    );
  });
});
