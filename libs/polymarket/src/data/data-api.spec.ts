import { parseRow } from '../wire/wire-object';
import { readDataTrade, readOpenInterest, readTokenHolders } from './data-api';

const HASH = `0x${'EF'.repeat(32)}`;

it('reads a trade, its average price rounded to a micro-unit', () => {
  const trade = {
    proxyWallet: '0x1',
    side: 'BUY',
    asset: '5',
    conditionId: HASH,
    size: 10.9191,
    price: 0.5395749541390239,
    timestamp: 1767838473,
    outcomeIndex: 999,
    name: '',
  };
  expect(parseRow(trade, '', readDataTrade)).toMatchObject({
    ok: true,
    value: {
      conditionId: HASH.toLowerCase(),
      size: 10_919_100n,
      price: 539_575n,
      venueTime: new Date('2026-01-08T02:14:33Z'),
      outcomeIndex: null,
    },
  });
});

it('reads open interest, of a market or of the whole venue', () => {
  expect(parseRow({ market: HASH, value: 831680.5023810001 }, '', readOpenInterest)).toEqual({
    ok: true,
    value: { market: HASH.toLowerCase(), value: 831_680_502_381n },
  });
  expect(parseRow({ market: 'GLOBAL', value: 1 }, '', readOpenInterest)).toMatchObject({ value: { market: 'GLOBAL' } });
  expect(parseRow({ market: 'x', value: 1 }, 'oi[0]', readOpenInterest)).toMatchObject({
    refusal: { path: 'oi[0].market' },
  });
  expect(parseRow({ market: HASH, value: -1 }, 'oi[0]', readOpenInterest)).toMatchObject({
    refusal: { path: 'oi[0].value' },
  });
});

it('reads the holders of a token', () => {
  const holders = [
    { proxyWallet: '0x1', asset: '5', amount: 1500.25, outcomeIndex: 0, name: '', pseudonym: 'Quiet Owl' },
  ];
  expect(parseRow({ token: '5', holders }, '', readTokenHolders)).toEqual({
    ok: true,
    value: {
      tokenId: '5',
      holders: [{ proxyWallet: '0x1', amount: 1_500_250_000n, outcomeIndex: 0, name: null, pseudonym: 'Quiet Owl' }],
    },
  });
});
