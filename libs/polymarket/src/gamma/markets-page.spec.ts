import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { VenueMarket } from '@app/domain';
import { parseRow, parseRows } from '../wire/wire-object';
import { readGammaMarket } from './gamma-market';
import { parseMarketPage } from './markets-page';
import { readVenueMarket } from './venue-market.mapper';

type Row = Record<string, unknown>;

const fixture = (name: string): Row =>
  JSON.parse(readFileSync(path.join(__dirname, '../../test/fixtures', `${name}.json`), 'utf8')) as Row;

const open = fixture('gamma_market_open');

function read(row: Row): VenueMarket {
  const parsed = parseRow(row, 'market', readVenueMarket);
  if (!parsed.ok) throw new Error(`${parsed.refusal.path}: ${parsed.refusal.reason}`);
  return parsed.value;
}

function refusalOf(row: unknown): string {
  const [parsed] = parseRows([row], 'markets', readVenueMarket);
  if (parsed === undefined || parsed.ok) throw new Error('expected a refusal');
  return `${parsed.refusal.path}: ${parsed.refusal.reason}`;
}

describe('a Gamma market', () => {
  it('is read field by field', () => {
    expect(read(open)).toEqual({
      slug: 'will-the-bridge-at-harrow-open-before-2027',
      gammaId: '700001',
      conditionId: `0x${'11'.repeat(32)}`,
      questionId: `0x${'22'.repeat(32)}`,
      question: 'Will the bridge at Harrow open before 2027?',
      description: 'Resolves to Yes when the first car has crossed.',
      category: null,
      resolutionSource: null,
      image: null,
      icon: null,
      groupItemTitle: null,
      groupItemThreshold: '2',
      outcomes: ['Yes', 'No'],
      outcomePrices: ['0.455', '0.545'],
      clobTokenIds: ['101', '102'],
      active: true,
      closed: false,
      archived: false,
      restricted: true,
      acceptingOrders: true,
      enableOrderBook: true,
      tickSize: 10_000n,
      minOrderSize: 5_000_000n,
      fees: { type: 'general_fees', rate: 50_000n, exponent: 1, takerOnly: true, rebateRate: 250_000n },
      secondsDelay: 3,
      clearBookOnStart: false,
      negRisk: true,
      negRiskMarketId: `0x${'33'.repeat(31)}00`,
      negRiskRequestId: null,
      negRiskOther: false,
      bestBid: 450_000n,
      bestAsk: 460_000n,
      spread: 10_000n,
      lastTradePrice: 450_000n,
      oneDayPriceChange: -15_000n,
      volumeTotal: 5_260_919_047n,
      volume24h: 12_500_000n,
      volume7d: 100_000_000n,
      volume30d: 400_250_000n,
      liquidity: 321_500_000n,
      startDate: new Date('2026-01-02T10:11:12.131Z'),
      endDate: new Date('2026-12-31T12:00:00Z'),
      venueCreatedAt: new Date('2026-01-01T09:08:07.060Z'),
      venueUpdatedAt: new Date('2026-06-21T18:26:26.563Z'),
      closedTime: null,
      gameStartTime: null,
      acceptingOrdersSince: new Date('2026-01-02T10:00:00Z'),
      umaResolutionStatus: null,
      sportsMarketType: null,
      event: {
        id: '9001',
        slug: 'harrow-bridge',
        title: 'Harrow bridge',
        negRisk: true,
        negRiskAugmented: true,
        seriesSlug: 'bridges',
      },
      tags: [
        { id: '2', label: 'Transport', slug: 'transport' },
        { id: '7', label: 'Bridges', slug: 'bridges' },
      ],
      rewards: { minSize: 20_000_000n, maxSpread: 3_500_000n, dailyRate: 2_501_000n },
      resolution: { status: 'unresolved', winningOutcomeIndex: null, payouts: [], resolvedAt: null },
    });
  });

  it('of 2020 is read with most fields absent, and closing alone is no result', () => {
    const market = read(fixture('gamma_market_closed_legacy'));
    expect(market).toMatchObject({
      slug: 'how-many-ships-will-pass-on-monday',
      conditionId: null,
      category: 'Shipping',
      outcomes: ['0-10', '11-20', '21+'],
      outcomePrices: ['0.000001011234567', '0.000000987', '0'],
      clobTokenIds: [],
      acceptingOrders: false,
      enableOrderBook: false,
      tickSize: null,
      fees: null,
      bestBid: null,
      volumeTotal: 1_024_500_000n,
      liquidity: 0n,
      closedTime: new Date('2020-11-02T16:31:01Z'),
      event: null,
      tags: [],
      resolution: { status: 'unresolved', winningOutcomeIndex: null },
    });
  });

  it('that ended tells who won and when', () => {
    expect(read(fixture('gamma_market_resolved')).resolution).toEqual({
      status: 'resolved',
      winningOutcomeIndex: 1,
      payouts: [0n, 1_000_000n],
      resolvedAt: new Date('2026-07-24T00:00:16Z'),
    });
  });

  it('keeps the terms of automatic crypto markets', () => {
    const parsed = parseRow(fixture('gamma_market_resolved'), 'market', readGammaMarket);
    expect(parsed.ok && parsed.value.cryptoMarketConfig).toEqual({
      id: '1',
      asset: 'btc',
      duration: '5m',
      twapEnabled: true,
      twapLookbackSeconds: 60,
    });
  });

  it('needs only id, slug, question, outcomes, active and closed', () => {
    const least = { id: '1', slug: 's', question: 'q', outcomes: '["A"]', active: false, closed: false };
    expect(read(least)).toMatchObject({ slug: 's', conditionId: null, outcomes: ['A'], volumeTotal: 0n });
    for (const key of Object.keys(least)) {
      const rest = Object.entries(least).filter(([name]) => name !== key);
      expect(refusalOf(Object.fromEntries(rest))).toContain(`markets[0].${key}: found nothing`);
      expect(refusalOf({ ...least, [key]: null })).toContain(`markets[0].${key}: found null`);
    }
  });

  it.each<[string, unknown, string]>([
    ['id', 5, 'found the number 5'],
    ['id', '1'.repeat(30), 'text of 1 to 18 digits'],
    ['slug', '', 'expected text'],
    ['slug', 'a/b', 'a slug: no slash'],
    ['slug', '..', 'a slug: no slash'],
    ['slug', 'a b', 'a slug: no slash'],
    ['slug', 'a\u0000b', 'a slug: no slash'],
    ['slug', 'x'.repeat(513), 'at most 512 characters'],
    ['question', { text: 'q' }, 'found an object, expected text'],
    ['question', 'q'.repeat(5_000), 'at most 4096 characters'],
    ['description', 'd'.repeat(1_000_000), 'at most 65536 characters'],
    ['conditionId', '0x12', '64 hexadecimal digits'],
    ['outcomes', ['Yes', 'No'], 'found an array of 2, expected text holding a JSON array'],
    ['outcomes', '[]', 'JSON array of 1 to 1024 texts'],
    ['outcomes', '["Yes"', 'expected text holding a JSON array'],
    ['outcomePrices', '["0.5"]', 'one price for each of the 2 outcomes'],
    ['outcomePrices', '["0.5","1.5"]', 'decimal texts from 0 to 1'],
    ['outcomePrices', '["0.5","-0.5"]', 'decimal texts from 0 to 1'],
    ['outcomePrices', '["0.5","abc"]', 'decimal texts from 0 to 1'],
    ['outcomePrices', '[0.5,0.5]', 'JSON array of texts'],
    ['clobTokenIds', '["1"]', 'one token id for each of the 2 outcomes'],
    ['clobTokenIds', '["1","0x2"]', 'token ids of 1 to 78 digits'],
    ['clobTokenIds', '["1","1"]', 'a different token id for each outcome'],
    ['clobTokenIds', '[1,2]', 'JSON array of texts'],
    ['active', 'true', 'true or false'],
    ['closed', 1, 'true or false'],
    ['negRisk', 'no', 'true or false'],
    ['bestBid', 1.2, 'a price from 0 to 1'],
    ['bestAsk', -0.1, 'a price from 0 to 1'],
    ['lastTradePrice', '0,5', 'numeric text'],
    ['spread', 3, 'from -1 to 1'],
    ['volume', '-1', 'an amount of 0 or more'],
    ['volumeNum', -5, 'an amount of 0 or more'],
    ['volumeNum', 1e300, 'int64'],
    ['liquidity', 'lots', 'numeric text'],
    ['orderPriceMinTickSize', 1, 'below 1'],
    ['orderMinSize', -1, 'a quantity of 0 or more'],
    ['endDate', '31 December', 'a date such as'],
    ['closedTime', 1784850900, 'expected text'],
    ['feeSchedule', { rate: 7, exponent: 1 }, 'a rate from 0 to 1'],
    ['feeSchedule', { rate: 0.1, exponent: 99 }, 'an exponent from 0 to 16'],
    ['feeSchedule', [], 'expected an object'],
    ['events', [{ id: '1', title: 't' }], 'expected text'],
    ['events', {}, 'an array of objects'],
    ['tags', [{ id: '1', slug: 's' }], 'expected text'],
    ['secondsDelay', 1.5, 'a whole number'],
  ])('with %s %j is refused', (field, value, expected) => {
    const refusal = refusalOf({ ...open, [field]: value });
    expect(refusal).toMatch(new RegExp(`^markets\\[0\\]\\.${field}`));
    expect(refusal).toContain(expected);
    expect(refusal.length).toBeLessThan(400);
  });

  it('names the field inside a nested object', () => {
    expect(refusalOf({ ...open, events: [{ id: '1', slug: 's', title: 't', series: [{ id: 'x' }] }] })).toMatch(
      /^markets\[0\]\.events\[0\]\.series\[0\]\.id: found the text "x"/,
    );
  });

  it('takes token ids that are all empty as none, and tags of the event when it has none itself', () => {
    const event = { id: '1', slug: 's', title: 't', tags: [{ id: '3', label: 'L', slug: 'l' }] };
    const market = read({ ...open, clobTokenIds: '["",""]', tags: undefined, events: [event] });
    expect(market.clobTokenIds).toEqual([]);
    expect(market.tags).toEqual([{ id: '3', label: 'L', slug: 'l' }]);
  });
});

describe('a page of markets', () => {
  const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

  it('keeps good rows beside refused ones, and the body as received', () => {
    const body = bodyOf({ markets: [open, { ...open, id: '2', outcomes: 5 }, 'x'], next_cursor: 'abc' });
    const page = parseMarketPage(body);
    if (!page.ok) throw new Error(page.refusal.reason);
    expect(page.value.rows.map((row) => row.ok)).toEqual([true, false, false]);
    expect(page.value.rows[1]).toMatchObject({ refusal: { path: 'markets[1].outcomes', id: '2' } });
    expect(page.value.rows[2]).toMatchObject({ refusal: { path: 'markets[2]', id: null } });
    expect(page.value.nextCursor).toBe('abc');
    expect(page.value.body).toBe(body);
  });

  it.each([[{ markets: [] }], [{ markets: [], next_cursor: null }], [{ markets: [], next_cursor: '' }]])(
    'is the last one without a cursor: %j',
    (value) =>
      expect(parseMarketPage(bodyOf(value))).toMatchObject({ ok: true, value: { rows: [], nextCursor: null } }),
  );

  it('has a market sent twice once, as last said', () => {
    const page = parseMarketPage(bodyOf({ markets: [open, { ...open, id: '2' }, { ...open, question: 'Later?' }] }));
    if (!page.ok) throw new Error(page.refusal.reason);
    expect(page.value.rows.map((row) => row.ok && [row.value.gammaId, row.value.question])).toEqual([
      ['700001', 'Later?'],
      ['2', open['question']],
    ]);
  });

  it.each([
    ['[]', 'found an array of 0, expected an object'],
    ['{}', 'expected an array of markets'],
    ['{"markets":{}}', 'expected an array of markets'],
    ['{"markets":[],"next_cursor":5}', 'found the number 5, expected text'],
    ['null', 'found null'],
    ['<html>Bad gateway</html>', 'expected JSON'],
    ['', 'found an empty body'],
    ['{"markets":[', 'expected JSON'],
  ])('that is %s is refused as a whole', (text, reason) => {
    const page = parseMarketPage(Buffer.from(text));
    expect(page.ok).toBe(false);
    expect(!page.ok && page.refusal.reason).toContain(reason);
  });
});
