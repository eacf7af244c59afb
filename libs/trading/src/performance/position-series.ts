import { microUsdc, type PositionPoint, type PositionSeries, type RunHistory, type ValuedPosition } from '@app/domain';

/**
 * The positions of a run over time, the first traded first; the last point of one that is held is its value now.
 * @param sampled points by token, all on one grid
 */
export function positionSeries(
  history: RunHistory,
  valued: readonly ValuedPosition[],
  sampled: ReadonlyMap<string, readonly PositionPoint[]>,
): PositionSeries[] {
  const byToken = new Map(valued.map((one) => [one.position.tokenId, one]));
  const series: PositionSeries[] = [];
  for (const [tokenId, [first]] of history.tokens) {
    const one = byToken.get(tokenId);
    if (one === undefined || first === undefined) continue;
    series.push(seriesOf(one, first.at, sampled.get(tokenId) ?? []));
  }
  return series;
}

function seriesOf(valued: ValuedPosition, firstTradeAt: Date, points: readonly PositionPoint[]): PositionSeries {
  const { position, mark, unrealised } = valued;
  const isHeld = position.quantity > 0n;
  const currentPrice = isHeld ? (mark?.price ?? null) : null;
  const totalPnl = unrealised === null ? null : microUsdc(position.realised - position.fees + unrealised);
  const last = points.at(-1);
  return {
    marketId: position.marketId,
    conditionId: position.conditionId,
    tokenId: position.tokenId,
    outcome: position.outcome,
    outcomeIndex: position.outcomeIndex,
    marketQuestion: position.marketQuestion,
    quantity: position.quantity,
    cost: position.cost,
    currentPrice,
    realised: position.realised,
    fees: position.fees,
    unrealised,
    totalPnl,
    firstTradeAt,
    points:
      isHeld && last !== undefined
        ? [...points.slice(0, -1), { at: last.at, price: currentPrice, unrealised, totalPnl }]
        : points,
  };
}
