import type { DomainErrorCode } from '@app/domain';
import type { NamedProblem } from '../openapi/api-problems.decorator';

/** When each refusal of trading is answered, for the OpenAPI document. */
const WHEN = {
  'PORTFOLIO.NOT_FOUND': 'You have no portfolio of this id.',
  'PORTFOLIO.LIMIT': 'The account has as many portfolios as its role may.',
  'PORTFOLIO.INACTIVE': 'The portfolio takes no orders: it was switched off.',
  'PORTFOLIO.BUSY': 'Too much goes on in this portfolio at once; `Retry-After` says when to try again.',
  'MARKET.NOT_FOUND': 'No market has this slug, condition id or token id.',
  'MARKET.OUTCOME_NOT_FOUND': 'The market has no such outcome; `detail` names those it has.',
  'MARKET.NO_ORDER_BOOK': 'The outcome has no order book at Polymarket.',
  'MARKET.NOT_TRADABLE': 'The market is closed, resolved, not accepting orders, or has other than two outcomes.',
  'BOOK.NOT_LIVE':
    'An order that takes met an order book that is not live: stale, recovering or halted. `detail` says which and why.',
  'ORDER.NOT_FOUND': 'The portfolio has no order of this id.',
  'ORDER.NOT_CANCELLABLE': 'The order is done, or the taker delay of the market holds it.',
  'ORDER.LIMIT': 'The account has as many open orders as its role may.',
  'ORDER.DUPLICATE_CLIENT_ID': 'Another order of the portfolio has this `client_order_id`.',
  'ORDER.BAD_PRICE': "The price is off the market's tick or out of its range; `detail` names the nearest that fit.",
  'ORDER.BAD_SIZE': 'The size is too small, or has too many decimals; `detail` says what would do.',
  'ORDER.BAD_EXPIRY': 'The order would end too soon; `detail` says the earliest moment.',
  'ORDER.POST_ONLY_CROSSES': 'A post-only order would take.',
  'ORDER.INSUFFICIENT_CASH': 'It needs more cash than is free; `detail` says how much of both.',
  'ORDER.INSUFFICIENT_SHARES': 'It needs more shares than are free; `detail` says how many of both.',
  'ORDER.NOT_FILLED': 'The order book does not offer the quantity at this price; `detail` says what it offered.',
  'IDEMPOTENCY.KEY_REUSED': 'The `Idempotency-Key` came with another request before.',
  'IDEMPOTENCY.IN_PROGRESS': 'The first request of this `Idempotency-Key` is still going on.',
  'EXPORT.NOT_ALLOWED': 'The account may not export; its role does not include it.',
  'VENUE.BUSY': 'Polymarket is busy; `Retry-After` says when to try again.',
  'VENUE.UNAVAILABLE': 'Polymarket cannot be reached; `Retry-After` says when to try again.',
  'STORE.UNAVAILABLE': 'The database cannot be reached; `Retry-After` says when to try again.',
} as const satisfies Partial<Record<DomainErrorCode, string>>;

type TradingProblem = keyof typeof WHEN;

/** Refusals of trading as a route documents them. */
export function refusals(...codes: TradingProblem[]): NamedProblem[] {
  return codes.map((code) => ({ code, when: WHEN[code] }));
}

/** What every route about one portfolio may answer. */
export const OWN_PORTFOLIO = [401, 403, ...refusals('PORTFOLIO.NOT_FOUND'), 422, ...refusals('STORE.UNAVAILABLE')];

/** What every route that takes a body may answer about it. */
export const BODY = [400, 413, 415];

/** What every route that takes an `Idempotency-Key` may answer about it. */
export const KEYED = refusals('IDEMPOTENCY.KEY_REUSED', 'IDEMPOTENCY.IN_PROGRESS');

/** What every route that changes a portfolio may answer. */
export const CHANGES = refusals('PORTFOLIO.BUSY');

/** What naming a market in a request may lead to. */
export const NAMED_MARKET = [...refusals('MARKET.NOT_FOUND', 'VENUE.BUSY', 'VENUE.UNAVAILABLE'), 502];

/** What keeps an order from being looked at. */
export const PREVIEWED_ORDER = [
  ...BODY,
  ...OWN_PORTFOLIO,
  ...NAMED_MARKET,
  ...refusals('MARKET.OUTCOME_NOT_FOUND', 'MARKET.NO_ORDER_BOOK'),
  ...CHANGES,
];

/** What an order may be refused for. */
export const NEW_ORDER = [
  ...PREVIEWED_ORDER,
  ...refusals(
    'PORTFOLIO.INACTIVE',
    'MARKET.NOT_TRADABLE',
    'BOOK.NOT_LIVE',
    'ORDER.LIMIT',
    'ORDER.INSUFFICIENT_CASH',
    'ORDER.INSUFFICIENT_SHARES',
    'ORDER.BAD_PRICE',
    'ORDER.BAD_SIZE',
  ),
  ...KEYED,
];
