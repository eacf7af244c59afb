import { z } from 'zod';

/** Variables of the venue's stream. */
export const streamEnv = z.object({
  CLOB_WS_URL: z
    .url({
      protocol: /^wss?$/,
      error: 'must be a ws or wss address such as wss://ws-subscriptions-clob.polymarket.com/ws/market',
    })
    .default('wss://ws-subscriptions-clob.polymarket.com/ws/market')
    .meta({
      description: "Address of Polymarket's market channel (order books and trades as they change), with its path.",
      requiredInProduction: true,
    }),
});
