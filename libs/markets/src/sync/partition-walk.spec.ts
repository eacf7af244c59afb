import { VenueMarket } from '@app/domain';
import { MarketPage } from '@app/polymarket';
import { aVenueMarket } from '@app/testing';
import { judgeEnd, PartitionWalk, resumeWalk, stepWalk } from './partition-walk';

const START = resumeWalk({
  name: 'open',
  cursor: null,
  pages: 0,
  rows: 0,
  lastId: null,
  firstId: null,
  done: false,
  error: null,
});

type Page = Pick<MarketPage, 'rows' | 'nextCursor'>;

const aPage = (ids: readonly number[], nextCursor: string | null): Page => ({
  rows: ids.map((id) => ({ ok: true, value: aVenueMarket({ gammaId: String(id), slug: `m-${id}` }) })),
  nextCursor,
});

function step(walk: PartitionWalk, page: Page): Extract<ReturnType<typeof stepWalk>, { ok: true }> {
  const result = stepWalk(walk, page);
  if (!result.ok) throw new Error(result.problem);
  return result;
}

const idsOf = (markets: readonly VenueMarket[]): string[] => markets.map(({ gammaId }) => gammaId);

describe('walking a partition', () => {
  it('moves its cursor, counts and highest id page by page until there is no next cursor', () => {
    const first = step(START, aPage([1, 2], 'a'));
    expect(first.walk).toMatchObject({ cursor: 'a', pages: 1, rows: 2, lastId: 2n, done: false });
    const last = step(first.walk, aPage([5], null));
    expect(last.walk).toMatchObject({ cursor: null, pages: 2, rows: 3, lastId: 5n, done: true });
  });

  it('compares ids as numbers: 10 comes after 9', () => {
    expect(step(step(START, aPage([9], 'a')).walk, aPage([10], 'b')).walk.lastId).toBe(10n);
  });

  it('takes a row that was on the page before once, and counts it', () => {
    const first = step(START, aPage([1, 2], 'a'));
    const second = step(first.walk, aPage([2, 3], null));
    expect(idsOf(second.markets)).toEqual(['3']);
    expect(second).toMatchObject({ duplicates: 1, walk: { rows: 3 } });
  });

  it('keeps a row out of order rather than lose it', () => {
    const second = step(step(START, aPage([7], 'a')).walk, aPage([5, 8], null));
    expect(idsOf(second.markets)).toEqual(['5', '8']);
  });

  it('passes refusals on and goes past them', () => {
    const refusal = { path: 'markets[0].outcomes', reason: 'found nothing', id: '4' };
    const result = step(START, { rows: [{ ok: false, refusal }], nextCursor: 'a' });
    expect(result).toMatchObject({ markets: [], failures: [refusal], walk: { rows: 1, cursor: 'a' } });
  });

  it.each([
    ['the cursor that was sent comes back', aPage([3], 'a'), /does not advance/],
    ['a page has no rows but a next cursor', aPage([], 'b'), /announces more/],
    ['a page has only rows of the page before', aPage([1, 2], 'b'), /circles/],
    ['a page has only ids below those seen', aPage([1], 'b'), /circles/],
  ])('stops when %s', (_what, page, problem) => {
    const { walk } = step(START, aPage([1, 2], 'a'));
    const result = stepWalk(walk, page);
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('accepts an empty list, and an empty last page', () => {
    expect(step(START, aPage([], null)).walk.done).toBe(true);
    expect(step(step(START, aPage([1], 'a')).walk, aPage([], null)).walk.done).toBe(true);
  });
});

describe('judging the end of a partition', () => {
  const ended = (rows: number, complete: number | null, givenUp: number | null = null): string | null =>
    judgeEnd({ name: 'closed', rows }, { complete, givenUp });

  it('believes the first pass, small lists and lists of half the size or more', () => {
    expect(ended(3, null)).toBeNull();
    expect(ended(1, 199)).toBeNull();
    expect(ended(500, 1_000)).toBeNull();
  });

  it('does not believe less than half, unless it is found twice', () => {
    expect(ended(499, 1_000)).toMatch(/ended after 499 markets, where the last complete pass read 1000/);
    expect(ended(499, 1_000, 510)).toBeNull();
    expect(ended(499, 1_000, 300)).not.toBeNull();
  });
});
