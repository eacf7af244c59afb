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
 * all the rest. An address a proxy wrote down with a port loses it; instead of one that is none, the proxy's own counts.
 */
export function clientAddressOf(request: AddressedRequest): string {
  const written = withoutPort(request.ip);
  return normalizeIp(isIP(withoutZone(written)) === 0 ? (request.socket.remoteAddress ?? 'unknown') : written);
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
}

function withoutZone(text: string): string {
  return text.split('%', 1)[0] ?? '';
}
