import { UnroundedNumber } from '@app/contracts';
import { DomainError } from '@app/domain';

/** In a text that is valid JSON: its strings, and the brackets and numbers outside of them. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Deeper documents say nothing that anything here takes, and cost whoever looks into them. */
const DEEPEST = 32;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Up to so many characters without an exponent, a number has few enough digits for a double to show them all. */
const SHORT = 15;
/** Longer numbers are no amounts of anything, and are not looked into. */
const LONGEST = 400;

/**
 * Returns what a JSON document says without rounding its numbers: one that a double would show as another decimal becomes an
 * `UnroundedNumber` in its place.
 * @param text the document   @param value what the JSON parser made of it
 * @throws DomainError `REQUEST.UNACCEPTABLE` for one that is nested too deeply
 */
export function withExactNumbers(text: string, value: unknown): unknown {
  const numbers: (number | UnroundedNumber)[] = [];
  let depth = 0;
  // With every number replaced by its place among them, the parser itself says where in the document each one stands.
  const numbered = text.replaceAll(TOKENS, (token) => {
    switch (token[0]) {
      case '"':
        return token;
      case '[':
      case '{':
        depth += 1;
        if (depth > DEEPEST)
          throw new DomainError('REQUEST.UNACCEPTABLE', `The body is nested deeper than ${DEEPEST} levels.`);
        return token;
      case ']':
      case '}':
        depth -= 1;
        return token;
      default:
        return String(numbers.push(exactNumber(token)) - 1);
    }
  });
  if (numbers.every((number) => typeof number === 'number')) return value;
  return JSON.parse(numbered, (_, part: unknown) => (typeof part === 'number' ? numbers[part] : part));
}

function exactNumber(literal: string): number | UnroundedNumber {
  const number = Number(literal);
  return isShownBy(number, literal) ? number : new UnroundedNumber(literal);
}

/** Whether the shortest text of a double, which is what everybody reads of it, is the same decimal as the literal. */
function isShownBy(number: number, literal: string): boolean {
  if (literal.length <= SHORT && !/e/i.test(literal)) return true;
  if (literal.length > LONGEST || !Number.isFinite(number)) return false;
  return canonical(String(number)) === canonical(literal);
}

/** A decimal as its significant digits and the power of ten they are multiplied by. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
