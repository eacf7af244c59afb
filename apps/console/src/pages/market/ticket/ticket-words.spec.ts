import type { Schemas } from '../../../api/client';
import { outcomeSentence, previewSentence } from './ticket-words';

const ORDER = {
  side: 'buy',
  outcome: 'Yes',
  status: 'filled',
  phase: 'done',
  price: 0.47,
  filled_quantity: 60,
  average_fill_price: 0.461667,
  filled_value: 27.7,
  remaining_quantity: 0,
  fees: 0.74625,
  queue_ahead: null,
  reject_reason: null,
} as Schemas['Order'];

const PREVIEW = { ...ORDER, resting_quantity: 0 } as unknown as Schemas['OrderPreview'];

describe('what became of an order', () => {
  it.each<[string, Partial<Schemas['Order']>]>([
    ['Bought 60 Yes at 0.4617 on average, for $27.70 and $0.74625 of fees.', {}],
    ['Sold 60 Yes at 0.4617 on average, for $27.70 less $0.74625 of fees.', { side: 'sell' }],
    ['Bought 60 Yes at 0.4617 on average, for $27.70, free of fee.', { fees: 0 }],
    [
      'Bought 60 Yes at 0.4617 on average, for $27.70, free of fee. The other 40 Yes rest at 0.47 behind 900 shares.',
      { fees: 0, status: 'partially_filled', phase: 'resting', remaining_quantity: 40, queue_ahead: 900 },
    ],
    [
      'The order to sell 100 Yes rests at 0.47, first in the queue.',
      { side: 'sell', filled_quantity: 0, status: 'open', phase: 'resting', remaining_quantity: 100, queue_ahead: 0 },
    ],
    ['The order to buy Yes is on its way to the book.', { status: 'open', phase: 'arriving' }],
    ['The order to buy Yes is held by the taker delay of the market.', { status: 'open', phase: 'delayed' }],
    ['Nothing was bought. Too little.', { status: 'cancelled', filled_quantity: 0, reject_reason: 'Too little.' }],
    [
      'Sold 60 Yes at 0.4617 on average, for $27.70, free of fee. The rest was cancelled.',
      { side: 'sell', fees: 0, status: 'cancelled', reject_reason: 'The rest was cancelled.' },
    ],
    ['Nothing was sold. The order was expired.', { side: 'sell', status: 'expired', filled_quantity: 0 }],
  ])('%s', (sentence, change) => {
    expect(outcomeSentence({ ...ORDER, ...change })).toBe(sentence);
  });
});

describe('what an order would do', () => {
  it.each<[string, Partial<Schemas['OrderPreview']>]>([
    ['Would buy 60 No at 0.4617 on average, for $27.70 and $0.74625 of fees.', {}],
    ['Nothing fills now: 40 No would rest.', { filled_quantity: 0, status: 'open', resting_quantity: 40 }],
    [
      'Would buy 60 No at 0.4617 on average, for $27.70, free of fee. The other 40 No would rest behind 5 shares.',
      { fees: 0, status: 'partially_filled', resting_quantity: 40, queue_ahead: 5 },
    ],
    ['Would buy nothing. Too little.', { status: 'cancelled', filled_quantity: 0, reject_reason: 'Too little.' }],
    [
      'Would buy 60 No at 0.4617 on average, for $27.70, free of fee. Too little.',
      { fees: 0, status: 'cancelled', reject_reason: 'Too little.' },
    ],
  ])('%s', (sentence, change) => {
    expect(previewSentence({ ...PREVIEW, ...change }, 'buy', 'No')).toBe(sentence);
  });
});
