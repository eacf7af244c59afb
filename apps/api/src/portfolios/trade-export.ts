import { toTradeCsvRow, TRADE_CSV_HEADER } from '@app/contracts';
import type { Trade } from '@app/domain';
import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';

/** Rows joined into one piece of the answer. */
const ROWS_PER_CHUNK = 200;

/**
 * Streams trades as a CSV file. The first trade is read before the answer begins, so that a failure to read any is answered as a problem;
 * a later one breaks the answer off.
 */
export async function tradeExport(trades: AsyncIterable<Trade>, portfolioId: string): Promise<StreamableFile> {
  const iterator = trades[Symbol.asyncIterator]();
  const first = await iterator.next();
  return new StreamableFile(Readable.from(csvChunks(first, iterator), { objectMode: false }), {
    type: 'text/csv; charset=utf-8; header=present',
    disposition: `attachment; filename="trades-${portfolioId}.csv"`,
  });
}

async function* csvChunks(first: IteratorResult<Trade>, rest: AsyncIterator<Trade>): AsyncGenerator<string> {
  try {
    let chunk = TRADE_CSV_HEADER;
    let rows = 0;
    for (let next = first; next.done !== true; next = await rest.next()) {
      chunk += toTradeCsvRow(next.value);
      rows += 1;
      if (rows % ROWS_PER_CHUNK === 0) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk !== '') yield chunk;
  } finally {
    // A client that went away ends the stream early; the cursor behind it is closed then too.
    await rest.return?.();
  }
}
