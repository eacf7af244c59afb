export const TRADING_OPTIONS = Symbol('TRADING_OPTIONS');

export interface TradingOptions {
  /** How long the orders of portfolios with latency `recorded` travel, milliseconds. */
  recordedLatencyMs: number;
}
