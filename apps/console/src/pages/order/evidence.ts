import type { Schemas } from '../../api/client';

type Receipt = Schemas['FillReceipt'];

/** What each rule of the fill model did. */
export const RULES: Readonly<Record<Receipt['rule'], string>> = {
  E1: 'It took size that was displayed when it met the book.',
  F1: 'A public trade went through its limit: it stood in the way, and would have traded first.',
  F2: 'A public trade at its limit reached past the queue before it.',
  F7: 'A quote crossed its limit and stayed long enough for somebody real to have traded with it.',
};

/** One thing a receipt says. */
export interface Proof {
  name: string;
  meaning: string;
  value: number;
}

/** The sizes a fill rests on, those the receipt has. */
export function proofsOf(receipt: Receipt): Proof[] {
  const all: readonly (Omit<Proof, 'value'> & { value: number | null })[] = [
    { name: 'Displayed there', meaning: 'Shares displayed at the price when it took.', value: receipt.displayed_size },
    {
      name: 'Taken before',
      meaning: 'How many of them this portfolio had taken before, and could not take again.',
      value: receipt.taken_before,
    },
    { name: 'Public trade', meaning: 'Shares of the public trade that filled it.', value: receipt.print_size },
    {
      name: 'Ahead when it came',
      meaning: 'Shares in the queue before it when it came to rest.',
      value: receipt.queue_ahead_at_entry,
    },
    {
      name: 'Ahead at the fill',
      meaning: 'Shares still before it just before this fill.',
      value: receipt.queue_ahead_at_fill,
    },
  ];
  return all.flatMap(({ value, ...proof }) => (value === null ? [] : [{ ...proof, value }]));
}
