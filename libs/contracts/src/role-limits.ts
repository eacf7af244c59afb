import { ROLE_LIMIT_RANGES, type RoleLimits } from '@app/domain';
import { z } from 'zod';
import { flagBodyField, partOf, wholeNumberBodyField } from './body-fields';

const { portfolios, openOrders, wsSubscriptions, requestsPerMinute, priceHistoryDays } = ROLE_LIMIT_RANGES;

export const ROLE_LIMITS_EXAMPLE = {
  portfolios: 5,
  open_orders: 50,
  ws_subscriptions: 20,
  requests_per_minute: 100,
  price_history_days: 90,
  csv_export: false,
} as const;

/** Schema of what an account may have and use, by its role. */
export const roleLimitsSchema = z
  .strictObject(
    {
      portfolios: wholeNumberBodyField(portfolios, {
        description: 'How many portfolios.',
        example: ROLE_LIMITS_EXAMPLE.portfolios,
      }),
      open_orders: wholeNumberBodyField(openOrders, {
        description: 'How many open orders.',
        example: ROLE_LIMITS_EXAMPLE.open_orders,
      }),
      ws_subscriptions: wholeNumberBodyField(wsSubscriptions, {
        description: 'How many live subscriptions.',
        example: ROLE_LIMITS_EXAMPLE.ws_subscriptions,
      }),
      requests_per_minute: wholeNumberBodyField(requestsPerMinute, {
        description: 'How many requests a minute.',
        example: ROLE_LIMITS_EXAMPLE.requests_per_minute,
      }),
      price_history_days: wholeNumberBodyField(priceHistoryDays, {
        description: 'How many days back price histories go.',
        example: ROLE_LIMITS_EXAMPLE.price_history_days,
      }),
      csv_export: flagBodyField({
        description: 'Whether trades may be exported as CSV.',
        example: ROLE_LIMITS_EXAMPLE.csv_export,
      }),
    },
    partOf('an object of limits'),
  )
  .meta({ id: 'RoleLimits', description: 'What an account may have and use.', example: ROLE_LIMITS_EXAMPLE });

export type RoleLimitsBody = z.infer<typeof roleLimitsSchema>;

export function toRoleLimits(limits: RoleLimits): RoleLimitsBody {
  return {
    portfolios: limits.portfolios,
    open_orders: limits.openOrders,
    ws_subscriptions: limits.wsSubscriptions,
    requests_per_minute: limits.requestsPerMinute,
    price_history_days: limits.priceHistoryDays,
    csv_export: limits.csvExport,
  };
}

/** Schema of the limits an admin sets; those not named stay. */
export const roleLimitsChangeSchema = roleLimitsSchema
  .partial()
  .meta({ id: 'RoleLimitsChange', description: 'Limits to set; those not named stay.', example: { portfolios: 10 } });

/** The limits an admin named. */
export function fromRoleLimitsChange(body: z.output<typeof roleLimitsChangeSchema>): Partial<RoleLimits> {
  return {
    ...(body.portfolios === undefined ? {} : { portfolios: body.portfolios }),
    ...(body.open_orders === undefined ? {} : { openOrders: body.open_orders }),
    ...(body.ws_subscriptions === undefined ? {} : { wsSubscriptions: body.ws_subscriptions }),
    ...(body.requests_per_minute === undefined ? {} : { requestsPerMinute: body.requests_per_minute }),
    ...(body.price_history_days === undefined ? {} : { priceHistoryDays: body.price_history_days }),
    ...(body.csv_export === undefined ? {} : { csvExport: body.csv_export }),
  };
}
