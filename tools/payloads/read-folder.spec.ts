import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPayloadFile, readPayloadFolder } from './read-folder';
import { renderReport } from './render-report';

const market = { id: '1', slug: 's', question: 'q', outcomes: '["Y","N"]', active: true, closed: false };
const hash = `0x${'a'.repeat(64)}`;
const clobRow = { condition_id: '', tokens: [], active: true, closed: false };

const read = (value: unknown, known: Parameters<typeof readPayloadFile>[2] = []) =>
  readPayloadFile('some/payload.json', JSON.stringify(value), known);

describe('readPayloadFile', () => {
  it.each<[string, unknown, number]>([
    ['gamma-market', market, 1],
    ['gamma-market-list', [market, market], 2],
    ['gamma-markets-page', { markets: [market], next_cursor: 'x' }, 1],
    ['gamma-event', { id: '1', slug: 's', title: 't', markets: [market] }, 1],
    ['gamma-tag-list', [{ id: '1', label: 'l', slug: 's' }], 1],
    ['gamma-search', { events: [], pagination: { hasMore: false } }, 0],
    ['clob-markets-page', { data: [{ ...clobRow, market_slug: 's', enable_order_book: true }], next_cursor: '' }, 1],
    ['clob-simplified-markets-page', { data: [clobRow, clobRow], next_cursor: 'LTE=' }, 2],
    ['clob-book', { asset_id: '1', timestamp: '1', bids: [], asks: [] }, 1],
    ['clob-price-history', { history: [{ t: 1, p: 0.5 }] }, 1],
    ['clob-batch-price-history', { history: { '1': [] } }, 1],
    ['clob-midpoint', { mid: '0.5' }, 1],
    ['clob-spread', { spread: '0.02' }, 1],
    ['clob-price', { price: '0.5' }, 1],
    ['clob-tick-size', { minimum_tick_size: 0.01 }, 1],
    ['clob-error', { error: 'market not found' }, 1],
    ['clob-time', 1781934285, 1],
    ['data-open-interest-list', [{ market: hash, value: 5 }], 1],
    ['data-holders-list', [{ token: '1', holders: [] }], 1],
    ['market-socket', { event_type: 'book', asset_id: '1', timestamp: '1', bids: [], asks: [] }, 1],
    ['rtds-prices', { topic: 't', type: 'u', timestamp: 1, payload: { symbol: 's', data: [] } }, 1],
    ['empty-list', [], 0],
  ])('knows a %s', (kind, value, records) => {
    expect(read(value)).toMatchObject({ kind, records, parsed: records, refusals: [] });
  });

  it('names the row and the field it refuses, and knows the kind without that field', () => {
    const { slug, question, active, closed } = market;
    expect(read([{ id: '7', slug, question, active, closed }, market])).toMatchObject({
      kind: 'gamma-market-list',
      records: 2,
      parsed: 1,
      refusals: [{ path: 'markets[0].outcomes', id: '7', known: null }],
    });
  });

  it('refuses a book that was changed after the venue hashed it', () => {
    const book = { asset_id: '1', timestamp: '1', hash: 'f'.repeat(40), bids: [], asks: [], tick_size: '0.01' };
    expect(read(book)).toMatchObject({ kind: 'clob-book', parsed: 0, refusals: [{ path: 'hash' }] });
  });

  it.each<unknown>([{ foo: 1 }, 'text', null, [1, 2], [{ foo: 1 }]])('does not know %j', (value) => {
    expect(read(value)).toMatchObject({ kind: null, parsed: 0, refusals: [{ path: '' }] });
  });

  it('does not know what is no JSON, nor an empty file', () => {
    expect(readPayloadFile('a.json', '{"a":', [])).toMatchObject({ kind: null, refusals: [{ path: '' }] });
    expect(readPayloadFile('a.jsonl', '\n', [])).toMatchObject({ kind: null, records: 1, parsed: 0 });
  });

  it('reads lines one by one, through the envelopes of recorders', () => {
    const lines = [
      { slug: 's', raw: market },
      { slug: 'other', raw: market },
    ];
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    expect(readPayloadFile('a.jsonl', `${text}\n\n`, [])).toMatchObject({
      kind: 'recorder-market',
      records: 2,
      parsed: 1,
      refusals: [{ path: 'line 2: slug' }],
    });
    const answers = [
      { label: 'time', url: 'https://x/time', status: 200, body: 1781934285 },
      { label: 'none', url: 'https://x/none', status: 404, body: '404 page not found\n' },
    ];
    expect(readPayloadFile('b.jsonl', answers.map((line) => JSON.stringify(line)).join('\n'), [])).toMatchObject({
      kind: 'recorded-answer',
      records: 2,
      parsed: 2,
    });
  });

  it('gives the reason of a refusal that is listed as known', () => {
    const known = [{ file: 'payload.json', path: 'markets[0].slug', reason: 'cut by its recorder' }];
    expect(read([{ ...market, slug: '' }], known).refusals).toMatchObject([{ known: 'cut by its recorder' }]);
    expect(read([market, { ...market, slug: '' }], known).refusals).toMatchObject([{ known: null }]);
  });
});

describe('readPayloadFolder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'payloads-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads below the folder, skips what is no payload by name, and passes when all is understood or known', () => {
    mkdirSync(path.join(folder, 'gamma'));
    writeFileSync(path.join(folder, 'gamma', 'markets.json'), JSON.stringify([market, { ...market, id: 5 }]));
    writeFileSync(path.join(folder, 'README.md'), '# about');
    const report = readPayloadFolder(folder, []);
    expect(report).toMatchObject({
      passed: false,
      skipped: ['README.md'],
      files: [{ file: 'gamma/markets.json', parsed: 1 }],
    });
    const shown = renderReport(report);
    expect(shown).toContain('markets[1].id (id 5): found the number 5, expected text of 1 to 18 digits');
    expect(shown).toContain('1 files, 2 records, 1 parsed, 1 refused');
    const known = [{ file: 'gamma/markets.json', path: 'markets[1].id', reason: 'hand-made' }];
    expect(readPayloadFolder(folder, known).passed).toBe(true);
  });

  it('does not pass with a file of no known kind, and names it', () => {
    writeFileSync(path.join(folder, 'odd.json'), '{"foo":1}');
    const report = readPayloadFolder(folder, []);
    expect(report.passed).toBe(false);
    expect(renderReport(report)).toContain('of no known kind: odd.json');
  });

  it('needs a folder with payloads in it', () => {
    expect(() => readPayloadFolder(path.join(folder, 'missing'), [])).toThrow('is not a folder');
    expect(() => readPayloadFolder(folder, [])).toThrow('holds no .json or .jsonl file');
  });
});
