import { readMarketsSearch, slugIn, toMarketsRequest, writeMarketsSearch } from './markets-search';

const NOW = Date.UTC(2026, 1, 7, 9, 30);
const USUAL = readMarketsSearch('');

describe('the address of a list of markets', () => {
  it('shows open markets, the most traded today first, when it says nothing', () => {
    expect(toMarketsRequest(USUAL, NOW)).toEqual({
      closed: false,
      sort_by: 'volume_24h',
      sort_desc: true,
      page: 1,
      page_size: 20,
    });
    expect(writeMarketsSearch(USUAL)).toBe('');
  });

  it.each([
    'search=fed+rates',
    'search=fed&sort=volume&page=3',
    'status=closed&tag=fed-rates&event=fed-decision&liquidity=1000&sort=newest',
    'status=all&sort=ending',
  ])('%s is read as it was written', (query) => {
    expect(writeMarketsSearch(readMarketsSearch(query))).toBe(query);
  });

  it.each(['status=maybe', 'page=0', 'page=x', 'page=1.5', 'liquidity=7', 'sort=relevance', 'sort=toString', 'a=b'])(
    'is as usual where %s says something wrong',
    (query) => {
      expect(readMarketsSearch(query)).toEqual(USUAL);
    },
  );

  it('leaves out the order that is usual', () => {
    expect(writeMarketsSearch({ ...USUAL, search: 'fed', sort: 'relevance' })).toBe('search=fed');
    expect(writeMarketsSearch({ ...USUAL, sort: 'volume_24h' })).toBe('');
  });
});

describe('the request for a list of markets', () => {
  it('carries every filter', () => {
    const wanted = readMarketsSearch('search=fed&status=all&tag=economy&event=fed-decision&liquidity=10000&page=2');
    expect(toMarketsRequest(wanted, NOW)).toEqual({
      search: 'fed',
      tag: 'economy',
      event_slug: 'fed-decision',
      liquidity_min: 10_000,
      sort_by: 'relevance',
      sort_desc: true,
      page: 2,
      page_size: 20,
    });
  });

  it('leaves out what should have ended when it asks for what ends next, and stays the same for an hour', () => {
    const wanted = readMarketsSearch('sort=ending');
    expect(toMarketsRequest(wanted, NOW)).toMatchObject({
      sort_by: 'end_date',
      sort_desc: false,
      end_date_min: '2026-02-07T09:00:00.000Z',
    });
    expect(toMarketsRequest({ ...wanted, status: 'closed' }, NOW)).not.toHaveProperty('end_date_min');
  });
});

describe('a slug', () => {
  it.each([
    ['will-it-rain', 'will-it-rain'],
    [' Will-It-Rain ', 'will-it-rain'],
    ['https://polymarket.com/event/weather/will-it-rain?tid=1', 'will-it-rain'],
    ['polymarket.com/event/will-it-rain/', 'will-it-rain'],
    ['https://polymarket.com/market/will-it-rain#top', 'will-it-rain'],
    ['rain', null],
    ['will it rain', null],
    ['https://example.com/event/will-it-rain', null],
    ['', null],
  ])('in %j is %j', (text, slug) => {
    expect(slugIn(text)).toBe(slug);
  });
});
