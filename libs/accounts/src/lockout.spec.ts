import { mayLogIn } from './lockout';

const NOON = new Date('2026-11-22T12:00:00Z');
const before = new Date(NOON.getTime() - 1);
const after = new Date(NOON.getTime() + 1);

describe('who may log in', () => {
  it.each([
    ['active', null, true],
    ['disabled', null, false],
    ['disabled', before, false],
    ['locked', after, false],
    ['locked', NOON, true],
    ['locked', before, true],
    ['locked', null, false],
  ] as const)('%s until %s: %s', (status, lockedUntil, expected) => {
    expect(mayLogIn({ status, lockedUntil }, NOON)).toBe(expected);
  });
});
