import { MicroUsdc } from '@app/domain';
import { z } from 'zod';
import { parseConditionId, parseSlug } from '../parameters';
import { statisticField, textField, timestampField, wireStatisticOrNull, wireTimeOrNull } from '../scalars';

export const MAX_OPEN_INTEREST_MARKETS = 100;

/** A list of 1 to 100 different ids, each checked and normalised by `parse`. */
function idList(
  parse: (text: string) => { value: string } | { problem: string },
  meta: { description: string; example: string[] },
): z.ZodPipe<z.ZodArray<z.ZodString>, z.ZodTransform<string[], string[]>> {
  return z
    .array(z.string({ error: 'must be text' }), { error: 'must be a list' })
    .min(1, 'must name at least one market')
    .max(MAX_OPEN_INTEREST_MARKETS, `must name at most ${MAX_OPEN_INTEREST_MARKETS} markets`)
    .transform((texts, context): string[] => {
      const first = new Map<string, number>();
      const values: string[] = [];
      texts.forEach((text, index) => {
        const parsed = parse(text);
        const earlier = 'value' in parsed ? first.get(parsed.value) : undefined;
        if (!('value' in parsed)) {
          context.addIssue({ code: 'custom', path: [index], message: parsed.problem });
        } else if (earlier !== undefined) {
          context.addIssue({ code: 'custom', path: [index], message: `is the same market as number ${earlier}` });
        } else {
          first.set(parsed.value, index);
          values.push(parsed.value);
        }
      });
      return values;
    })
    .meta({ ...meta });
}

/** Body of `POST /markets/open-interest`: one of the two lists. */
export const openInterestRequestSchema = z
  .strictObject(
    {
      slugs: idList(parseSlug, {
        description: 'Slugs of 1 to 100 different markets.',
        example: ['will-the-fed-cut-rates-in-june'],
      }).optional(),
      condition_ids: idList(parseConditionId, {
        description: 'On-chain ids of 1 to 100 different markets.',
        example: ['0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d'],
      }).optional(),
    },
    {
      error: (issue) => (issue.code === 'invalid_type' ? 'send a JSON object with slugs or condition_ids' : undefined),
    },
  )
  .superRefine((body, context) => {
    if (body.slugs !== undefined && body.condition_ids !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['condition_ids'],
        message: 'give either slugs or condition_ids, not both',
      });
    }
    if (body.slugs === undefined && body.condition_ids === undefined) {
      context.addIssue({ code: 'custom', path: ['slugs'], message: 'give either slugs or condition_ids' });
    }
  })
  .meta({
    id: 'OpenInterestRequest',
    description: 'Which markets: slugs or condition ids, never both.',
    example: { slugs: ['will-the-fed-cut-rates-in-june'] },
  });

export type OpenInterestRequest = z.output<typeof openInterestRequestSchema>;

/** Schema of one market's open interest. */
export const openInterestSchema = z
  .strictObject({
    slug: textField(
      'The market; null for a condition id that is not known.',
      'will-the-fed-cut-rates-in-june',
    ).nullable(),
    condition_id: textField(
      'On-chain id; null for a slug that is not known.',
      '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d',
    ).nullable(),
    value: statisticField('Open interest, USDC; null when it could not be had.', 831680.5).nullable(),
    fetched_at: timestampField('When Polymarket gave the value.').nullable(),
    error: textField('Why there is no value; null when there is one.', 'No market has this slug.').nullable(),
  })
  .meta({
    id: 'OpenInterest',
    description: 'Open interest of one market.',
    example: {
      slug: 'will-the-fed-cut-rates-in-june',
      condition_id: '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d',
      value: 831680.5,
      fetched_at: '2026-02-07T09:30:00.000Z',
      error: null,
    },
  });

/** Schema of the answer: one row a market asked for, in the order asked. */
export const openInterestListSchema = z
  .array(openInterestSchema)
  .meta({ id: 'OpenInterestList', description: 'One row a market asked for, in the order asked.' });

export type OpenInterestBody = z.infer<typeof openInterestSchema>;

export interface OpenInterestSource {
  slug: string | null;
  conditionId: string | null;
  value: MicroUsdc | null;
  fetchedAt: Date | null;
  error: string | null;
}

export function toOpenInterest(row: OpenInterestSource): OpenInterestBody {
  return {
    slug: row.slug,
    condition_id: row.conditionId,
    value: wireStatisticOrNull(row.value),
    fetched_at: wireTimeOrNull(row.fetchedAt),
    error: row.error,
  };
}
