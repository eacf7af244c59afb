import { z } from 'zod';
import { DEFAULT_TRADING_OPTIONS, type TradingOptions } from './trading.options';

const message = 'must be a whole number of milliseconds';

function milliseconds(max: number, byDefault: number): z.ZodDefault<z.ZodCoercedNumber> {
  return z.coerce
    .number({ error: message })
    .int(message)
    .min(0, 'must be at least 0')
    .max(max, `must be at most ${max}`)
    .default(byDefault);
}

/** How the paper exchange imitates the way of an order to the venue. */
export const tradingEnv = z.object({
  LATENCY_RECORDED_MS: milliseconds(60_000, DEFAULT_TRADING_OPTIONS.exchange.latency.recordedMs).meta({
    description:
      "Milliseconds an order travels to the venue in portfolios whose latency is 'recorded': what was measured where this installation runs.",
  }),
  TAKER_DELAY_MS: milliseconds(60_000, DEFAULT_TRADING_OPTIONS.takerDelayMs).meta({
    description: 'Milliseconds Polymarket holds marketable orders in the markets for which it has switched that on.',
  }),
});

export type TradingEnv = z.output<typeof tradingEnv>;

/** Returns the options of the trading module that an environment stands for. */
export function tradingOptions(env: TradingEnv): TradingOptions {
  const { exchange } = DEFAULT_TRADING_OPTIONS;
  return {
    exchange: { ...exchange, latency: { ...exchange.latency, recordedMs: env.LATENCY_RECORDED_MS } },
    takerDelayMs: env.TAKER_DELAY_MS,
  };
}
