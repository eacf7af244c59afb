import type { IncomingMessage } from 'node:http';
import { newId } from '../ids';

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Returns the id a request is known by: what a client or a proxy calls it in `x-request-id` when that fits, a new one otherwise. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId();
}
