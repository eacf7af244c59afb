/**
 * Answers as text, to be given again. Exact for what JSON can hold and for big integers and times, which are written as objects of one key;
 * values that are undefined are left out.
 */

const INTEGER_KEY = '$int';
const TIME_KEY = '$time';

export function writeAnswer(answer: object): string {
  return JSON.stringify(tagged(answer));
}

/** Returns what {@link writeAnswer} was given. @throws SyntaxError for anything else */
export function readAnswer<T extends object>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => untagged(value)) as T;
}

function tagged(value: unknown): unknown {
  if (typeof value === 'bigint') return { [INTEGER_KEY]: value.toString() };
  if (value instanceof Date) return { [TIME_KEY]: value.getTime() };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tagged(one)]));
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [entry, ...others] = Object.entries(value) as [string, unknown][];
  if (entry === undefined || others.length > 0) return value;
  const [key, content] = entry;
  if (key === INTEGER_KEY && typeof content === 'string') return BigInt(content);
  if (key === TIME_KEY && typeof content === 'number') return new Date(content);
  return value;
}
