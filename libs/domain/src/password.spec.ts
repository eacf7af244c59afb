import { normalisePassword, passwordProblem } from './password';

describe('passwords', () => {
  it.each([
    ['8 characters', 'a1b2c3d4'],
    ['128 characters', 'x'.repeat(128)],
    ['8 characters outside of the basic plane', '😀'.repeat(8)],
    ['128 characters of 4 bytes each', '😀'.repeat(128)],
    ['spaces between words', 'correct horse battery'],
    ['spaces around', ' 1234567 '],
  ])('may have %s', (_what, password) => {
    expect(passwordProblem(password)).toBeNull();
  });

  it.each([
    ['too short', '1234567', 'at least 8'],
    ['short however many units it takes', '😀'.repeat(7), 'at least 8'],
    ['too long', 'x'.repeat(129), 'at most 128'],
    ['beyond the bytes once normalised', 'ﷺ'.repeat(30), '512 bytes'],
    ['only spaces', ' '.repeat(8), 'only spaces'],
    ['only wide spaces', '\u3000'.repeat(8), 'only spaces'],
    ['broken text', 'abcdefg\ud800', 'broken characters'],
  ])('may not be %s', (_what, password, reason) => {
    expect(passwordProblem(password)).toContain(reason);
  });

  it('may not be the email address', () => {
    expect(passwordProblem('Ann@Example.com', ' ann@example.com')).toContain('email address');
    expect(passwordProblem('Ann@Example.com', 'bob@example.com')).toBeNull();
  });

  it('are the same when the same text is composed in another way', () => {
    expect(normalisePassword('cafe\u0301')).toBe(normalisePassword('caf\u00e9'));
  });
});
