import { TRADE_CSV_HEADER } from '@app/contracts';
import { microPrice, microShares, microUsdc, type Trade } from '@app/domain';
import { waitFor } from '@app/testing';
import { text } from 'node:stream/consumers';
import { tradeExport } from './trade-export';

/** Trades one after the other, as a cursor gives them, and whether the cursor was closed. */
class Cursor implements AsyncIterable<Trade> {
  isClosed = false;
  given = 0;

  constructor(
    private readonly count: number,
    private readonly failAt = Infinity,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Trade> {
    try {
      for (; this.given < this.count; this.given += 1) {
        if (this.given === this.failAt) throw new Error('the database went away');
        yield await Promise.resolve(aTrade(`t-${this.given}`));
      }
    } finally {
      this.isClosed = true;
    }
  }
}

function aTrade(id: string): Trade {
  return {
    id,
    portfolioId: 'p-1',
    userId: 'u-1',
    run: 1,
    orderId: 'o-1',
    marketId: 'a-market',
    conditionId: '0x1',
    tokenId: '71',
    outcome: 'Yes',
    outcomeIndex: 0,
    side: 'buy',
    quantity: microShares(5_000_000n),
    price: microPrice(400_000n),
    value: microUsdc(2_000_000n),
    fee: microUsdc(0n),
    realised: null,
    liquidity: 'maker',
    midpointAtFill: null,
    slippageBps: null,
    receipt: {
      rule: 'F1',
      grade: 'B',
      profile: 'realistic',
      modelVersion: 1,
      bookSource: 'stream',
      bookSequence: 1,
      bookHash: null,
      bookVenueTime: new Date(0),
      bookReceivedAt: new Date(0),
      displayedSize: null,
      takenBefore: null,
      printKey: 'k',
      printSize: null,
      queueAheadAtEntry: null,
      queueAheadAtFill: null,
      arrivalMidpoint: null,
      feeSchedule: null,
    },
    notes: null,
    marketQuestion: 'Will it?',
    tradedAt: new Date(0),
    createdAt: new Date(0),
  };
}

describe('an export of trades', () => {
  it.each([0, 1, 199, 200, 201, 1_000])('of %d has a row for each, below the names of the columns', async (count) => {
    const cursor = new Cursor(count);
    const file = await tradeExport(cursor, 'p-1');
    expect(file.getHeaders()).toMatchObject({
      type: 'text/csv; charset=utf-8; header=present',
      disposition: 'attachment; filename="trades-p-1.csv"',
    });
    const content = await text(file.getStream());
    expect(content.startsWith(TRADE_CSV_HEADER)).toBe(true);
    const ids = content
      .slice(TRADE_CSV_HEADER.length)
      .split('\r\n')
      .slice(0, -1)
      .map((row) => row.split(',')[0]);
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => `t-${index}`));
    expect(cursor.isClosed).toBe(true);
  });

  it('that cannot be read at all fails before it is answered', async () => {
    await expect(tradeExport(new Cursor(5, 0), 'p-1')).rejects.toThrow('the database went away');
  });

  it('that cannot be read to its end is broken off', async () => {
    const file = await tradeExport(new Cursor(1_000, 700), 'p-1');
    await expect(text(file.getStream())).rejects.toThrow('the database went away');
  });

  it('reads no further than its reader, and closes the cursor when the reader is gone', async () => {
    const cursor = new Cursor(1_000_000);
    const stream = (await tradeExport(cursor, 'p-1')).getStream();
    for await (const chunk of stream) {
      expect(String(chunk)).toContain('t-0');
      break;
    }
    await waitFor(() => cursor.isClosed);
    expect(cursor.given).toBeLessThan(10_000);
  });
});
