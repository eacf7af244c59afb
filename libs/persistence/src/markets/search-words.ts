const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const MAX_WORDS = 32;

/**
 * Turns what a person typed into plain search words, so that quotes, minus signs and other search operators have no effect.
 * At most 32 words count; null when there is no word in it at all.
 */
export function searchWords(typed: string): string | null {
  const words = typed.normalize('NFC').match(WORD);
  return words === null ? null : words.slice(0, MAX_WORDS).join(' ');
}
