import type { Schemas } from '../../../api/client';
import { formatExactMoney, formatMoney, formatPrice, formatShares } from '../../../ui/format';
import type { Side, TimeInForce } from './order-draft';

type Order = Schemas['Order'];
type Preview = Schemas['OrderPreview'];

export const SIDE_WORDS: Readonly<Record<Side, string>> = { buy: 'Buy', sell: 'Sell' };

export const TIME_WORDS: Readonly<Record<TimeInForce, string>> = {
  gtc: 'Until it is cancelled (GTC)',
  gtd: 'Until a time (GTD)',
  fak: 'What can be had now (FAK)',
  fok: 'All at once or nothing (FOK)',
};

/** What became of an order that was placed. */
export function outcomeSentence(order: Order): string {
  const { side, outcome, status, phase } = order;
  const traded = order.filled_quantity > 0 ? tradedSentence(order, PAST) : null;
  switch (phase) {
    case 'arriving':
      return `The order to ${side} ${outcome} is on its way to the book.`;
    case 'delayed':
      return `The order to ${side} ${outcome} is held by the taker delay of the market.`;
    case 'resting': {
      const rest = `${formatShares(order.remaining_quantity)} ${outcome}`;
      const place = `at ${formatPrice(order.price)}${queueOf(order.queue_ahead)}`;
      return traded === null
        ? `The order to ${side} ${rest} rests ${place}.`
        : `${traded} The other ${rest} rest ${place}.`;
    }
    case 'done': {
      if (traded !== null && status === 'filled') return traded;
      const why = order.reject_reason ?? `The order was ${status}.`;
      return `${traded ?? `Nothing was ${side === 'buy' ? 'bought' : 'sold'}.`} ${why}`;
    }
  }
}

/** What an order would do, unless it would be refused. */
export function previewSentence(preview: Preview, side: Side, outcome: string): string {
  const { resting_quantity, queue_ahead, status, reject_reason } = preview;
  const traded = preview.filled_quantity > 0 ? tradedSentence({ ...preview, side, outcome }, CONDITIONAL) : null;
  if (resting_quantity > 0) {
    const rest = `${formatShares(resting_quantity)} ${outcome} would rest${queueOf(queue_ahead)}`;
    return traded === null ? `Nothing fills now: ${rest}.` : `${traded} The other ${rest}.`;
  }
  if (traded !== null && status === 'filled') return traded;
  return `${traded ?? `Would ${side} nothing.`} ${reject_reason ?? 'The rest would be cancelled.'}`;
}

interface Traded {
  side: Side;
  outcome: string;
  filled_quantity: number;
  average_fill_price: number | null;
  filled_value: number;
  fees: number;
}

const PAST: Readonly<Record<Side, string>> = { buy: 'Bought', sell: 'Sold' };
const CONDITIONAL: Readonly<Record<Side, string>> = { buy: 'Would buy', sell: 'Would sell' };

function tradedSentence(traded: Traded, verbs: Readonly<Record<Side, string>>): string {
  const { side, outcome, filled_quantity, average_fill_price, filled_value, fees } = traded;
  const fee = fees === 0 ? ', free of fee' : `${side === 'buy' ? ' and' : ' less'} ${formatExactMoney(fees)} of fees`;
  const what = `${formatShares(filled_quantity)} ${outcome} at ${formatPrice(average_fill_price)} on average`;
  return `${verbs[side]} ${what}, for ${formatMoney(filled_value)}${fee}.`;
}

function queueOf(ahead: number | null): string {
  if (ahead === null) return '';
  return ahead === 0 ? ', first in the queue' : ` behind ${formatShares(ahead)} shares`;
}
