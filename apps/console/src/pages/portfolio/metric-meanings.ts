interface Metric {
  name: string;
  meaning: string;
}

/** What each figure of a portfolio is, in one place. Names as the api spells them. */
export const METRICS = {
  total_value: {
    name: 'Equity',
    meaning:
      'Free and reserved cash and the shares held at their prices, less what is owed. Positions without a price are left out.',
  },
  total_pnl: { name: 'P&L', meaning: 'Realised and unrealised profit or loss of this run, less fees.' },
  total_return: { name: 'Return', meaning: 'Profit or loss as a share of what the run began with.' },
  cash_balance: { name: 'Free cash', meaning: 'USDC that no open order holds.' },
  reserved_cash: { name: 'Reserved', meaning: 'USDC held for open purchases and their fees.' },
  position_value: { name: 'Positions', meaning: 'Shares held at the midpoints of their order books.' },
  unrealized_pnl: { name: 'Unrealised P&L', meaning: 'What the shares held are worth now, less what they cost.' },
  realized_pnl: {
    name: 'Realised P&L',
    meaning: 'What sales, merges and settlements brought above average cost, before fees.',
  },
  fees_paid: { name: 'Fees', meaning: 'Fees of every fill of this run.' },
  liquidation_value: {
    name: 'If sold now',
    meaning: 'Cash, and what selling every share into the bids displayed now would bring, fees off.',
  },
  owed: { name: 'Owed', meaning: 'What a changed result took back that there was no cash for.' },
  twr: {
    name: 'Time-weighted return',
    meaning:
      'End over start, multiplied over the stretches between deposits and withdrawals, less 1: money that comes or goes does not count as skill.',
  },
  money_weighted_return: {
    name: 'Money-weighted return',
    meaning:
      'The yearly rate at which all deposits, withdrawals and the equity now come to nothing (XIRR). From 30 days on.',
  },
  simple_return: { name: 'Simple return', meaning: '(Equity less net deposits) over net deposits.' },
  volatility: {
    name: 'Volatility',
    meaning: 'Standard deviation of the daily returns, times the square root of 365.',
  },
  sharpe_ratio: {
    name: 'Sharpe ratio',
    meaning:
      'Mean daily return over its standard deviation, times the square root of 365; the risk-free rate is 0. From 20 daily returns on.',
  },
  sortino_ratio: {
    name: 'Sortino ratio',
    meaning: 'As the Sharpe ratio, counting only how far days fell below 0. From 20 daily returns on.',
  },
  probabilistic_sharpe_ratio: {
    name: 'Probability of skill',
    meaning:
      'How probable it is that the true Sharpe ratio is above 0 (probabilistic Sharpe ratio). From 30 daily returns on.',
  },
  max_drawdown: {
    name: 'Largest drawdown',
    meaning:
      'The deepest fall of hourly equity below an earlier peak, as a share of that peak. The chart is finer, and may show a deeper one.',
  },
  calmar_ratio: {
    name: 'Calmar ratio',
    meaning: 'Time-weighted return a year over the largest drawdown. From 30 days on.',
  },
  daily_returns: { name: 'Daily returns', meaning: 'Complete UTC days whose return is known.' },
  total_trades: { name: 'Fills', meaning: 'Every match at one price counts as one.' },
  closed_lots: { name: 'Lots closed', meaning: 'Closed by sales, merges and settlements.' },
  win_rate: { name: 'Win rate', meaning: 'Lots that gained after the fees of both sides, over lots closed.' },
  profit_factor: { name: 'Profit factor', meaning: 'Sum of the gains over sum of the losses.' },
  expectancy: { name: 'Expectancy', meaning: 'Mean profit or loss of a closed lot, after fees.' },
  payoff_ratio: { name: 'Payoff ratio', meaning: 'Mean gain over mean loss.' },
  average_holding_seconds: { name: 'Holding time', meaning: 'Mean time from opening a lot to closing it.' },
  best: { name: 'Best lot', meaning: 'The most that one closed lot gained, after fees.' },
  worst: { name: 'Worst lot', meaning: 'The least that one closed lot gained, after fees.' },
  slippage_paid: {
    name: 'Slippage paid',
    meaning:
      'What fills cost above the midpoint their order met, for purchases; below it, for sales. Negative is better than the midpoint.',
  },
  effective_spread: {
    name: 'Effective spread',
    meaning: 'Twice the mean distance of the fills from the midpoint, in USDC a share.',
  },
  fee_bps: { name: 'Fees of volume', meaning: 'Fees in hundredths of a percent of the value traded.' },
  brier_score: {
    name: 'Brier score',
    meaning:
      'Mean squared distance between the result and the forecast, by shares, in markets that have paid. 0 is perfect. Without stated forecasts the price paid stands in for one.',
  },
  log_score: {
    name: 'Log score',
    meaning:
      'Mean logarithm of the probability given to what happened, kept within 0.001 and 0.999. 0 is perfect, lower is worse.',
  },
  skill_vs_market: {
    name: 'Skill against the market',
    meaning:
      '1 less the Brier score over that of the midpoints at the same moments: above 0 is better than the market.',
  },
  expected_calibration_error: {
    name: 'Calibration error',
    meaning: 'Mean distance, by shares, between how often things came true and what was forecast.',
  },
  resolved_fills: { name: 'Purchases resolved', meaning: 'Purchases in markets that have paid.' },
  estimated_rebate: {
    name: 'Maker rebate',
    meaning: 'What Polymarket would pay makers back: an estimate, in no other number.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** What the evidence grades of fills say. */
export const GRADES = {
  A: 'Taken from size that was displayed when the order met the book.',
  B: 'A public trade went through the limit of a resting order.',
  C: 'A public trade at the limit, after the queue before it; or a quote that crossed the limit and stayed.',
} as const;
