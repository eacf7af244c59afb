import type { Schemas } from '../api/client';
import { type Role, ROLES } from '../api/role';
import { formatCount } from './format';

export { ROLES };

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  user: 'User',
  premium_user: 'Premium user',
  admin: 'Admin',
};

type Limits = Schemas['RoleLimits'];
export type LimitKey = keyof Limits;

/** What each limit of a role is of. */
export const LIMIT_NAMES: Readonly<Record<LimitKey, string>> = {
  portfolios: 'Portfolios',
  open_orders: 'Open orders',
  ws_subscriptions: 'Markets watched live',
  requests_per_minute: 'Requests a minute',
  price_history_days: 'Days of price history',
  csv_export: 'Trades as CSV',
};
export const LIMIT_KEYS = Object.keys(LIMIT_NAMES) as readonly LimitKey[];

export function formatLimit(limit: Limits[LimitKey]): string {
  if (typeof limit === 'boolean') return limit ? 'Yes' : 'No';
  return formatCount(limit);
}
