/** Why the server closes a connection (RFC 6455, section 7.4). */
export const CLOSE = {
  /** The server stops. */
  goingAway: 1001,
  /** The token does not count, or the client does not keep to the rules. */
  policy: 1008,
  /** Too slow, or too many: try again later. */
  tryAgainLater: 1013,
} as const;

const MOST_REASON_BYTES = 123;

/** Returns a sentence as a close frame can carry it. */
export function closeReason(sentence: string): string {
  let reason = sentence;
  while (Buffer.byteLength(reason) > MOST_REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
}
