import { z } from 'zod';
import type { TradingOptions } from './trading.options';

const message = 'must be a whole number of milliseconds';

/** How the paper exchange imitates this installation's distance to the venue. */
export const tradingEnv = z.object({
  LATENCY_RECORDED_MS: z.coerce
    .number({ error: message })
    .int(message)
    .min(0, 'must be at least 0')
    .max(60_000, 'must be at most 60000')
    .default(50)
    .meta({
      description:
        "Milliseconds an order travels to the venue in portfolios whose latency is 'recorded': what was measured where this installation runs.",
    }),
});

export type TradingEnv = z.output<typeof tradingEnv>;

/** Returns the options of the trading module that an environment stands for. */
export function tradingOptions(env: TradingEnv): TradingOptions {
  return { recordedLatencyMs: env.LATENCY_RECORDED_MS };
}
