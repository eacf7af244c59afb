import { formatMicro, type MicroPrice, type MicroShares, type MicroUsdc, type OrderSide } from '@app/domain';

/**
 * The venue's own texts, which bots parse. Source: its error reference and texts reported by users of its clients, spring to autumn 2026.
 */
export const VENUE_TEXTS = {
  postOnlyCrosses: 'invalid post-only order: order crosses book',
  /** The name older clients know; no sentence of the venue is known for it. */
  postOnlyType: 'INVALID_POST_ONLY_ORDER_TYPE',
  balance: 'not enough balance / allowance',
  expiration: 'invalid expiration',
  fokNotFilled: "order couldn't be fully filled. FOK orders are fully filled or killed.",
  fakNotFilled:
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
  marketNotReady: 'the market is not yet ready to process new orders',
  tickSize: (orderId: string, price: MicroPrice, tick: MicroPrice) =>
    `order ${orderId} is invalid. Price (${formatMicro(price)}) breaks minimum tick size rule: ${formatMicro(tick)}`,
  minimumSize: (orderId: string, size: MicroShares, minimum: MicroShares) =>
    `order ${orderId} is invalid. Size (${formatMicro(size)}) lower than the minimum: ${formatMicro(minimum)}`,
  marketableMinimum: (value: MicroUsdc, minimum: MicroUsdc) =>
    `invalid amount for a marketable BUY order ($${formatMicro(value)}), min size: $${formatMicro(minimum)}`,
  /** Decimals of what is given and what is taken: of collateral and shares for buys, of shares and collateral for sells. */
  accuracy: (kind: 'market ' | '', side: OrderSide, maker: number, taker: number) =>
    `invalid amounts, the ${kind}${side} orders maker amount supports a max accuracy of ${maker} decimals, taker amount a max of ${taker} decimals`,
} as const;

/** The venue's text, then a sentence of ours that says what would be accepted. */
export function withAdvice(venueText: string, advice: string): string {
  return /[.!?]$/.test(venueText) ? `${venueText} ${advice}` : `${venueText}. ${advice}`;
}
