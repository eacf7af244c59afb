import { DomainError, type MarketOutcomeRef } from '@app/domain';
import { MarketCatalogue } from '@app/markets';
import { type BookSource, DEFAULT_TRADING_OPTIONS, TermsReader } from '@app/trading';
import { MARKET_KEPT_MS } from '../src/terms/terms-reader';
import { openTestTrading, price, shares, type TestTrading, type TradingInstance } from './trading-harness';

let trading: TestTrading;
let instance: TradingInstance;
let terms: TermsReader;
let books: BookSource;

beforeEach(async () => {
  trading = await openTestTrading();
  instance = await trading.start();
  terms = instance.get(TermsReader);
  books = instance.books;
});

afterEach(() => trading.stop());

const isCrypto = (row: Record<string, unknown>): boolean => String(row.slug).includes('updown');
const asksOf = (path: string): number =>
  trading.venue
    .requests()
    .paths.filter((asked) => asked.path.startsWith(path))
    .reduce((sum, { count }) => sum + count, 0);

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  return promise.then(
    () => null,
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

const anyMarket = (): Promise<MarketOutcomeRef[]> =>
  trading.findMarket((row) => row.secondsDelay == null && !isCrypto(row));

it('are the same by slug, condition id and token id, in any case, and asked for once', async () => {
  const [yes, no] = (await anyMarket()) as [MarketOutcomeRef, MarketOutcomeRef];
  const bySlug = await terms.getTerms({ slug: yes.marketId.toUpperCase() });
  expect(bySlug).toMatchObject({
    marketId: yes.marketId,
    conditionId: yes.conditionId,
    tokenIds: [yes.tokenId, no.tokenId],
    outcomes: [yes.outcome, no.outcome],
    minOrderSize: shares('5'),
    takerDelayMs: 0,
    tradable: true,
  });
  const keys = [{ conditionId: yes.conditionId.toUpperCase().replace('0X', '0x') }, { tokenId: no.tokenId }];
  expect(await Promise.all(keys.map((key) => terms.getTerms(key)))).toEqual([bySlug, bySlug]);
  expect(asksOf('/clob/clob-markets')).toBe(1);
  expect(asksOf('/gamma/markets')).toBe(1);
});

it('D2 hold takers by the delay of crypto and of sports markets', async () => {
  const [crypto] = (await trading.findMarket(isCrypto)) as [MarketOutcomeRef];
  expect((await terms.getTerms({ slug: crypto.marketId })).takerDelayMs).toBe(DEFAULT_TRADING_OPTIONS.takerDelayMs);
  const sports = await trading.findMarket((row) => Number(row.secondsDelay ?? 0) > 0);
  expect((await terms.getTerms({ slug: sports[0]!.marketId })).takerDelayMs % 1_000).toBe(0);
  expect((await terms.getTerms({ slug: sports[0]!.marketId })).takerDelayMs).toBeGreaterThan(0);
});

it('stand on what is stored while the CLOB is away', async () => {
  const [yes] = (await anyMarket()) as [MarketOutcomeRef];
  await trading.venue.fault({ kind: 'status', status: 503, path: '/clob/clob-markets', times: 5 });
  expect(await terms.getTerms({ slug: yes.marketId })).toMatchObject({ tradable: true, tickSize: expect.anything() });
});

it('say why a market takes no orders', async () => {
  const rows = await trading.venue.markets({ listed: true });
  const closed = rows.find((row) => row.closed === true && JSON.parse(String(row.outcomes)).length === 2)!;
  const { tradable } = await terms.getTerms({ slug: String(closed.slug) });
  expect(tradable).not.toBe(true);
  expect(await codeOf(terms.getTerms({ slug: 'no-such-market' }))).toBe('MARKET.NOT_FOUND');
  expect(await codeOf(terms.getTerms({ tokenId: '12345' }))).toBe('MARKET.NOT_FOUND');
});

it('learn within seconds what is stored anew of a market', async () => {
  const [yes] = (await anyMarket()) as [MarketOutcomeRef];
  expect((await terms.getTerms({ slug: yes.marketId })).tradable).toBe(true);
  await trading.venue.change(yes.marketId, { closed: true });
  trading.clock.advance(MARKET_KEPT_MS + 1);
  await instance.get(MarketCatalogue).getBySlug(yes.marketId, { forceRefresh: true });
  expect((await terms.getTerms({ slug: yes.marketId })).tradable).toEqual({ reason: 'it is closed' });
});

describe('a book over REST', () => {
  it('is live, carries the venue’s hash, and mirrors that of the other outcome', async () => {
    const [yes, no] = (await anyMarket()) as [MarketOutcomeRef, MarketOutcomeRef];
    const market = await terms.getTerms({ slug: yes.marketId });
    const ofYes = await books.read(market, 0, null);
    const ofNo = await books.read(market, 1, null);
    expect(ofYes).toMatchObject({ state: 'live', reason: null, source: 'rest', sequence: null });
    expect(ofYes.hash).toMatch(/^[0-9a-f]{40}$/);
    expect(ofNo.book.tokenId).toBe(no.tokenId);
    expect(ofNo.book.bids).toEqual(ofYes.book.asks.map((level) => ({ ...level, price: price('1') - level.price })));
  });

  it('is given again for a second, but not to whom it is too old', async () => {
    const [yes] = (await anyMarket()) as [MarketOutcomeRef];
    const market = await terms.getTerms({ slug: yes.marketId });
    const first = await books.read(market, 0, null);
    trading.clock.advance(900);
    expect((await books.read(market, 0, null)).receivedAt).toEqual(first.receivedAt);
    const now = trading.clock.now();
    const late = await Promise.all(Array.from({ length: 20 }, () => books.read(market, 0, now)));
    expect(new Set(late.map(({ receivedAt }) => receivedAt.getTime()))).toEqual(new Set([now.getTime()]));
    expect(asksOf('/clob/book')).toBe(2);
  });

  it('is not there for a market that closed', async () => {
    const [yes] = (await anyMarket()) as [MarketOutcomeRef];
    const market = await terms.getTerms({ slug: yes.marketId });
    await trading.venue.change(yes.marketId, { closed: true });
    expect(await codeOf(books.read(market, 0, null))).toBe('MARKET.NO_ORDER_BOOK');
  });
});
