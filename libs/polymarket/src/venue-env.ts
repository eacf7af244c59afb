import { ConfigError } from '@app/platform';
import { z } from 'zod';
import { VenueOptions } from './transport/venue-transport';

const baseUrl = (fallback: string, what: string): z.ZodDefault<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>> =>
  z
    .url({ protocol: /^https?$/, error: `must be an http or https address such as ${fallback}` })
    .transform((url) => url.replace(/\/+$/, ''))
    .default(fallback)
    .meta({
      description: `Base address of Polymarket's ${what}; may carry a path prefix.`,
      requiredInProduction: true,
    });

/** Variables of the venue client. */
export const venueEnv = z.object({
  GAMMA_URL: baseUrl('https://gamma-api.polymarket.com', 'Gamma API (markets, events, tags)'),
  CLOB_URL: baseUrl('https://clob.polymarket.com', 'CLOB API (order books, price history)'),
  DATA_URL: baseUrl('https://data-api.polymarket.com', 'Data API (open interest, trades)'),
  VENUE_RATE_SHARE: z.coerce
    .number({ error: 'must be a number above 0 and at most 1' })
    .gt(0, 'must be above 0')
    .max(1, 'must be at most 1')
    .default(0.67)
    .meta({
      description:
        "Part of Polymarket's published request limits that all processes together use, above 0 to 1. At 0.67 the market lists get 20 requests a second, 16 of them for background work.",
    }),
  VENUE_RATE_LIMIT: z
    .stringbool({ error: 'must be true or false' })
    .default(true)
    .meta({ description: 'false sends without a request budget; only against a simulated venue.' }),
});

/**
 * The client's options from parsed variables.
 * @throws ConfigError when the request budget is switched off against Polymarket itself.
 */
export function venueOptions(env: z.output<typeof venueEnv>): VenueOptions {
  const baseUrls = { gamma: env.GAMMA_URL, clob: env.CLOB_URL, data: env.DATA_URL };
  if (!env.VENUE_RATE_LIMIT && Object.values(baseUrls).some(isPolymarket)) {
    const message = 'may be false only when GAMMA_URL, CLOB_URL and DATA_URL all name a simulated venue';
    throw new ConfigError([{ variable: 'VENUE_RATE_LIMIT', message }]);
  }
  return { baseUrls, rateShare: env.VENUE_RATE_SHARE, rateLimited: env.VENUE_RATE_LIMIT };
}

function isPolymarket(url: string): boolean {
  return /(^|\.)polymarket\.com$/.test(new URL(url).hostname);
}
