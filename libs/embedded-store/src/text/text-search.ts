/** Words that MongoDB's English text index leaves out. */
const STOP_WORDS = new Set(
  (
    'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its ' +
    'itself they them their theirs themselves what which who whom this that these those am is are was were be been being ' +
    'have has had having do does did doing a an the and but if or because as until while of at by for with about against ' +
    'between into through during before after above below to from up down in out on off over under again further then once ' +
    'here there when where why how all any both each few more most other some such no nor not only own same so than too very ' +
    's t can will just don should now'
  ).split(' '),
);

const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

const wordsIn = (text: string): string[] => text.match(WORD) ?? [];
const isStopWord = (word: string): boolean => STOP_WORDS.has(word.toLowerCase());
const quoted = (word: string): string => `"${word}"`;

/** A $search string taken apart. */
export interface TextSearch {
  /** FTS5 expression of the words, or null when nothing can match. */
  readonly expression: string | null;
  /** Texts of which each must occur as it stands, but for case and accents. */
  readonly phrases: readonly string[];
  /** Texts that must not occur. */
  readonly excludedPhrases: readonly string[];
}

/** What stands together: words, and phrases with all that is in them. A minus in front of it is for all of it. */
const CHUNK = /(?:"[^"]*"|\S)+/g;

/**
 * Takes a $search string apart: words are alternatives, those of phrases included, every quoted phrase must occur, a word or phrase behind
 * a minus must not. Stop words find nothing, and a quote that is not closed has no effect.
 */
export function parseSearch(search: string): TextSearch {
  const wanted = new Set<string>();
  const unwanted = new Set<string>();
  const phrases: string[] = [];
  const excludedPhrases: string[] = [];
  for (const [chunk] of search.matchAll(CHUNK)) {
    const isExcluded = chunk.startsWith('-');
    // Every second part lies between quotes, but for what follows the last one that is not closed.
    const parts = chunk.split('"');
    const isPhrase = (at: number): boolean => at % 2 === 1 && at < parts.length - 1;
    for (const [at, part] of parts.entries()) {
      if (isPhrase(at) && part !== '') (isExcluded ? excludedPhrases : phrases).push(part);
      if (isExcluded && isPhrase(at)) continue;
      for (const word of wordsIn(part)) if (!isStopWord(word)) (isExcluded ? unwanted : wanted).add(quoted(word));
    }
  }
  const any = `(${[...wanted].join(' OR ')})`;
  const expression = unwanted.size === 0 ? any : `${any} NOT (${[...unwanted].join(' OR ')})`;
  return { expression: wanted.size === 0 ? null : expression, phrases, excludedPhrases };
}

/** A text without what phrases do not tell apart: case and accents. */
const folded = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC');

/** Whether a document's texts have all phrases of a search and none of the excluded ones; null when there are no phrases. */
export function phraseTest({ phrases, excludedPhrases }: TextSearch): ((texts: readonly string[]) => boolean) | null {
  if (phrases.length + excludedPhrases.length === 0) return null;
  const [wanted, unwanted] = [phrases.map(folded), excludedPhrases.map(folded)];
  return (texts) => {
    const own = texts.map(folded);
    const occurs = (phrase: string): boolean => own.some((text) => text.includes(phrase));
    return wanted.every(occurs) && !unwanted.some(occurs);
  };
}
