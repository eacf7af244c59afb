import { parseSearch, phraseTest } from './text-search';

describe('parseSearch', () => {
  it.each([
    ['bitcoin etf', '("bitcoin" OR "etf")', [], []],
    ['"new york"', '("new" OR "york")', ['new york'], []],
    ['bitcoin -gold', '("bitcoin") NOT ("gold")', [], []],
    ['bitcoin - gold', '("bitcoin" OR "gold")', [], []],
    ['coffee-shop -tea-room', '("coffee" OR "shop") NOT ("tea" OR "room")', [], []],
    ['a "to be" x', '("x")', ['to be'], []],
    ['tea -"coffee shop" bar', '("tea" OR "bar")', [], ['coffee shop']],
    ['tea -x"coffee shop" y"the bar"', '("tea" OR "y" OR "bar") NOT ("x")', ['the bar'], ['coffee shop']],
    ['bitcoin "unclosed phrase', '("bitcoin" OR "unclosed" OR "phrase")', [], []],
    ['AND OR NOT NEAR( * ^ : {a}', '("NEAR")', [], []],
    ['Zürich 100k', '("Zürich" OR "100k")', [], []],
  ])('reads %s', (search, expression, phrases, excludedPhrases) => {
    expect(parseSearch(search)).toEqual({ expression, phrases, excludedPhrases });
  });

  it.each(['', '   ', 'the of and', '-only -excluded', '!!! ...', '""', '"to be"', '-"not this"'])(
    'finds nothing for %j',
    (search) => {
      expect(parseSearch(search).expression).toBeNull();
    },
  );
});

describe('phraseTest', () => {
  const test = (search: string, ...texts: string[]): boolean | undefined => phraseTest(parseSearch(search))?.(texts);

  it.each([
    ['"coffee shops"', ['a Coffee Shop'], false],
    ['"coffee shop"', ['two COFFEE SHOPS'], true],
    ['"cafe zurich"', ['Café Zürich'], true],
    ['"café"', ['cafe\u0301 or cafe'], true],
    ['"new york"', ['new', 'york'], false],
    ['"new-york"', ['new york'], false],
    ['"a b" "c d"', ['a b', 'c d'], true],
    ['"a b" "c d"', ['a b'], false],
    ['tea -"coffee shop"', ['tea', 'a coffee shop'], false],
    ['tea -"coffee shop"', ['tea', 'a coffee bar'], true],
  ])('%s in %j: %s', (search, texts, occurs) => {
    expect(test(search, ...texts)).toBe(occurs);
  });

  it('is none without phrases', () => {
    expect(phraseTest(parseSearch('coffee -shop'))).toBeNull();
  });
});
