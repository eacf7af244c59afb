import { type EquitySnapshot, microUsdc, type SeriesPoint } from '@app/domain';
import { shownHistory, SnapshotPoints } from './equity-history';

const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.parse('2026-02-07T00:00:00Z');
const hour = (count: number): Date => new Date(MIDNIGHT + count * HOUR_MS);
const usdc = (amount: number): ReturnType<typeof microUsdc> => microUsdc(BigInt(amount) * 1_000_000n);

/** 900 in cash, 40 held, 10 owed, and shares that cost 50 and are worth 60. */
function aSnapshot(at: Date, change: Partial<EquitySnapshot> = {}): EquitySnapshot {
  return {
    portfolioId: 'portfolio',
    run: 1,
    at,
    kind: 'scheduled',
    grain: 'hour',
    cash: usdc(900),
    reserved: usdc(40),
    owed: usdc(10),
    positionsValue: usdc(60),
    liquidationValue: null,
    cost: usdc(50),
    realised: usdc(5),
    fees: usdc(2),
    netDeposits: usdc(977),
    unpriced: 0,
    unpricedCost: usdc(0),
    ...change,
  };
}

describe('snapshots as points of a history', () => {
  const point: SeriesPoint = {
    at: hour(1),
    cash: usdc(900),
    reserved: usdc(40),
    owed: usdc(10),
    positionsValue: usdc(60),
    unrealised: usdc(10),
    realised: usdc(5),
    fees: usdc(2),
    unpriced: 0,
    equity: usdc(990),
    totalPnl: usdc(13),
  };

  it('are worth cash, what is held and shares, less what is owed', () => {
    expect(new SnapshotPoints([aSnapshot(hour(1))]).at(hour(1))).toEqual(point);
  });

  it('stand in place of what was made up for their moment, and of no other', () => {
    const madeUp = [hour(0), hour(1), hour(2)].map((at) => ({ ...point, at, equity: usdc(1) }));
    expect(new SnapshotPoints([aSnapshot(hour(1))]).over(madeUp)).toEqual([madeUp[0], point, madeUp[2]]);
  });

  it('with a position that had no price are none: what is known of it may be more by now, and it is not worth 0', () => {
    const unpriced = aSnapshot(hour(1), { positionsValue: usdc(20), unpriced: 1, unpricedCost: usdc(30) });
    expect(new SnapshotPoints([unpriced]).at(hour(1))).toBeUndefined();
  });

  it('around a flow are none: two were taken at its moment', () => {
    const around = [aSnapshot(hour(1), { kind: 'before_flow' }), aSnapshot(hour(1), { kind: 'after_flow' })];
    expect(new SnapshotPoints(around).at(hour(1))).toBeUndefined();
  });
});

describe('the history that is shown', () => {
  const hours = (count: number): { at: Date }[] =>
    Array.from({ length: count }, (_, index) => ({ at: new Date(hour(index).getTime() + HOUR_MS / 2) }));

  it('is every hour of a hundred days', () => {
    expect(shownHistory(hours(2_400))).toEqual(hours(2_400));
  });

  it('is the midnights and both ends of a longer run', () => {
    const long = [{ at: hour(1) }, ...Array.from({ length: 2_399 }, (_, index) => ({ at: hour(index + 2) }))];
    const shown = shownHistory([...long, { at: new Date(hour(2_401).getTime() + 1) }]);
    expect(shown[0]).toEqual({ at: hour(1) });
    expect(shown.at(-1)).toEqual({ at: new Date(hour(2_401).getTime() + 1) });
    expect(shown.slice(1, -1)).toEqual(Array.from({ length: 100 }, (_, day) => ({ at: hour(24 * (day + 1)) })));
  });
});
