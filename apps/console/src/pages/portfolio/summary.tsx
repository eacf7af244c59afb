import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { priceSignal } from '../../live/live';
import { Figure, Gain } from '../../ui/bits';
import { formatExactMoney, formatMoney, formatPercent } from '../../ui/format';
import { markPortfolio } from './marking';
import { METRICS } from './metric-meanings';

/** What a portfolio is worth now, as prices move. */
export function Summary({ detail }: { detail: Schemas['PortfolioDetail'] }): JSX.Element {
  const marked = markPortfolio(detail, ({ market_id, outcome_index }) => priceSignal(market_id, outcome_index).value);
  return (
    <section class="card" aria-label="Summary">
      <dl class="figures">
        <Figure {...METRICS.total_value}>{formatMoney(marked.equity)}</Figure>
        <Figure {...METRICS.total_pnl}>
          <Gain usdc={marked.totalPnl} />
        </Figure>
        <Figure {...METRICS.total_return}>{formatPercent(marked.totalReturn)}</Figure>
        <Figure {...METRICS.cash_balance}>{formatMoney(detail.cash_balance)}</Figure>
        <Figure {...METRICS.reserved_cash}>{formatMoney(detail.reserved_cash)}</Figure>
        <Figure {...METRICS.position_value}>{formatMoney(marked.positionValue)}</Figure>
        <Figure {...METRICS.unrealized_pnl}>
          <Gain usdc={marked.unrealizedPnl} />
        </Figure>
        <Figure {...METRICS.realized_pnl}>
          <Gain usdc={detail.realized_pnl} />
        </Figure>
        <Figure {...METRICS.fees_paid}>{formatExactMoney(detail.fees_paid)}</Figure>
        <Figure {...METRICS.liquidation_value}>{formatMoney(detail.liquidation_value)}</Figure>
        {detail.owed > 0 && <Figure {...METRICS.owed}>{formatExactMoney(detail.owed)}</Figure>}
      </dl>
      {marked.unpriced > 0 && (
        <p class="warn">
          {marked.unpriced} {marked.unpriced === 1 ? 'position has' : 'positions have'} no price now and{' '}
          {marked.unpriced === 1 ? 'is' : 'are'} in none of these values.
        </p>
      )}
    </section>
  );
}
