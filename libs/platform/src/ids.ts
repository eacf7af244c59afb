import { randomBytes } from 'node:crypto';

/** The last id's milliseconds and number within them. */
let lastMs = -1;
let lastNumber = 0;

const NUMBER_LIMIT = 0x1000;

/**
 * Returns a new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, a number of 12 bits that rises within a millisecond, then 62 random
 * bits. So ids of one process made later sort later: of one millisecond, the first two thousand.
 * @param atMs Unix milliseconds put into the id, 0..2^48-1
 */
export function newId(atMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(atMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | numberWithin(atMs, bytes.readUInt16BE(6)), 6);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Begins in the lower half, so that there is room to rise. */
function numberWithin(atMs: number, random: number): number {
  lastNumber = atMs === lastMs ? (lastNumber + 1) % NUMBER_LIMIT : random % (NUMBER_LIMIT / 2);
  lastMs = atMs;
  return lastNumber;
}
