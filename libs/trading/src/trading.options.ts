import { DEFAULT_EXCHANGE_SETTINGS, type ExchangeSettings } from '@app/exchange';

export const TRADING_OPTIONS = Symbol('TRADING_OPTIONS');

export interface TradingOptions {
  exchange: ExchangeSettings;
  /** How long a marketable order waits in markets whose taker delay is on, milliseconds. */
  takerDelayMs: number;
}

/** As the venue was in autumn 2026: 150 ms since 2026-09-04. */
export const DEFAULT_TRADING_OPTIONS: TradingOptions = { exchange: DEFAULT_EXCHANGE_SETTINGS, takerDelayMs: 150 };
