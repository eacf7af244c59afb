import { formatMicro, toWireNumber } from '@app/domain';
import { BOOK_STATES, type BookLevel, canonicalLevels } from '@app/exchange';
import { z } from 'zod';
import { quote } from '../parameters';
import { countField, textField, timestampField } from '../scalars';
import { OUTCOME_REF_EXAMPLE } from '../trading/outcome-ref';
import { TOKEN_ID, USER_ID } from '../trading/request-fields';
import { MOST_SUBJECTS } from './client-message';
import type { LiveBook } from './market-message';
import type { OutcomeIndex } from './server-message';

/** Live order books over REST, for clients that poll. */

const TOKEN = /^\d{1,78}$/;

/** The `{asset_ids}` of a path: token ids, each once. */
export const assetIdsPathSchema = z
  .string()
  .transform((text, context): string[] => {
    const ids = text.split(',').map((id) => id.trim());
    const bad = ids.find((id) => !TOKEN.test(id));
    if (bad !== undefined) {
      context.addIssue({ code: 'custom', message: `must be token ids with commas between them; got ${quote(bad)}` });
      return z.NEVER;
    }
    const unique = [...new Set(ids)];
    if (unique.length <= MOST_SUBJECTS) return unique;
    context.addIssue({ code: 'custom', message: `may name at most ${MOST_SUBJECTS} tokens; got ${unique.length}` });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: `1 to ${MOST_SUBJECTS} token ids with commas between them.`,
    example: TOKEN_ID,
  });

/** Schema of the answer of `POST /market-stream/start/{asset_ids}`. */
export const streamStartedSchema = z
  .strictObject({
    status: z.literal('started').meta({ description: 'Always started.', example: 'started' }),
    asset_id: textField('The token ids, with commas between them.', TOKEN_ID),
    message: textField('What happens now.', '1 token is followed for you for 90 s after each look at it.'),
    started_by: textField('Who started it.', USER_ID),
  })
  .meta({ id: 'StreamStarted', description: 'What is followed from now on.' });

export type StreamStartedBody = z.infer<typeof streamStartedSchema>;

/** Schema of the answer of `POST /market-stream/stop`. */
export const streamStoppedSchema = z
  .strictObject({
    status: z.literal('stopped').meta({ description: 'Always stopped.', example: 'stopped' }),
    message: textField('What was let go.', '1 token is not followed for you any more.'),
    stopped_by: textField('Who stopped it.', USER_ID),
  })
  .meta({ id: 'StreamStopped', description: 'What is followed no more, for this caller.' });

export type StreamStoppedBody = z.infer<typeof streamStoppedSchema>;

const levelsSchema = z
  .record(z.string(), z.number())
  .meta({ description: 'Shares displayed, by price in USDC.', example: { '0.45': 100 } });

const STREAMED_EXAMPLE = {
  bids: { '0.45': 100 },
  asks: { '0.55': 150 },
  market_id: OUTCOME_REF_EXAMPLE.market_id,
  outcome: OUTCOME_REF_EXAMPLE.outcome,
  sequence: 412,
  state: 'live',
  reason: null,
  source: 'stream',
  timestamp: '2026-02-07T09:30:00.000Z',
  age_ms: 140,
} as const;

const streamedBookSchema = z
  .strictObject({
    bids: levelsSchema,
    asks: levelsSchema,
    market_id: textField('Slug of the market.', STREAMED_EXAMPLE.market_id),
    outcome: textField('The outcome, as the market spells it.', STREAMED_EXAMPLE.outcome),
    sequence: countField('Number of the book; 0 while it is asked for over REST.', STREAMED_EXAMPLE.sequence),
    state: z.enum(BOOK_STATES).meta({ description: 'Whether it can be believed; only `live` can.', example: 'live' }),
    reason: textField('Why it is not live; null when it is.', 'its stream is not connected').nullable(),
    source: z.enum(['stream', 'rest']).meta({
      description: 'Kept up to date by the live stream, or asked for just now because the stream is only beginning.',
      example: STREAMED_EXAMPLE.source,
    }),
    timestamp: timestampField('When the venue made it.', STREAMED_EXAMPLE.timestamp),
    age_ms: countField('Milliseconds since it was received.', STREAMED_EXAMPLE.age_ms),
  })
  .meta({ id: 'StreamedBook', description: 'The order book of one token.', example: STREAMED_EXAMPLE });

export type StreamedBookBody = z.infer<typeof streamedBookSchema>;

/** Schema of the answer of `GET /market-stream/orderbook`. */
export const streamedBooksSchema = z
  .strictObject({
    status: z.literal('ok').meta({ description: 'Always ok.', example: 'ok' }),
    count: countField('How many books there are.', 1),
    messages: z.record(z.string(), streamedBookSchema).meta({ description: 'The books, by token id.' }),
  })
  .meta({
    id: 'StreamedBooks',
    description: 'The books of the tokens the caller started.',
    example: { status: 'ok', count: 1, messages: { [TOKEN_ID]: STREAMED_EXAMPLE } },
  });

export type StreamedBooksBody = z.infer<typeof streamedBooksSchema>;

const latestMessageSchema = streamedBookSchema.extend({ token_id: textField('The token it is of.', TOKEN_ID) }).meta({
  id: 'LatestStreamedBook',
  description: 'The book that changed last.',
  example: { ...STREAMED_EXAMPLE, token_id: TOKEN_ID },
});

/** Schema of the answer of `GET /market-stream/latest`. */
export const latestStreamedSchema = z
  .strictObject({
    status: z
      .enum(['ok', 'no_data'])
      .meta({ description: '`no_data`: no token is started, or none has a book yet.', example: 'ok' }),
    message: latestMessageSchema.nullable(),
  })
  .meta({ id: 'LatestStreamed', description: 'The book that changed last among those the caller started.' });

export type LatestStreamedBody = z.infer<typeof latestStreamedSchema>;

/** A token's book as polling clients are told. */
export function toStreamedBook(
  book: LiveBook,
  index: OutcomeIndex,
  { source, ageMs }: { source: 'stream' | 'rest'; ageMs: number },
): StreamedBookBody {
  const { bids, asks } = canonicalLevels(book, index);
  return {
    bids: byPrice(bids),
    asks: byPrice(asks),
    market_id: book.marketId,
    outcome: book.outcomes[index],
    sequence: book.sequence,
    state: book.state,
    reason: book.reason,
    source,
    timestamp: new Date(book.venueTimeMs).toISOString(),
    age_ms: Math.max(0, Math.round(ageMs)),
  };
}

function byPrice(levels: readonly BookLevel[]): Record<string, number> {
  return Object.fromEntries(levels.map(({ price, size }) => [formatMicro(price), toWireNumber(size)]));
}
