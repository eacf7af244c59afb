import { microShares } from '@app/domain';
import { simulateMarket } from './simulated-market';
import { readTape, writeTape } from './tape';

const HEAD = '{"tape":1,"condition_id":"0xc0"}\n';

describe('tapes', () => {
  it('read as they were written', () => {
    const tape = simulateMarket('a tape', { hasChanges: true, gapsPerHundred: 3 });
    const events = [
      ...tape.events,
      { atMs: 1, kind: 'tick' as const, tickSize: tape.finalPrice },
      { atMs: 2, kind: 'taken' as const, portfolioId: 'p', levels: [] },
      {
        atMs: 3,
        kind: 'consumed' as const,
        portfolioId: 'p',
        levels: [
          { side: 'ask' as const, price: tape.finalPrice, taken: microShares(5n), displayed: microShares(7_000_000n) },
        ],
      },
      { atMs: 4, kind: 'close' as const, reason: 'the market resolved' },
    ];
    expect(new Set(events.map(({ kind }) => kind)).size).toBe(12);
    const text = writeTape({ ...tape, events });
    expect(readTape(text)).toEqual({ conditionId: tape.conditionId, events });
    expect(writeTape(readTape(text))).toBe(text);
  });

  it('are canonical once read, whichever outcome they tell of', () => {
    const { events } = readTape(
      `${HEAD}{"at":5,"kind":"print","venue_time":4,"outcome":1,"aggressor":"buy","price":"0.4","size":"7.5"}
{"at":6,"kind":"snapshot","venue_time":5,"outcome":1,"bids":[["0.38","10"]],"asks":[["0.41","20"]]}
`,
    );
    expect(events).toEqual([
      {
        atMs: 5,
        kind: 'print',
        venueTimeMs: 4,
        aggressor: 'sell',
        price: 600_000n,
        size: 7_500_000n,
        transactionHash: null,
      },
      {
        atMs: 6,
        kind: 'snapshot',
        venueTimeMs: 5,
        bids: [{ price: 590_000n, size: 20_000_000n }],
        asks: [{ price: 620_000n, size: 10_000_000n }],
        sequence: null,
        hash: null,
      },
    ]);
  });

  it.each([
    ['{"tape":2}\n', 'line 1: not the head of a tape of version 1'],
    [`${HEAD}nonsense\n`, 'line 2: not JSON'],
    [`${HEAD}{"at":1,"kind":"dance"}\n`, 'line 2: kind is "dance", not a kind of event'],
    [`${HEAD}{"at":1.5,"kind":"clock"}\n`, 'line 2: at is 1.5, not a whole number'],
    [
      `${HEAD}{"at":1,"kind":"print","venue_time":1,"aggressor":"buy","price":0.4,"size":"1"}\n`,
      'line 2: price is 0.4, not a text',
    ],
    [
      `${HEAD}{"at":1,"kind":"print","venue_time":1,"aggressor":"buy","price":"0.1234567","size":"1"}\n`,
      'line 2: price is "0.1234567", not a decimal text of at most six decimals',
    ],
    [
      `${HEAD}{"at":1,"kind":"gap","state":"live","reason":"none"}\n`,
      'line 2: state is "live", not a state other than live',
    ],
    [
      `${HEAD}{"at":1,"kind":"changes","venue_time":1,"changes":[["up","0.5","1"]]}\n`,
      'line 2, changes[0]: 0 is "up", not one of bid, ask',
    ],
    [`${HEAD}{"at":1,"kind":"place"}\n`, 'line 2, order: order_id is undefined, not a text'],
  ])('are refused with the line and the field: %j', (text, message) => {
    expect(() => readTape(text)).toThrow(message);
  });
});
