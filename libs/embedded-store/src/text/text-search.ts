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
const quoted = (words: readonly string[]): string => `"${words.join(' ')}"`;

/**
 * Turns a $search string into an FTS5 expression, or null when nothing can match: words are alternatives, every quoted phrase
 * must occur, a word or phrase behind a minus must not. Stop words count only inside phrases.
 */
export function matchExpression(search: string): string | null {
  const phrases: string[] = [];
  const excluded: string[] = [];
  const words = new Set<string>();
  for (const [, minus, phrase, plain] of search.matchAll(/(?<=^|\s)(-?)"([^"]*)"?|([^\s"]+)/g)) {
    if (phrase !== undefined) {
      const tokens = wordsIn(phrase);
      if (tokens.length === 0) continue;
      if (minus === '-') excluded.push(quoted(tokens));
      else {
        phrases.push(quoted(tokens));
        for (const token of tokens) if (!isStopWord(token)) words.add(quoted([token]));
      }
    } else if (plain?.startsWith('-') === true) {
      const tokens = wordsIn(plain);
      for (const token of tokens) if (!isStopWord(token)) excluded.push(quoted([token]));
    } else for (const token of wordsIn(plain ?? '')) if (!isStopWord(token)) words.add(quoted([token]));
  }
  const wanted = words.size === 0 ? '' : `(${[...words].join(' OR ')})`;
  const required = [...phrases, wanted].filter((part) => part !== '').join(' AND ');
  if (required === '') return null;
  return excluded.length === 0 ? required : `(${required}) NOT (${excluded.join(' OR ')})`;
}
