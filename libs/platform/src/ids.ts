import { randomBytes } from 'node:crypto';

/**
 * Returns a new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits, so ids made later sort later
 * to the millisecond.
 * @param atMs Unix milliseconds put into the id, 0..2^48-1
 */
export function newId(atMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(atMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
