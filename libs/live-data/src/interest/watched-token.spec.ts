import { subjectOf, watchedTokenOf } from './watched-token';

describe('the subject of an interest', () => {
  it('names a token with its market, and gives it back', () => {
    const token = { conditionId: '0xabc', tokenId: '713' };
    expect(subjectOf(token)).toBe('0xabc/713');
    expect(watchedTokenOf('0xabc/713')).toEqual(token);
  });

  it.each(['', '/', '0xabc', '0xabc/', '/713', '0xabc/713/1'])('is not %p', (text) => {
    expect(watchedTokenOf(text)).toBeNull();
  });
});
