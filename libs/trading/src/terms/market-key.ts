/** How a client names a market. */
export type MarketKey = { slug: string } | { conditionId: string } | { tokenId: string };
