import { readReport } from './worker-report';

describe('what a worker says of itself', () => {
  it('is its books, those in trouble with the reason, and the rest in words', () => {
    const report = readReport({
      instance: 'a1',
      in_contact: true,
      books: { live: 12, recovering: 1, stale: 0, halted: 0 },
      not_live: [{ market_id: 'will-it-rain', state: 'recovering', reason: 'the stream fell silent' }],
      resting_orders: 3,
      stream: { connections: 1, reconnects: 2 },
    });
    expect(report).toEqual({
      books: { live: 12, recovering: 1, stale: 0, halted: 0 },
      troubled: [{ marketId: 'will-it-rain', state: 'recovering', reason: 'the stream fell silent' }],
      unnamed: 0,
      rest: [
        ['instance', 'a1'],
        ['in contact', 'yes'],
        ['resting orders', '3'],
        ['stream', 'connections 1, reconnects 2'],
      ],
    });
  });

  it('counts the books in trouble that it does not name', () => {
    const named = [{ market_id: 'will-it-rain', state: 'stale', reason: null }];
    expect(readReport({ books: { live: 9, recovering: 40, stale: 2, halted: 1 }, not_live: named }).unnamed).toBe(42);
  });

  it('is of another kind for other workers', () => {
    expect(readReport({ doing: 'full sync' })).toEqual({
      books: null,
      troubled: [],
      unnamed: 0,
      rest: [['doing', 'full sync']],
    });
    expect(readReport({})).toEqual({ books: null, troubled: [], unnamed: 0, rest: [] });
  });

  it('is left out where it is not what it should be', () => {
    expect(readReport({ books: [1], not_live: [null, { market_id: 4 }, 'x'], odd: null })).toEqual({
      books: null,
      troubled: [],
      unnamed: 0,
      rest: [['odd', 'null']],
    });
    expect(readReport({ books: { live: 'many', stale: 2 }, not_live: 'all' }).books).toEqual({ stale: 2 });
  });
});
