import { searchWords } from './search-words';

describe('searchWords', () => {
  it.each([
    ['bitcoin 150k', 'bitcoin 150k'],
    ['"exact phrase" -without', 'exact phrase without'],
    ['.*(a|b)+$', 'a b'],
    ['São Paulo élections', 'São Paulo élections'],
    ['日本 選挙', '日本 選挙'],
    ['  tabs\tand\nlines ', 'tabs and lines'],
    ["Trump's", 'Trump s'],
  ])('%j becomes %j', (typed, words) => expect(searchWords(typed)).toBe(words));

  it.each(['', '   ', '"-"', '$#!'])('%j has no word in it', (typed) => expect(searchWords(typed)).toBeNull());

  it('reads a letter with a combining accent as its composed form', () => {
    expect(searchWords('Cafe\u0301')).toBe('Café');
  });

  it('takes the first 32 words', () => {
    const typed = Array.from({ length: 50 }, (_, index) => `w${index}`).join(' ');
    expect(searchWords(typed)?.split(' ')).toHaveLength(32);
  });
});
