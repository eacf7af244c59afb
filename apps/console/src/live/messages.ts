import type { ClientMessage, LiveChannel, ServerMessage, ServerMessageOf, ServerMessageType } from '@app/contracts';

export type { ClientMessage, LiveChannel, ServerMessage, ServerMessageOf };

/** Every type of message this console knows what to do with. */
const KNOWN: Record<ServerMessageType, true> = {
  connected: true,
  subscribed: true,
  unsubscribed: true,
  pong: true,
  error: true,
  orderbook: true,
  book_delta: true,
  book_state: true,
  price: true,
  trade: true,
  portfolio: true,
  order_update: true,
  fill: true,
  position: true,
  settlement: true,
  resync: true,
  token_expiring: true,
};

/** Returns the message a frame holds; null for what is none, or of a newer server. */
export function parseServerMessage(frame: unknown): ServerMessage | null {
  if (typeof frame !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  return typeof value.type === 'string' && Object.hasOwn(KNOWN, value.type) ? (value as ServerMessage) : null;
}
