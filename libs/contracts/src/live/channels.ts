/** Channels of the message bus. */

/** A market's book and public trades, as `MarketMessage`s. */
export const marketChannel = (conditionId: string): string => `live:${conditionId}`;

/** What happened to a portfolio, as `AccountMessage`s. */
export const accountChannel = (portfolioId: string): string => `account:${portfolioId}`;

/** Orders of a market that came to rest, changed or ended, and what portfolios took of its book, as `OrderNotice`s. */
export const ordersChannel = (conditionId: string): string => `orders:${conditionId}`;

/** Somebody began or ceased to want a market followed; the message is its condition id. */
export const INTEREST_CHANNEL = 'interest';
