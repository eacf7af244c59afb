import { formatMicro, parseMicro } from '@app/domain';
import { z } from 'zod';
import { UnroundedNumber } from './json-number';
import { parseTime, quote } from './parameters';
import type { FieldMeta } from './scalars';

/**
 * Fields of JSON bodies and forms.
 *
 * Invariants: a field that is missing is told from one of another type, so that an object sent for text is refused by name before
 * anything looks at it; no message repeats more than the beginning of what was sent, and none repeats text of `ruledTextField`.
 */

/** Half of a pair, which no store and no other encoding keeps. */
const LONE_SURROGATE = /\p{Surrogate}/u;

interface FieldIssue {
  code?: string;
  input?: unknown;
}

/** Says that a field is missing, or else what it must be. */
const mustBe =
  (what: string) =>
  ({ input }: FieldIssue): string =>
    input === undefined ? 'is missing' : `must be ${what}`;

/** Options of an object or a list inside a body. */
export const partOf = (what: string): { error: (issue: FieldIssue) => string | undefined } => ({
  error: (issue) => (issue.code === 'invalid_type' ? mustBe(what)(issue) : undefined),
});

/** Options of a whole body, which say what to send instead. */
export const bodyOf = (what: string): { error: (issue: FieldIssue) => string | undefined } => ({
  error: ({ code }) => (code === 'invalid_type' ? what : undefined),
});

/** Text; a form field sent twice arrives as a list and is refused as such. */
export function textBodyField(meta: FieldMeta): z.ZodString {
  const error = (issue: FieldIssue): string =>
    Array.isArray(issue.input) ? 'give this once, as text' : mustBe('text')(issue);
  return z.string({ error }).meta({ ...meta });
}

/** Text that keeps to a rule, which answers what is wrong without repeating the text. */
export function ruledTextField(problemOf: (text: string) => string | null, meta: FieldMeta): z.ZodString {
  return textBodyField(meta)
    .superRefine((text, context) => {
      const problem = problemOf(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .meta({ ...meta });
}

/** A whole number, both ends included; negative zero is none. */
export function wholeNumberBodyField(range: { min: number; max: number }, meta: FieldMeta): z.ZodNumber {
  const right = `a whole number from ${range.min} to ${range.max}`;
  return z
    .number({ error: mustBe(right) })
    .superRefine((value, context) => {
      const isNegativeZero = Object.is(value, -0);
      if (Number.isInteger(value) && !isNegativeZero && value >= range.min && value <= range.max) return;
      context.addIssue({ code: 'custom', message: `must be ${right}; got ${isNegativeZero ? '-0' : value}` });
    })
    .meta({ type: 'integer', minimum: range.min, maximum: range.max, ...meta });
}

/** True or false, as JSON says it. */
export function flagBodyField(meta: FieldMeta): z.ZodBoolean {
  return z.boolean({ error: mustBe('true or false') }).meta({ ...meta });
}

/** One of a closed list of words. */
export function choiceBodyField<const T extends readonly [string, ...string[]]>(
  choices: T,
  meta: FieldMeta,
): z.ZodEnum<z.core.util.ToEnum<T[number]>> {
  const error = ({ input }: FieldIssue): string => {
    if (input === undefined) return 'is missing';
    return `must be one of ${choices.join(', ')}${typeof input === 'string' ? `; got ${quote(input)}` : ''}`;
  };
  return z.enum(choices, { error }).meta({ ...meta });
}

/**
 * An exact decimal of at most six places, as a number or as text, in micro-units.
 * @param range smallest and largest micro-units accepted, both included
 */
export function decimalBodyField(range: { min: bigint; max: bigint }, meta: FieldMeta): z.ZodType<bigint> {
  const right = `a number from ${formatMicro(range.min)} to ${formatMicro(range.max)} with at most 6 decimals`;
  return z
    .preprocess(
      (value) => (value instanceof UnroundedNumber ? value.text : value),
      z.union([z.number(), z.string()], { error: mustBe(right) }).transform((given, context): bigint => {
        // The shortest text of a double is the number that was sent: one that has no such double arrives as its text.
        const text = Object.is(given, -0) ? '-0' : String(given);
        const parsed = parseMicro(text);
        if (parsed.ok && !text.startsWith('-') && parsed.value >= range.min && parsed.value <= range.max) {
          return parsed.value;
        }
        context.addIssue({
          code: 'custom',
          message: `must be ${right}; got ${typeof given === 'string' ? quote(given) : text}`,
        });
        return z.NEVER;
      }),
    )
    .meta({ ...meta });
}

/** A date (midnight UTC) or a time with its zone. */
export function timeBodyField(meta: FieldMeta): z.ZodType<Date> {
  return z
    .string({ error: mustBe('a time with zone, such as "2026-07-01T12:00:00Z"') })
    .transform((text, context): Date => {
      const parsed = parseTime(text);
      if ('value' in parsed) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    })
    .meta({ format: 'date-time', ...meta });
}

/** Text of 1 to `maxLength` characters that is not only spaces, and is stored as it was sent. */
export function wordsBodyField(maxLength: number, meta: FieldMeta): z.ZodString {
  return ruledTextField((text) => {
    const length = [...text].length;
    if (length > maxLength) return `must have at most ${maxLength} characters; got ${length}`;
    if (LONE_SURROGATE.test(text)) return 'must not have halves of surrogate pairs, which are no characters';
    return text.trim() === '' ? `must have 1 to ${maxLength} characters, not only spaces` : null;
  }, meta).meta({ ...meta, maxLength });
}
