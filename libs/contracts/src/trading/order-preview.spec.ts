import { DomainError, microPrice, microShares } from '@app/domain';
import type { BookEvidence } from '@app/exchange';
import { orderPreviewSchema, toOrderPreview } from './order-preview';

const AT = new Date('2026-02-07T09:41:10.011Z');

const EVIDENCE: BookEvidence = {
  state: 'stale',
  reason: 'nothing came for 20 s',
  book: {
    tokenId: '71',
    conditionId: null,
    bids: [{ price: microPrice(450_000n), size: microShares(1_000_000n) }],
    asks: [{ price: microPrice(460_000n), size: microShares(1_000_000n) }],
    tickSize: null,
    minOrderSize: null,
    negRisk: null,
    lastTradePrice: null,
    hash: null,
    venueTime: new Date('2026-02-07T09:41:09.871Z'),
  },
  source: 'stream',
  sequence: 12,
  hash: null,
  receivedAt: new Date('2026-02-07T09:41:09.911Z'),
};

describe('a preview of an order that is refused', () => {
  const refusal = new DomainError('BOOK.NOT_LIVE', 'The order book is stale.');

  it('moves nothing, and shows the book it was judged by', () => {
    const body = toOrderPreview({ at: AT, side: 'sell', evidence: EVIDENCE, refusal, executed: null });
    expect(orderPreviewSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      accepted: false,
      refusal: { code: 'BOOK.NOT_LIVE', detail: 'The order book is stale.', errors: [] },
      fills: [],
      cash_change: 0,
      after: null,
      best_price: 0.45,
      slippage_bps: null,
      book: { state: 'stale', sequence: 12, age_ms: 100, midpoint: 0.455 },
    });
  });

  it('shows no book where none was read', () => {
    const body = toOrderPreview({ at: AT, side: 'buy', evidence: null, refusal, executed: null });
    expect(orderPreviewSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({ best_price: null, slippage_from_best_bps: null, book: null });
  });

  it('tells a book received after it was asked for as new', () => {
    const early = { at: new Date(0), side: 'buy' as const, evidence: EVIDENCE, refusal, executed: null };
    expect(toOrderPreview(early).book?.age_ms).toBe(0);
  });
});
