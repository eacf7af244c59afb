import { DomainError } from '@app/domain';
import type { KeyedRequest } from '@app/trading';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { createHash } from 'node:crypto';

/** The header by which a client says that two requests are one. */
const KEY_HEADER = 'Idempotency-Key';
const KEY = /^[\x20-\x7e]{1,255}$/;
const KEY_RULE = 'must be given once, with 1 to 255 printable ASCII characters, or left out';

/** On an answer about what an earlier request of the same key, or of the same client order id, had done. */
const REPLAYED_HEADER = 'idempotency-replayed';

/** The part of Fastify's request a key is read from. */
export interface KeyableRequest {
  method: string;
  routeOptions: { url?: string | undefined };
  params: unknown;
  body: unknown;
  raw: { headersDistinct: Readonly<Record<string, string[] | undefined>> };
}

/**
 * Reads the `Idempotency-Key` of a request; null without one. Two requests are the same when method, path and body are, whatever the
 * order of the body's fields.
 * @throws DomainError `REQUEST.UNACCEPTABLE` for a key that is none
 */
export function keyedRequestOf(request: KeyableRequest): KeyedRequest | null {
  const given = request.raw.headersDistinct[KEY_HEADER.toLowerCase()];
  if (given === undefined) return null;
  const [key = '', ...more] = given;
  if (more.length > 0 || !KEY.test(key)) {
    throw new DomainError('REQUEST.UNACCEPTABLE', `${KEY_HEADER}: ${KEY_RULE}`, {
      fields: [{ field: KEY_HEADER, message: KEY_RULE }],
    });
  }
  const path = (request.routeOptions.url ?? '').replaceAll(/:(\w+)/g, '{$1}');
  return { key, route: `${request.method} ${path}`, bodyHash: hashOf([request.params, request.body ?? null]) };
}

function hashOf(asked: unknown): string {
  return createHash('sha256').update(JSON.stringify(asked, sortFields)).digest('hex');
}

/** Brings the fields of every object into one order, and big integers into text. */
function sortFields(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The `Idempotency-Key` of the request, or null. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): KeyedRequest | null =>
  keyedRequestOf(context.switchToHttp().getRequest<KeyableRequest>()),
);

/**
 * The request of one part of a list, which is the same again when the key, its place and what it asks for are. No client can send such
 * a key: keys are printable.
 */
export function keyedPart(keyed: KeyedRequest, place: number, part: unknown): KeyedRequest {
  return { ...keyed, key: `${keyed.key}\n${place}`, bodyHash: hashOf(part) };
}

/** The part of Fastify's reply that takes headers. */
export interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** Says on the answer that an earlier request had done what was asked. */
export function markReplayed(reply: HeaderReply, { replayed }: { replayed: boolean }): void {
  if (replayed) reply.header(REPLAYED_HEADER, 'true');
}

/** Documents the header on a route that moves paper money. */
export function TakesIdempotencyKey(): MethodDecorator {
  return ApiHeader({
    name: KEY_HEADER,
    required: false,
    description:
      'The same key with the same request answers what the first was answered, with `idempotency-replayed: true`, and does nothing again; with another request it is a 409. Keys belong to the account and live 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255, example: '7d3b9c55-order-17' },
  });
}

export const REPLAYED_HEADER_DOC = {
  [REPLAYED_HEADER]: {
    description:
      '`true` when an earlier request of the same `Idempotency-Key` was given this answer, or made the order of the same `client_order_id`.',
    schema: { type: 'string' as const, enum: ['true'] },
  },
};
