/** Who wants markets followed: a user who polls, a client's connection, all connections of one process together, or a portfolio that just placed an order. */
export type InterestHolder = `user:${string}` | `socket:${string}` | `gateway:${string}` | `portfolio:${string}`;

export const userHolder = (userId: string): InterestHolder => `user:${userId}`;

export const socketHolder = (connectionId: string): InterestHolder => `socket:${connectionId}`;

export const portfolioHolder = (portfolioId: string): InterestHolder => `portfolio:${portfolioId}`;

/** @param instanceId of the process whose clients share what they watch: it counts them itself */
export const gatewayHolder = (instanceId: string): InterestHolder => `gateway:${instanceId}`;
