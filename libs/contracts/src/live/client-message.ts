import { z } from 'zod';
import { parseConditionId, parseSlug, quote } from '../parameters';

/** What clients say over `/ws/live`: one JSON object a message, with an `action`. */

/** What can be told of a market. */
export const LIVE_CHANNELS = ['book', 'price', 'trades'] as const;
export type LiveChannel = (typeof LIVE_CHANNELS)[number];

/** Markets, or portfolios, one message may name. */
export const MOST_SUBJECTS = 100;

const SHORTEST_TOKEN_DIGITS = 20;
const MOST_TOKEN_DIGITS = 78;
const TOKEN_ID = new RegExp(`^\\d{${SHORTEST_TOKEN_DIGITS},${MOST_TOKEN_DIGITS}}$`);
const MARKET_RULE = 'must be a slug, a token id or a condition id';

/** A market, or one outcome of it, as a client names it. */
export type LiveSubject = { slug: string } | { conditionId: string } | { tokenId: string };

/** The market or token that text names: many digits are a token id, 0x and 64 hexadecimal digits a condition id, anything else a slug. Null for text that is none. */
export function liveSubjectOf(text: string): LiveSubject | null {
  if (TOKEN_ID.test(text)) return { tokenId: text };
  const condition = parseConditionId(text);
  if ('value' in condition) return { conditionId: condition.value };
  const slug = parseSlug(text);
  return 'value' in slug ? { slug: slug.value } : null;
}

const listOf = <T extends z.ZodType>(item: T, what: string): z.ZodArray<T> =>
  z
    .array(item, { error: `must be a list of ${what}` })
    .min(1, `must name at least one; leave it out for none`)
    .max(MOST_SUBJECTS, `may name at most ${MOST_SUBJECTS} in one message`);

const subjects = {
  market_ids: listOf(
    z.string({ error: MARKET_RULE }).superRefine((text, context) => {
      if (liveSubjectOf(text) !== null) return;
      context.addIssue({ code: 'custom', message: `${MARKET_RULE}; got ${quote(text)}` });
    }),
    'slugs and token ids',
  ).optional(),
  channels: listOf(
    z.enum(LIVE_CHANNELS, { error: `must be one of ${LIVE_CHANNELS.join(', ')}` }),
    LIVE_CHANNELS.join(', '),
  ).optional(),
  portfolio_ids: listOf(
    z.uuid({ error: 'must be the id of a portfolio as GET /portfolios answers it' }).toLowerCase(),
    'ids of portfolios',
  ).optional(),
};

const subscribeSchema = z.strictObject({ action: z.literal('subscribe'), ...subjects });
const unsubscribeSchema = z.strictObject({ action: z.literal('unsubscribe'), ...subjects });
const pingSchema = z.strictObject({ action: z.literal('ping') });

/** Schema of every message a client may send. */
export const clientMessageSchema = z.discriminatedUnion('action', [subscribeSchema, unsubscribeSchema, pingSchema], {
  error: 'must be subscribe, unsubscribe or ping',
});

export type ClientMessage = z.output<typeof clientMessageSchema>;
export type SubscriptionRequest = Exclude<ClientMessage, { action: 'ping' }>;

export type ParsedClientMessage = { message: ClientMessage } | { problem: string };

/** Returns the message a client's text holds, or a sentence that says what is wrong with it and what would be right. */
export function parseClientMessage(text: string): ParsedClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'Send one JSON object a message, such as {"action":"ping"}.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: 'Send a JSON object with an action, such as {"action":"ping"}.' };
  }
  const parsed = clientMessageSchema.safeParse(value);
  if (!parsed.success) return { problem: `${parsed.error.issues.slice(0, MOST_TOLD).map(tell).join('; ')}.` };
  const message = parsed.data;
  if (message.action !== 'ping' && message.market_ids === undefined && message.portfolio_ids === undefined) {
    return { problem: `market_ids: name what to ${message.action}, there or in portfolio_ids.` };
  }
  return { message };
}

const MOST_TOLD = 5;

function tell(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `${quote(issue.keys.join(', '))} is not a known field; check its spelling`;
  }
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}
