import type { Schemas } from '../../api/client';
import { timelineOf } from './timeline';

const NOW = Date.parse('2026-02-07T10:00:00.000Z');

function explained(
  order: Partial<Schemas['Order']>,
  data: Partial<Schemas['OrderExplanation']['data']> = {},
): Schemas['OrderExplanation'] {
  return {
    order: { status: 'open', created_at: '2026-02-07T09:41:10.000Z', fills: [], ...order },
    data: {
      waiting_for: null,
      arrives_at: '2026-02-07T09:41:10.005Z',
      matches_at: '2026-02-07T09:41:10.005Z',
      resting_since: null,
      stops_at: null,
      queue_ahead_at_entry: null,
      ...data,
    },
  } as unknown as Schemas['OrderExplanation'];
}

const told = (explanation: Schemas['OrderExplanation']): string[] =>
  timelineOf(explanation, NOW).map(({ what, detail, isAhead }) =>
    [what, ...(detail === null ? [] : [detail]), ...(isAhead ? ['ahead'] : [])].join('; '),
  );

describe('timelineOf', () => {
  it('tells of a resting order what it waits behind, what filled of it and when it stops', () => {
    const fill = {
      id: 'f',
      trade_timestamp: '2026-02-07T09:50:00.000Z',
      quantity: 40,
      price: 0.46,
      liquidity: 'maker',
      receipt: { rule: 'F2', grade: 'C' },
    } as Schemas['Fill'];
    const explanation = explained(
      { status: 'partially_filled', fills: [fill] },
      {
        waiting_for: 'queue',
        resting_since: '2026-02-07T09:41:10.030Z',
        queue_ahead_at_entry: 900,
        stops_at: '2026-02-07T11:00:00.000Z',
      },
    );
    expect(told(explanation)).toEqual([
      'Received',
      'At the venue; after 5 ms on its way',
      'Came to rest; behind 900 shares at its price',
      'Filled 40 at 0.46; as maker, rule F2, grade C',
      'Stops resting; it is good until shortly after; ahead',
    ]);
  });

  it('tells why an order ended, and nothing of what would have been after it', () => {
    const explanation = explained(
      { status: 'cancelled', updated_at: '2026-02-07T09:45:00.000Z', reject_reason: 'The owner cancelled it.' },
      { stops_at: '2026-02-07T11:00:00.000Z' },
    );
    expect(told(explanation)).toEqual([
      'Received',
      'At the venue; after 5 ms on its way',
      'Cancelled; The owner cancelled it.',
    ]);
  });

  it('tells of the delay of the market, and leaves a journey out that took no time', () => {
    const at = '2026-02-07T09:59:59.900Z';
    const explanation = explained(
      { created_at: at },
      { waiting_for: 'taker_delay', arrives_at: at, matches_at: '2026-02-07T10:00:00.050Z' },
    );
    expect(told(explanation)).toEqual([
      'Received',
      'Meets the book; the market holds orders that take for 150 ms; ahead',
    ]);
  });
});
