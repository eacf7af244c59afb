import type { JSX } from 'preact';
import type { Schemas } from '../../api/client';
import { Badge, type Tone } from '../../ui/bits';
import { formatMoney, formatPrice, formatShares } from '../../ui/format';

type Order = Schemas['Order'];

const LOOKS: Readonly<Record<Order['status'], { tone: Tone; word: string }>> = {
  open: { tone: 'plain', word: 'Open' },
  partially_filled: { tone: 'warn', word: 'Partly filled' },
  filled: { tone: 'good', word: 'Filled' },
  cancelled: { tone: 'plain', word: 'Cancelled' },
  expired: { tone: 'plain', word: 'Expired' },
  rejected: { tone: 'bad', word: 'Rejected' },
};

export const ORDER_STATUSES = Object.keys(LOOKS) as readonly Order['status'][];

export function statusWord(status: Order['status']): string {
  return LOOKS[status].word;
}

export function OrderStatus({ order: { status, phase } }: { order: Pick<Order, 'status' | 'phase'> }): JSX.Element {
  const { tone, word } = LOOKS[status];
  return (
    <Badge tone={tone}>
      {word}
      {phase === 'arriving' && ', on its way'}
      {phase === 'delayed' && ', held by the market'}
    </Badge>
  );
}

/** Bought or sold, in a word. */
export function sideWord(side: Order['side']): string {
  return side === 'buy' ? 'Buy' : 'Sell';
}

/** How much was ordered: shares, or an amount to spend. */
export function orderedOf({ quantity, amount }: Pick<Order, 'quantity' | 'amount'>): string {
  return quantity === null ? formatMoney(amount) : formatShares(quantity);
}

/** What was ordered, in words: Buy 100 Yes, Buy $50.00 of Yes. */
export function whatOf(order: Pick<Order, 'side' | 'quantity' | 'amount' | 'outcome'>): string {
  return `${sideWord(order.side)} ${orderedOf(order)}${order.quantity === null ? ' of' : ''} ${order.outcome}`;
}

export function titleOf(order: Order): string {
  return `${whatOf(order)} at ${order.price === null ? 'any price' : limitOf(order)}`;
}

export function limitOf({ price }: Pick<Order, 'price'>): string {
  return price === null ? 'any' : formatPrice(price);
}
