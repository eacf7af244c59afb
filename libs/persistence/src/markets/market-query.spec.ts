import { microUsdc } from '@app/domain';
import { isEveryMarket, toStoreFilter, toStoreSort } from './market-query';

const ANY = { $in: [false, true] };

describe('toStoreFilter', () => {
  it('names closed and active even when both are open, so that one index serves the list', () => {
    expect(toStoreFilter({})).toEqual({ closed: ANY, active: ANY });
    expect(toStoreFilter({ closed: false })).toEqual({ closed: false, active: ANY });
    expect(toStoreFilter({ volumeMin: microUsdc(5n) })).toEqual({ closed: ANY, active: ANY, volume_num: { $gte: 5n } });
  });

  it('leaves them out where a tag, an event or a search narrows the list', () => {
    expect(toStoreFilter({ tag: 'US Politics' })).toEqual({ tag_slugs: 'us-politics' });
    expect(toStoreFilter({ eventSlug: 'e', active: true })).toEqual({ event_slug: 'e', active: true });
    expect(toStoreFilter({ search: '"rate" -cut' })).toEqual({ $text: { $search: 'rate cut' } });
  });

  it('turns both ends of a range into an inclusive one', () => {
    const from = new Date('2026-01-01T00:00:00Z');
    const to = new Date('2026-02-01T00:00:00Z');
    expect(
      toStoreFilter({
        closed: false,
        active: true,
        liquidityMin: microUsdc(1n),
        liquidityMax: microUsdc(2n),
        endDateMin: from,
        endDateMax: to,
      }),
    ).toEqual({
      closed: false,
      active: true,
      liquidity_num: { $gte: 1n, $lte: 2n },
      end_date: { $gte: from, $lte: to },
    });
  });

  it('matches nothing when a search holds no word', () => {
    expect(toStoreFilter({ search: '$$$' })).toBeNull();
  });
});

describe('isEveryMarket', () => {
  it('looks at values, not keys', () => {
    expect(isEveryMarket({ active: undefined })).toBe(true);
    expect(isEveryMarket({ active: false })).toBe(false);
  });
});

describe('toStoreSort', () => {
  it('breaks ties by slug in the direction an index can be read', () => {
    expect(toStoreSort({ key: 'volume_24h', descending: true }, false)).toEqual({ volume_24hr: -1, _id: 1 });
    expect(toStoreSort({ key: 'created_at', descending: false }, false)).toEqual({ venue_created_at: 1, _id: -1 });
  });

  it('ranks by relevance only while searching', () => {
    expect(toStoreSort({ key: 'relevance', descending: true }, true)).toEqual({
      score: { $meta: 'textScore' },
      _id: 1,
    });
    expect(toStoreSort({ key: 'relevance', descending: true }, false)).toEqual({ volume_num: -1, _id: 1 });
  });
});
