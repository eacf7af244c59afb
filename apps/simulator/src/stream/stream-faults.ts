import { z } from 'zod';
import type { Frame } from './frame';

/** Which connections a fault hits. */
const target = {
  /** One connection by its number; left out: all that are open now. */
  connection: z.number().int().min(1).optional(),
};

/** Which messages a fault hits: the next ones. */
const messages = {
  /** Of one market; left out: of any. */
  slug: z.string().optional(),
  times: z.number().int().min(1).default(1),
  /** Matching messages let through before. */
  skip: z.number().int().min(0).default(0),
};

/** Codes a server may close with (RFC 6455, 7.4): 1004 to 1006 are never sent, 1015 to 2999 belong to later standards. */
const closeCode = z
  .number()
  .int()
  .min(1000)
  .max(4999)
  .refine((code) => code >= 3000 || (code <= 1014 && (code < 1004 || code > 1006)), 'must be a code that can be sent');

const connectionFaults = [
  /** Says nothing more, with the socket open; `pings` tells whether it still answers them. Until healed, or for so long. */
  z.strictObject({
    kind: z.literal('freeze'),
    ...target,
    pings: z.boolean().default(true),
    ms: z.number().int().min(1).optional(),
  }),
  /** Everything is sent so much later. Until healed. */
  z.strictObject({ kind: z.literal('latency'), ...target, ms: z.number().int().min(1).max(600_000) }),
  /** Messages trickle in pieces, one behind the other. Until healed. */
  z.strictObject({
    kind: z.literal('slow_drip'),
    ...target,
    bytes: z.number().int().min(1).default(64),
    every_ms: z.number().int().min(1).max(60_000).default(20),
  }),
  /** Closes with a code, or without one breaks the connection. */
  z.strictObject({ kind: z.literal('disconnect'), ...target, code: closeCode.optional() }),
  /** Forgets subscriptions without a word; the client may subscribe again. */
  z.strictObject({ kind: z.literal('drop_asset'), ...target, token_ids: z.array(z.string()).min(1) }),
  /** Sends what is no message. */
  z.strictObject({
    kind: z.literal('garbage'),
    ...target,
    content: z.enum(['text', 'binary', 'cut_json', 'wrong_types', 'unknown_event', 'huge']).default('text'),
  }),
  /** Sends a text as it is. */
  z.strictObject({ kind: z.literal('send'), ...target, text: z.string() }),
] as const;

const messageFaults = [
  z.strictObject({ kind: z.literal('duplicate_print'), ...messages }),
  /** A change of levels comes after the message that follows it. */
  z.strictObject({ kind: z.literal('out_of_order'), ...messages }),
  /** A message is never sent. */
  z.strictObject({
    kind: z.literal('lose'),
    ...messages,
    event: z.enum(['book', 'price_change', 'last_trade_price', 'tick_size_change', 'market_resolved']),
  }),
] as const;

/** Connection attempts that are refused. */
const refusal = z.strictObject({
  kind: z.literal('refuse'),
  times: z.number().int().min(1).default(1),
  status: z.number().int().min(400).max(599).default(503),
});

/** A fault of the stream, on command. */
export const streamFaultSchema = z.discriminatedUnion('kind', [...connectionFaults, ...messageFaults, refusal]);
export type StreamFault = z.infer<typeof streamFaultSchema>;
export type StreamFaultInput = z.input<typeof streamFaultSchema>;

export type MessageFault = Extract<StreamFault, { kind: 'duplicate_print' | 'out_of_order' | 'lose' }>;
export type ConnectionFault = Exclude<StreamFault, MessageFault | { kind: 'refuse' }>;

export const isMessageFault = (fault: StreamFault): fault is MessageFault =>
  fault.kind === 'duplicate_print' || fault.kind === 'out_of_order' || fault.kind === 'lose';

/** Faults of messages that wait for theirs; the first that matches hits. */
export class MessageFaults {
  private waiting: MessageFault[] = [];
  /** Held back until the market's next message is out. */
  private readonly held = new Map<string, Frame>();

  add(fault: MessageFault): void {
    this.waiting.push({ ...fault });
  }

  clear(): void {
    this.waiting = [];
    this.held.clear();
  }

  list(): readonly MessageFault[] {
    return this.waiting;
  }

  /** What is sent instead of these messages. */
  apply(frames: readonly Frame[]): readonly Frame[] {
    if (this.waiting.length === 0 && this.held.size === 0) return frames;
    return frames.flatMap((frame) => this.one(frame));
  }

  private one(frame: Frame): Frame[] {
    const fault = this.take(frame);
    if (fault?.kind === 'lose') return [];
    const late = this.held.get(frame.slug);
    if (fault?.kind === 'out_of_order' && late === undefined) {
      this.held.set(frame.slug, frame);
      return [];
    }
    const sent = fault?.kind === 'duplicate_print' ? [frame, frame] : [frame];
    // What only repeats the best prices is no order to be out of.
    if (late === undefined || frame.event === 'best_bid_ask') return sent;
    this.held.delete(frame.slug);
    return [...sent, late];
  }

  private take(frame: Frame): MessageFault | null {
    for (const fault of this.waiting) {
      if (fault.slug !== undefined && fault.slug !== frame.slug) continue;
      if (frame.event !== eventOf(fault)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times === 0) this.waiting = this.waiting.filter((other) => other !== fault);
      return fault;
    }
    return null;
  }
}

function eventOf(fault: MessageFault): Frame['event'] {
  switch (fault.kind) {
    case 'duplicate_print':
      return 'last_trade_price';
    case 'out_of_order':
      return 'price_change';
    case 'lose':
      return fault.event;
  }
}

/** What each kind of garbage is on the wire. */
export function garbage(
  content: Extract<ConnectionFault, { kind: 'garbage' }>['content'],
  tokenId: string,
): string | Buffer {
  switch (content) {
    case 'text':
      return '}{ 502 Bad Gateway';
    case 'binary':
      return Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x7b, 0x22]);
    case 'cut_json':
      return `[{"event_type":"price_change","market":"0x`;
    case 'wrong_types':
      return JSON.stringify([
        null,
        17,
        { event_type: 'book', asset_id: tokenId, bids: 'none', asks: {}, timestamp: 'now' },
        { event_type: 'price_change', market: 5, price_changes: [{ asset_id: tokenId, price: '2', size: '-1' }] },
      ]);
    case 'unknown_event':
      return JSON.stringify({ event_type: 'weather_report', asset_id: tokenId, timestamp: '1' });
    case 'huge':
      return `"${'x'.repeat(32_000_000)}"`;
  }
}
