import { marketListQuerySchema, topMarketsQuerySchema } from './market-queries';
import { openInterestRequestSchema } from './open-interest';
import { priceHistoryQuerySchema } from './price-history';

function refusedFields(
  schema: { safeParse(value: unknown): { error?: { issues: { path: PropertyKey[] }[] } } },
  value: unknown,
): string[] {
  return schema.safeParse(value).error?.issues.map((issue) => issue.path.join('.')) ?? [];
}

describe('market list query', () => {
  it('fills in what is left out', () => {
    expect(marketListQuerySchema.parse({})).toEqual({ page: 1, page_size: 20, sort_by: 'volume', sort_desc: true });
    expect(topMarketsQuerySchema.parse({})).toEqual({ limit: 10, sort_by: 'volume_24h', active_only: true });
  });

  it.each([
    [{ page: '0' }, 'page'],
    [{ page_size: '101' }, 'page_size'],
    [{ sort_by: 'magic' }, 'sort_by'],
    [{ volume_min: '2', volume_max: '1' }, 'volume_min'],
    [{ liquidity_min: '0.000002', liquidity_max: '0.000001' }, 'liquidity_min'],
    [{ end_date_min: '2026-02-01', end_date_max: '2026-01-01' }, 'end_date_min'],
    [{ search: 'x'.repeat(2_000) }, 'search'],
    [{ sort_by: 'relevance' }, 'sort_by'],
    [{ sort_by: 'relevance', search: 'rates', sort_desc: 'false' }, 'sort_desc'],
    [{ event_slug: '../x' }, 'event_slug'],
  ])('refuses %j by %s', (query, field) => {
    expect(refusedFields(marketListQuerySchema, query)).toEqual([field]);
  });

  it('accepts a range of one value', () => {
    expect(marketListQuerySchema.parse({ volume_min: '5', volume_max: '5.0' })).toMatchObject({
      volume_min: 5_000_000n,
      volume_max: 5_000_000n,
    });
  });
});

describe('price history query', () => {
  it.each([
    [{ start_ts: '20', end_ts: '10' }, 'start_ts'],
    [{ start_ts: '10', end_ts: '10' }, 'start_ts'],
    [{ end_ts: '10' }, 'start_ts'],
    [{ interval: '1d', start_ts: '10' }, 'interval'],
    [{ interval: '2d' }, 'interval'],
    [{ interval: '1w', fidelity: '4' }, 'fidelity'],
    [{ interval: 'max', fidelity: '9' }, 'fidelity'],
    [{ fidelity: '0' }, 'fidelity'],
    [{ outcome_index: '-1' }, 'outcome_index'],
  ])('refuses %j by %s', (query, field) => {
    expect(refusedFields(priceHistoryQuerySchema, query)).toEqual([field]);
  });

  it('has no floor of fidelity for a range', () => {
    expect(priceHistoryQuerySchema.safeParse({ start_ts: '10', end_ts: '20', fidelity: '1' }).success).toBe(true);
  });
});

describe('open interest request', () => {
  const id = (digit: string): string => `0x${digit.repeat(64)}`;

  it.each([
    [{ slugs: ['a'], condition_ids: [id('a')] }, 'condition_ids'],
    [{}, 'slugs'],
    [{ slugs: [] }, 'slugs'],
    [{ slugs: Array.from({ length: 101 }, (_, index) => `m-${index}`) }, 'slugs'],
    [{ slugs: ['a', 'b', 'A'] }, 'slugs.2'],
    [{ condition_ids: [id('a'), id('A')] }, 'condition_ids.1'],
    [{ condition_ids: ['0x1'] }, 'condition_ids.0'],
    [{ slugs: ['a/b'] }, 'slugs.0'],
    [{ slugs: [7] }, 'slugs.0'],
    [{ slugs: 'a' }, 'slugs'],
    [{ slug: ['a'] }, ''],
    [[], ''],
    [null, ''],
  ])('refuses %j by %s', (body, field) => {
    expect(refusedFields(openInterestRequestSchema, body)).toContain(field);
  });

  it('accepts a hundred', () => {
    const slugs = Array.from({ length: 100 }, (_, index) => `m-${index}`);
    expect(openInterestRequestSchema.parse({ slugs })).toEqual({ slugs });
  });
});
