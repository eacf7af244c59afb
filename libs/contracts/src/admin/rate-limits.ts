import { RATE_LIMIT_GROUPS, RATE_LIMIT_RANGES, type RateLimit, ROLES } from '@app/domain';
import { z } from 'zod';
import { bodyOf, choiceBodyField, partOf, wholeNumberBodyField } from '../body-fields';

const AUDIENCES = ['anonymous', ...ROLES] as const;
const MOST_LIMITS = RATE_LIMIT_GROUPS.length * AUDIENCES.length;

const LIMIT_EXAMPLE = { group: 'api', role: 'user', limit: 100, window_seconds: 60 } as const;

/** Schema of one rate limit, both as it is told and as an admin sets it. */
export const rateLimitSchema = z
  .strictObject(
    {
      group: choiceBodyField(RATE_LIMIT_GROUPS, {
        description: 'Which routes: logging in, registering, or everything else.',
        example: LIMIT_EXAMPLE.group,
      }),
      role: choiceBodyField(AUDIENCES, {
        description: 'For whom: callers of this role, or `anonymous` for those without a token, by address.',
        example: LIMIT_EXAMPLE.role,
      }),
      limit: wholeNumberBodyField(RATE_LIMIT_RANGES.limit, {
        description: 'How many requests in a window.',
        example: LIMIT_EXAMPLE.limit,
      }),
      window_seconds: wholeNumberBodyField(RATE_LIMIT_RANGES.windowSeconds, {
        description: 'Length of the window in seconds.',
        example: LIMIT_EXAMPLE.window_seconds,
      }),
    },
    partOf('an object with group, role, limit and window_seconds'),
  )
  .meta({ id: 'RateLimit', description: 'How often some may ask for something.', example: LIMIT_EXAMPLE });

export type RateLimitBody = z.infer<typeof rateLimitSchema>;

/** Body of `PUT /admin/rate-limits`. */
export const rateLimitsRequestSchema = z
  .strictObject(
    {
      rate_limits: z
        .array(rateLimitSchema, partOf('a list'))
        .min(1, 'must name at least one rate limit')
        .max(MOST_LIMITS, `must name at most ${MOST_LIMITS} rate limits`)
        .superRefine((limits, context) => {
          const first = new Map<string, number>();
          limits.forEach(({ group, role }, index) => {
            const earlier = first.get(`${group}:${role}`);
            if (earlier === undefined) first.set(`${group}:${role}`, index);
            else context.addIssue({ code: 'custom', path: [index], message: `is for the same as number ${earlier}` });
          });
        })
        .meta({ description: 'The limits to set; those not named stay as they are.' }),
    },
    bodyOf('send a JSON object with rate_limits'),
  )
  .meta({ id: 'RateLimitsRequest', description: 'Rate limits to set.', example: { rate_limits: [LIMIT_EXAMPLE] } });

export type RateLimitsRequest = z.output<typeof rateLimitsRequestSchema>;

/** Schema of every rate limit. */
export const rateLimitsSchema = z
  .strictObject({ rate_limits: z.array(rateLimitSchema).meta({ description: 'Every one there is.' }) })
  .meta({ id: 'RateLimits', description: 'Every rate limit.', example: { rate_limits: [LIMIT_EXAMPLE] } });

export type RateLimitsBody = z.infer<typeof rateLimitsSchema>;

export function toRateLimits(limits: readonly RateLimit[]): RateLimitsBody {
  return {
    rate_limits: limits.map((limit) => ({
      group: limit.group,
      role: limit.role,
      limit: limit.limit,
      window_seconds: limit.windowSeconds,
    })),
  };
}

/** The rate limits an admin asks for. */
export function fromRateLimits(body: RateLimitsRequest): RateLimit[] {
  return body.rate_limits.map((limit) => ({
    group: limit.group,
    role: limit.role,
    limit: limit.limit,
    windowSeconds: limit.window_seconds,
  }));
}
