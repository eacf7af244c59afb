import { fullJitter, isRetryable, retryAfterMs, RETRY_POLICIES } from './retry';

const NOW = new Date('2026-06-01T12:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    ['7', 7_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Mon, 01 Jun 2026 12:00:30 GMT', 30_000],
    ['Mon, 01 Jun 2026 11:00:00 GMT', 0],
    ['999999', 3_600_000],
    ['soon', null],
    ['', null],
    [null, null],
  ])('%j asks for %j ms', (header, ms) => expect(retryAfterMs(header, NOW)).toBe(ms));
});

describe('fullJitter', () => {
  it('is drawn from 0 to a bound that doubles up to the cap', () => {
    const policy = { ...RETRY_POLICIES.background, baseMs: 100, capMs: 350 };
    const most = (): number => 0.999;
    expect([1, 2, 3, 4].map((failed) => fullJitter(policy, failed, most))).toEqual([99, 199, 349, 349]);
    expect(fullJitter(policy, 4, () => 0)).toBe(0);
  });
});

it.each([
  [400, false],
  [404, false],
  [422, false],
  [425, true],
  [429, true],
  [500, true],
  [503, true],
])('status %i may be asked again: %s', (status, expected) => expect(isRetryable(status)).toBe(expected));
