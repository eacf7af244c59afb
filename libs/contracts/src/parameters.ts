import { DecimalProblem, formatMicro, parseMicro } from '@app/domain';
import { z } from 'zod';
import { FieldMeta } from './scalars';

/**
 * Query parameters: text in, typed values out.
 *
 * Invariants: a value is parsed whole or refused (never the valid prefix of it); a parameter given twice is refused; every message
 * says what was found and what would be right.
 */

/** What a client sent, short enough to be repeated in an answer. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

const givenOnce = z.string({ error: 'give this parameter once, as text' });

type Parameter<T> = z.ZodPipe<z.ZodString, z.ZodTransform<T, string>>;

/** A parameter parsed by `parse`, which answers the value or the sentence that says what is wrong. */
function parameter<T>(
  parse: (text: string) => { value: T } | { problem: string },
  meta: FieldMeta & Record<string, unknown>,
): Parameter<T> {
  return givenOnce
    .transform((text, context): T => {
      const parsed = parse(text);
      if ('value' in parsed) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    })
    .meta(meta);
}

/** A whole number from `min` to `max`. */
export function integerParameter(limits: { min: number; max: number }, meta: FieldMeta): Parameter<number> {
  const right = `a whole number from ${limits.min} to ${limits.max}`;
  return parameter<number>(
    (text) => {
      const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
      return value >= limits.min && value <= limits.max
        ? { value }
        : { problem: `must be ${right}; got ${quote(text)}` };
    },
    { type: 'integer', minimum: limits.min, maximum: limits.max, ...meta },
  );
}

const DECIMAL_PROBLEMS: Record<DecimalProblem, string> = {
  not_a_decimal: 'must be a decimal number such as 1250.5',
  too_many_decimals: 'has more than 6 decimals',
  out_of_range: 'is beyond what an amount can hold',
};

/** A decimal of at most six places that is not negative, exactly, in micro-units. */
export function decimalParameter(meta: FieldMeta): Parameter<bigint> {
  return parameter<bigint>(
    (text) => {
      const parsed = parseMicro(text.trim());
      if (!parsed.ok) return { problem: `${DECIMAL_PROBLEMS[parsed.problem]}; got ${quote(text)}` };
      if (parsed.value < 0n) return { problem: `must not be negative; got ${formatMicro(parsed.value)}` };
      return { value: parsed.value };
    },
    { type: 'number', minimum: 0, ...meta },
  );
}

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** `true` or `false` in any case, or 1 or 0. */
export function booleanParameter(meta: FieldMeta): Parameter<boolean> {
  return parameter<boolean>(
    (text) => {
      const value = BOOLEANS.get(text.toLowerCase());
      return value === undefined ? { problem: `must be true or false; got ${quote(text)}` } : { value };
    },
    { type: 'boolean', ...meta },
  );
}

/** One of a closed list of words. */
export function choiceParameter<const T extends string>(choices: readonly T[], meta: FieldMeta): Parameter<T> {
  return parameter<T>(
    (text) => {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { problem: `must be one of ${choices.join(', ')}; got ${quote(text)}` } : { value };
    },
    { enum: [...choices], ...meta },
  );
}

const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);
const DAY_MS = 86_400_000;

/**
 * A date or a time with its zone.
 * @param dayAs which moment of it a date without a time stands for; midnight UTC begins a day
 */
export function parseTime(text: string, dayAs: 'start' | 'end' = 'start'): { value: Date } | { problem: string } {
  const parsed = instant.safeParse(text);
  if (!parsed.success) {
    return {
      problem: `must be a date (2026-07-01) or a time with zone (2026-07-01T12:00:00Z); got ${quote(text)}`,
    };
  }
  const value = new Date(parsed.data);
  const isDay = !parsed.data.includes('T');
  return { value: isDay && dayAs === 'end' ? new Date(value.getTime() + DAY_MS - 1) : value };
}

/** A date or a time with its zone; `dayAs` says which moment a date stands for. */
export function timeParameter(meta: FieldMeta, dayAs: 'start' | 'end' = 'start'): Parameter<Date> {
  return parameter<Date>(
    // A plus sign that was not percent-encoded arrives as a space: "2026-07-01T00:00:00 02:00".
    (text) => parseTime(text.replace(/ (?=\d{2}:?\d{2}$)/, '+'), dayAs),
    { format: 'date-time', ...meta },
  );
}

const MAX_UNIX_SECONDS = 9_999_999_999;

/** Unix seconds. */
export function unixSecondsParameter(meta: FieldMeta): Parameter<number> {
  return parameter<number>(
    (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
      if (Number.isNaN(value)) return { problem: `must be a time in Unix seconds; got ${quote(text)}` };
      if (value > MAX_UNIX_SECONDS) {
        return { problem: `must be in Unix seconds, not milliseconds; got ${value}` };
      }
      return { value };
    },
    { type: 'integer', minimum: 0, maximum: MAX_UNIX_SECONDS, ...meta },
  );
}

/** Text of at most `maxLength` characters with at least one word in it, trimmed; blank text counts as not given. */
export function wordsParameter(maxLength: number, meta: FieldMeta): Parameter<string | undefined> {
  return parameter<string | undefined>(
    (text) => {
      if (text.length > maxLength) {
        return { problem: `must be at most ${maxLength} characters; got ${text.length}` };
      }
      const trimmed = text.trim();
      if (trimmed === '') return { value: undefined };
      return /[\p{L}\p{N}]/u.test(trimmed)
        ? { value: trimmed }
        : { problem: `must have a letter or a digit in it; got ${quote(text)}` };
    },
    { maxLength, ...meta },
  );
}

/** Text that keeps to a rule, which answers what is wrong with it, in the form it is looked up by. */
export function ruledParameter(
  problemOf: (text: string) => string | null,
  normalise: (text: string) => string,
  meta: FieldMeta,
): Parameter<string> {
  return parameter<string>(
    (text) => {
      const problem = problemOf(text);
      return problem === null ? { value: normalise(text) } : { problem: `${problem}; got ${quote(text)}` };
    },
    { ...meta },
  );
}

/** Reports `lower` when it is above `upper`. */
export function checkRange<T extends bigint | Date | number>(
  context: z.core.$RefinementCtx,
  lower: { name: string; value: T | undefined },
  upper: { name: string; value: T | undefined },
): void {
  if (lower.value === undefined || upper.value === undefined || lower.value <= upper.value) return;
  context.addIssue({ code: 'custom', path: [lower.name], message: `must not be above ${upper.name}` });
}

export const MAX_SLUG_LENGTH = 255;
const SLUG = /^[a-z0-9][a-z0-9_-]*$/;
export const SLUG_RULE = `must be a slug: 1 to ${MAX_SLUG_LENGTH} letters, digits, hyphens and underscores`;

/** Whether text has the form of a slug, in any case. */
export function parseSlug(text: string): { value: string } | { problem: string } {
  const lower = text.toLowerCase();
  // Checked as sent: some letters outside ASCII become ASCII ones when lower-cased.
  if (text.length <= MAX_SLUG_LENGTH && SLUG.test(lower) && /^[\w-]+$/.test(text)) return { value: lower };
  return { problem: `${SLUG_RULE}; got ${quote(text)}` };
}

/** A slug of a market or event, lower-cased. */
export function slugParameter(meta: FieldMeta): Parameter<string> {
  return parameter(parseSlug, { maxLength: MAX_SLUG_LENGTH, ...meta });
}

const CONDITION_ID = /^0x[0-9a-f]{64}$/;

export function parseConditionId(text: string): { value: string } | { problem: string } {
  const lower = text.toLowerCase();
  if (CONDITION_ID.test(lower)) return { value: lower };
  return { problem: `must be a condition id: 0x and 64 hexadecimal digits; got ${quote(text)}` };
}

/** An on-chain market id, lower-cased. */
export function conditionIdParameter(meta: FieldMeta): Parameter<string> {
  return parameter(parseConditionId, { pattern: '^0x[0-9a-fA-F]{64}$', ...meta });
}

const tokenParameter = z
  .string({ error: 'give this parameter once, as text' })
  .max(8192, 'is too long to be a token')
  .optional()
  .meta({
    description:
      'Access token (JWT), for clients that cannot send `Authorization: Bearer`; the header wins when both are there.',
  });

/**
 * The query of one route: the named parameters, the access token every route accepts, and nothing else. An unknown parameter is
 * reported under its own name, so that a typo does not silently become a default.
 */
export function querySchema<T extends z.ZodRawShape>(
  shape: T,
): z.ZodObject<T & { token: typeof tokenParameter }, z.core.$strict> {
  return z.strictObject({ ...shape, token: tokenParameter });
}

/** The query of a route that has no parameters of its own. */
export const bareQuerySchema = querySchema({});
