import { PricePoint, toWireNumber } from '@app/domain';
import { z } from 'zod';
import { booleanParameter, choiceParameter, integerParameter, querySchema, unixSecondsParameter } from '../parameters';
import { countField, exactNumberField, textField, timestampField, wireTimeOrNull } from '../scalars';

export const PRICE_INTERVALS = ['1h', '6h', '1d', '1w', '1m', 'max', 'all'] as const;
export type PriceInterval = (typeof PRICE_INTERVALS)[number];
export const DEFAULT_PRICE_INTERVAL: PriceInterval = '1w';

/** Finest and usual grain of each interval, in minutes. Floors as the venue documents them (2026-10). */
export const INTERVAL_FIDELITY: Record<PriceInterval, { floor: number; usual: number }> = {
  '1h': { floor: 1, usual: 1 },
  '6h': { floor: 1, usual: 1 },
  '1d': { floor: 1, usual: 5 },
  '1w': { floor: 5, usual: 30 },
  '1m': { floor: 10, usual: 180 },
  max: { floor: 10, usual: 720 },
  all: { floor: 10, usual: 720 },
};

export const MAX_OUTCOME_INDEX = 999;
export const MAX_FIDELITY_MINUTES = 1440;
export const MAX_RANGE_DAYS = 366;
export const MAX_RANGE_POINTS = 20_000;

export const outcomeIndexParameter = integerParameter(
  { min: 0, max: MAX_OUTCOME_INDEX },
  { description: 'Which outcome, from 0, in the order of `outcomes`.', example: 0 },
).default(0);

/** Query of `GET /markets/by-slug/{slug}/prices`. */
export const priceHistoryQuerySchema = querySchema({
  outcome_index: outcomeIndexParameter,
  start_ts: unixSecondsParameter({
    description: `Start of a range, Unix seconds, not in the future; not together with \`interval\`. A range spans at most ${MAX_RANGE_DAYS} days and ${MAX_RANGE_POINTS} points.`,
    example: 1770000000,
  }).optional(),
  end_ts: unixSecondsParameter({
    description: 'End of the range, Unix seconds; now when left out. Needs `start_ts`.',
    example: 1770086400,
  }).optional(),
  interval: choiceParameter(PRICE_INTERVALS, {
    description:
      'A span that ends now, or for a closed market at its last price; `1m` is a month, `max` and `all` the whole life. `1w` when neither it nor a range is given.',
    example: '1w',
  }).optional(),
  fidelity: integerParameter(
    { min: 1, max: MAX_FIDELITY_MINUTES },
    {
      description:
        'Minutes between points. At least 5 for `1w`, 10 for `1m`, `max` and `all`. Polymarket keeps closed markets at 720 minutes only, so theirs come no finer.',
      example: 30,
    },
  ).optional(),
  force_refresh: booleanParameter({
    description: 'Ask Polymarket even when a fresh enough copy is stored.',
    example: false,
  }).default(false),
}).superRefine((query, context) => {
  const report = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  const ranged = query.start_ts !== undefined || query.end_ts !== undefined;
  if (query.interval !== undefined && ranged) report('interval', 'give either interval or start_ts and end_ts');
  if (query.start_ts === undefined && query.end_ts !== undefined) report('start_ts', 'is needed when end_ts is given');
  if (query.start_ts !== undefined && query.end_ts !== undefined && query.start_ts >= query.end_ts) {
    report('start_ts', 'must be before end_ts');
  }
  const floor = ranged ? 1 : INTERVAL_FIDELITY[query.interval ?? DEFAULT_PRICE_INTERVAL].floor;
  if (query.fidelity !== undefined && query.fidelity < floor) {
    report('fidelity', `must be at least ${floor} for interval ${query.interval ?? DEFAULT_PRICE_INTERVAL}`);
  }
});

export type PriceHistoryQuery = z.output<typeof priceHistoryQuerySchema>;

const pricePointSchema = z
  .strictObject({
    t: countField('Unix seconds.', 1770000000),
    p: exactNumberField('Price.', 0.405),
  })
  .meta({ id: 'PricePoint', description: 'The price at one moment.' });

/** Schema of the price history of one outcome. */
export const priceHistorySchema = z
  .strictObject({
    slug: textField('The market.', 'will-the-fed-cut-rates-in-june'),
    outcome: textField("The outcome's name.", 'Yes'),
    outcome_index: countField('Which outcome, from 0.', 0),
    token_id: textField(
      'Tradable id of the outcome; null for a market that never had an order book, whose history is empty.',
      '71321045679252212594626385532706912750332728571942532289631379312455583992563',
    ).nullable(),
    history: z.array(pricePointSchema).meta({
      description:
        'Points by time, strictly ascending; the last may lie off the grid, at the moment Polymarket was asked. Empty is a normal answer.',
    }),
    total_points: countField('Points in `history`.', 1),
    cached_at: timestampField(
      'When Polymarket gave the oldest part of this answer; null when there was nothing to ask for.',
    ).nullable(),
  })
  .meta({
    id: 'PriceHistory',
    description: 'Price history of one outcome.',
    example: {
      slug: 'will-the-fed-cut-rates-in-june',
      outcome: 'Yes',
      outcome_index: 0,
      token_id: '71321045679252212594626385532706912750332728571942532289631379312455583992563',
      history: [
        { t: 1770000000, p: 0.405 },
        { t: 1770001800, p: 0.41 },
      ],
      total_points: 2,
      cached_at: '2026-02-07T09:30:00.000Z',
    },
  });

export type PriceHistoryBody = z.infer<typeof priceHistorySchema>;

export interface PriceHistorySource {
  slug: string;
  outcome: string;
  outcomeIndex: number;
  tokenId: string | null;
  points: readonly PricePoint[];
  cachedAt: Date | null;
}

export function toPriceHistory(history: PriceHistorySource): PriceHistoryBody {
  return {
    slug: history.slug,
    outcome: history.outcome,
    outcome_index: history.outcomeIndex,
    token_id: history.tokenId,
    history: history.points.map((point) => ({ t: point.t, p: toWireNumber(point.p) })),
    total_points: history.points.length,
    cached_at: wireTimeOrNull(history.cachedAt),
  };
}
