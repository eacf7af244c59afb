/** A range of keys, the upper end not included. */
export interface KeyRange {
  $gte: string;
  $lt: string;
}

const SEPARATOR = ':';
const AFTER_SEPARATOR = ';';

/** Joins parts into a key. Only the last part may contain the separator. */
export function compositeKey(...parts: string[]): string {
  return parts.join(SEPARATOR);
}

/** Returns a number as text whose order is the numbers'. @param value a whole number, 0..999,999,999,999 */
export function numberPart(value: number): string {
  return String(value).padStart(12, '0');
}

/** Returns the range of all keys that begin with these parts and have more. */
export function keysUnder(...parts: string[]): KeyRange {
  const prefix = parts.join(SEPARATOR);
  return { $gte: prefix + SEPARATOR, $lt: prefix + AFTER_SEPARATOR };
}
