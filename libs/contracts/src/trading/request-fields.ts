import { formatMicro, MAX_WIRE_MICRO, MICRO } from '@app/domain';
import { z } from 'zod';
import { decimalBodyField, ruledTextField, wordsBodyField } from '../body-fields';
import { integerParameter, MAX_SLUG_LENGTH, parseConditionId, parseSlug, quote, ruledParameter } from '../parameters';
import type { FieldMeta } from '../scalars';

/** Fields that several trading requests have in common. */

export const PORTFOLIO_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e20';
export const USER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e10';
export const ORDER_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e30';
export const TRADE_ID = '0190f5c2-7c1e-7d3b-9c55-2f1d3a6b8e40';
export const MARKET_ID = 'will-the-fed-cut-rates-in-june';
export const MARKET_QUESTION = 'Will the Fed cut rates in June?';
export const CONDITION_ID = '0x26d06d9c6303c11bf7388cff707e4dac836e03628630720bca3d8cbf4234713d';
export const TOKEN_ID = '71321045679252212594626385532706912750332728571942532289631379312455583992563';

export const MAX_NOTES_LENGTH = 1_000;
const MAX_OUTCOME_LENGTH = 200;
const MAX_TOKEN_DIGITS = 78;

/** A market as a request names it. */
export type NamedMarket = { slug: string } | { conditionId: string };

const MARKET_RULE = `must be a slug (1 to ${MAX_SLUG_LENGTH} letters, digits, hyphens and underscores) or a condition id (0x and 64 hexadecimal digits)`;

function marketProblem(text: string): string | null {
  const known = 'value' in parseConditionId(text) || 'value' in parseSlug(text);
  return known ? null : `${MARKET_RULE}; got ${quote(text)}`;
}

/** The market that text with the form of one names: 0x and 64 hexadecimal digits are a condition id, not a slug. */
export function marketOf(text: string): NamedMarket {
  const condition = parseConditionId(text);
  return 'value' in condition ? { conditionId: condition.value } : { slug: text.toLowerCase() };
}

const MARKET_META: FieldMeta = { description: 'Slug or condition id of the market.', example: MARKET_ID };

/** `market_id` of a body. */
export const marketIdBodyField = ruledTextField(marketProblem, MARKET_META);

/** `market_id` of a query. */
export const marketIdParameter = ruledParameter(
  (text) => ('value' in parseConditionId(text) || 'value' in parseSlug(text) ? null : MARKET_RULE),
  (text) => text.toLowerCase(),
  { ...MARKET_META, description: 'Only of this market: its slug or condition id.' },
);

const MOST_RUNS = 1_000_000;

/** `run` of a query. */
export const runParameter = integerParameter(
  { min: 1, max: MOST_RUNS },
  {
    description: 'Of this run, from 1; the current one when left out. A reset ends a run and begins the next.',
    example: 1,
  },
);

/** `token_id` of a body: text, because no JSON number holds so many digits. */
export const tokenIdBodyField = ruledTextField(
  (text) =>
    /^\d+$/.test(text) && text.length <= MAX_TOKEN_DIGITS
      ? null
      : `must be a token id: text of 1 to ${MAX_TOKEN_DIGITS} digits; got ${quote(text)}`,
  { description: 'Tradable id of an outcome, as text.', example: TOKEN_ID },
);

/** `outcome` of a body. */
export const outcomeBodyField = wordsBodyField(MAX_OUTCOME_LENGTH, {
  description: 'Name of the outcome as the market spells it, in any case.',
  example: 'Yes',
});

/** `notes` of a body. */
export const notesBodyField = wordsBodyField(MAX_NOTES_LENGTH, {
  description: `What to remember about it, at most ${MAX_NOTES_LENGTH} characters.`,
  example: 'after the jobs report',
});

/** `quantity` of a body: shares. */
export const quantityBodyField = (meta: FieldMeta): z.ZodType<bigint> =>
  decimalBodyField({ min: 1n, max: MAX_WIRE_MICRO }, meta);

/** An amount of USDC in a body. */
export const amountBodyField = quantityBodyField;

/** A price in a body; the market's tick is checked against the book. */
export const priceBodyField = (meta: FieldMeta): z.ZodType<bigint> =>
  decimalBodyField({ min: 1n, max: MICRO - 1n }, meta);

/** What every money field of a body takes, for descriptions. */
export const EXACT_DECIMAL = `a number or decimal text, exact to 6 decimals, at most ${formatMicro(MAX_WIRE_MICRO)}`;

/** The `{id}` of a path. */
export const portfolioIdPathSchema = z
  .uuid({ error: 'must be the id of a portfolio as GET /portfolios answers it' })
  .toLowerCase()
  .meta({ description: 'Id of the portfolio.', example: PORTFOLIO_ID, pattern: undefined });

/** The `{order_id}` of a path. */
export const orderIdPathSchema = z
  .uuid({ error: 'must be the id of an order as GET /portfolios/{id}/orders answers it' })
  .toLowerCase()
  .meta({ description: 'Id of the order.', example: ORDER_ID, pattern: undefined });
