import { normalizeIp } from '@nestjs/throttler';
import { isIP } from 'node:net';

/** The part of Fastify's request an address is read from. */
export interface AddressedRequest {
  /** The nearest address that is not a trusted proxy's, as the proxies wrote it. */
  ip: string;
  socket: { remoteAddress?: string | undefined };
}

/**
 * Returns what requests of one client have in common: an IPv4 address, or the first 64 bits of an IPv6 one, of which a single client has
 * all the rest; `unknown` when the connection is gone.
 */
export function clientAddressOf(request: AddressedRequest): string {
  return normalizeIp(writtenAddressOf(request) ?? 'unknown');
}

/**
 * Returns the address of a client. One a proxy wrote down with a port loses it; instead of one that is none, the proxy's own counts. Null
 * when the connection is gone.
 */
export function writtenAddressOf(request: AddressedRequest): string | null {
  const written = withoutPort(request.ip);
  return isIP(withoutZone(written)) === 0 ? (request.socket.remoteAddress ?? null) : written;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
}

function withoutZone(text: string): string {
  return text.split('%', 1)[0] ?? '';
}
