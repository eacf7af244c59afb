import { take, checkOrder, BookTracker, DEFAULT_EXCHANGE_SETTINGS } from '@app/exchange';
import { levels, limit, takeOf, yesBook, checkOf, feesAt, marketTerms, evidenceOf, price, shares } from '/tmp/trading/libs/exchange/test/fixtures';
import { OrderBook } from 'nodejs-order-book';
const terms = marketTerms({ fees: feesAt('0.05') });
const asks = Array.from({ length: 40 }, (_, i) => `100@${(51 + i) / 100}`);
const bids = Array.from({ length: 40 }, (_, i) => `100@${(50 - i) / 100}`);
const book = yesBook({ asks: levels(...asks), bids: levels(...bids) });
function time(name: string, n: number, f: (i: number) => void) {
  for (let i = 0; i < n / 5; i++) f(i);
  const t = process.hrtime.bigint();
  for (let i = 0; i < n; i++) f(i);
  const s = Number(process.hrtime.bigint() - t) / 1e9;
  console.log(name, Math.round(n / s), '/s');
}
const one = takeOf(limit('buy', '50', '0.51'), book, { terms });
const three = takeOf(limit('buy', '250', '0.53'), book, { terms });
const overlay = take(three).consumed;
const over = takeOf(limit('buy', '250', '0.55'), book, { terms, consumed: overlay });
time('take 1 level', 300000, () => { take(one); });
time('take 3 levels', 300000, () => { take(three); });
time('take 3 levels with overlay', 300000, () => { take(over); });
time('take capped', 30000, () => { take({ ...three, intent: {...three.intent, timeInForce: 'fak'}, maxSpend: 100_000_000n as never }); });
const c = checkOf(limit('buy', '250', '0.53'), book, { terms });
time('check', 300000, () => { checkOrder(c); });
const tr = new BookTracker({ conditionId: '0x', tokenIds: ['1', '2'] }, DEFAULT_EXCHANGE_SETTINGS);
tr.apply({ atMs: 0, kind: 'connected' }); tr.apply({ atMs: 0, kind: 'book', outcomeIndex: 0, book }); tr.apply({ atMs: 0, kind: 'reconciled', outcomeIndex: 0, book });
const sz = [shares('10'), shares('20'), shares('0'), shares('30')];
const ps = book.bids.slice(0, 10).map((l) => l.price);
time('tracker delta (both tokens)', 500000, (i) => {
  const p = ps[i % 10]!; const s = sz[(i >> 2) % 4]!;
  tr.apply({ atMs: 1, kind: 'levels', venueTimeMs: i, changes: [{ outcomeIndex: 0, side: 'bid', price: p, size: s, bestBid: null, bestAsk: null }, { outcomeIndex: 1, side: 'ask', price: (1000000n - p) as never, size: s, bestBid: null, bestAsk: null }] });
});
console.log(tr.state, tr.reason);
{
  const ob = new OrderBook(); let id = 0;
  time('nodejs-order-book add 3 makers + take 3', 60000, () => {
    for (let k = 0; k < 3; k++) ob.limit({ id: String(id++), side: 'sell', size: 100, price: 0.51 + k / 100 } as never);
    ob.limit({ id: String(id++), side: 'buy', size: 300, price: 0.53 } as never);
  });
}
