import { describeFound } from '../wire/refusal';
import { isTokenId, WireObject } from '../wire/wire-object';
import { MarketChannelMessage, marketChannelTypeOf, parseMarketChannelMessage } from './market-channel';

/** One message of a frame. */
export type FramePart =
  | { kind: 'message'; message: MarketChannelMessage }
  /** A message of a kind that is not ours to know. */
  | { kind: 'unknown' }
  | UnreadablePart;

/** A message that was not understood. */
export interface UnreadablePart {
  kind: 'unreadable';
  /** What was found and what would be right. */
  reason: string;
  /** Whether it may have told of a book or a trade. */
  loses: boolean;
  /** The tokens it names, so far as it can be read. */
  tokenIds: readonly string[];
}

/** What one frame of the market socket says. */
export type MarketFrame =
  | { kind: 'pong' }
  /** Answers to an operation: every token of it was subscribed to already, or it was not understood. */
  | { kind: 'no_new_assets' }
  | { kind: 'invalid_operation' }
  | { kind: 'messages'; parts: readonly FramePart[] };

const SAYINGS: Readonly<Record<string, MarketFrame>> = {
  PONG: { kind: 'pong' },
  'NO NEW ASSETS': { kind: 'no_new_assets' },
  'INVALID OPERATION': { kind: 'invalid_operation' },
};

/** Longer than any of the sayings with white space around it. */
const SAYING_LENGTH = 40;

/** Kinds that change no book and are no trade. */
const HARMLESS_KINDS: ReadonlySet<unknown> = new Set(['best_bid_ask', 'new_market', 'market_resolved']);

/**
 * Reads one frame of the market socket: a word, one message, or an array of messages. Total: whatever was sent gives an answer.
 * Source: AsyncAPI of 2026-05 and the protocol's description of 2026-04.
 */
export function readMarketFrame(frame: string): MarketFrame {
  const saying = frame.length <= SAYING_LENGTH ? SAYINGS[frame.trim()] : undefined;
  if (saying !== undefined) return saying;
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    const reason = `found ${describeFound(frame)}, expected JSON or one of ${Object.keys(SAYINGS).join(', ')}`;
    return { kind: 'messages', parts: [{ kind: 'unreadable', reason, loses: true, tokenIds: [] }] };
  }
  if (!Array.isArray(value)) return { kind: 'messages', parts: [readPart(value, '')] };
  return { kind: 'messages', parts: value.map((element: unknown, index) => readPart(element, `[${index}]`)) };
}

function readPart(value: unknown, path: string): FramePart {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && marketChannelTypeOf(WireObject.from(value, path)) === null) return { kind: 'unknown' };
  const parsed = parseMarketChannelMessage(value, path);
  if (parsed.ok) return { kind: 'message', message: parsed.value };
  const { path: place, reason } = parsed.refusal;
  const loses = !isObject || !HARMLESS_KINDS.has((value as Record<string, unknown>)['event_type']);
  return {
    kind: 'unreadable',
    reason: place === '' ? reason : `${place}: ${reason}`,
    loses,
    tokenIds: tokensOf(value),
  };
}

/** Token ids in the places where messages have them. */
function tokensOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { asset_id: one, price_changes: changes } = value as Record<string, unknown>;
  const named = Array.isArray(changes) ? changes.map((change: unknown) => assetOf(change)) : [];
  return [...new Set([one, ...named].filter(isTokenId))];
}

function assetOf(change: unknown): unknown {
  return typeof change === 'object' && change !== null ? (change as Record<string, unknown>)['asset_id'] : undefined;
}
