import { matchExpression } from './text-search';

describe('matchExpression', () => {
  it.each([
    ['bitcoin etf', '("bitcoin" OR "etf")'],
    ['"new york"', '"new york" AND ("new" OR "york")'],
    ['bitcoin -gold', '(("bitcoin")) NOT ("gold")'],
    ['coffee-shop', '("coffee" OR "shop")'],
    ['a "to be" x', '"to be" AND ("x")'],
    ['bitcoin "unclosed phrase', '"unclosed phrase" AND ("bitcoin" OR "unclosed" OR "phrase")'],
    ['AND OR NOT NEAR( * ^ : {a}', '("NEAR")'],
    ['Zürich 100k', '("Zürich" OR "100k")'],
  ])('reads %s', (search, expression) => {
    expect(matchExpression(search)).toBe(expression);
  });

  it.each(['', '   ', 'the of and', '-only -excluded', '!!! ...', '""'])('finds nothing for %j', (search) => {
    expect(matchExpression(search)).toBeNull();
  });
});
