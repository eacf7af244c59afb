import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api, ask, idempotencyKey, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { textOf } from '../../ui/form';
import { formatMoney, formatShares } from '../../ui/format';
import { ProblemNotice } from '../../ui/query-view';
import { refreshPortfolio } from './queries';
import { mergeableSets } from './sets';

export interface SetsOf {
  /** Slug of the market; empty where it is to be named. */
  marketId: string;
}

interface SetsDialogProps {
  detail: Schemas['PortfolioDetail'];
  of: SetsOf;
  onClose: () => void;
}

type Way = 'split' | 'merge';

/** Makes complete sets of shares out of cash, or cash out of them. */
export function SetsDialog({ detail, of, onClose }: SetsDialogProps): JSX.Element {
  const queries = useQueryClient();
  const [way, setWay] = useState<Way>('split');
  // Sent again after silence, it moves nothing twice; another form is another intent.
  const intent = useRef({ text: '', key: '' });
  const change = useMutation({
    mutationFn: (body: Schemas['CompleteSetsRequest']) => {
      const text = JSON.stringify([way, body]);
      if (intent.current.text !== text) intent.current = { text, key: idempotencyKey() };
      const params = { path: { id: detail.id }, header: { 'Idempotency-Key': intent.current.key } };
      return ask(
        way === 'split'
          ? api.POST('/portfolios/{id}/split', { body, params })
          : api.POST('/portfolios/{id}/merge', { body, params }),
      );
    },
    onSuccess: async () => {
      await refreshPortfolio(queries, detail.id);
      onClose();
    },
  });
  const problem = change.error instanceof Problem ? change.error : null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    change.mutate({ market_id: textOf(form, 'market_id').trim(), quantity: Number(textOf(form, 'quantity')) });
  };
  const mergeable = mergeableSets(detail.positions, of.marketId);
  const hint =
    way === 'split'
      ? `1 USDC becomes one share of every outcome, free of fee. ${formatMoney(detail.cash_balance)} are free.`
      : `One share of every outcome becomes 1 USDC, free of fee.${of.marketId === '' ? '' : ` ${formatShares(mergeable)} complete sets are held and free.`}`;
  return (
    <Dialog title="Complete sets" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <div class="row" role="group" aria-label="What to do">
          {(['split', 'merge'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={each === way} onClick={() => setWay(each)}>
              {each === 'split' ? 'Split cash into sets' : 'Merge sets into cash'}
            </button>
          ))}
        </div>
        <Field label="Market" error={problem?.of('market_id')} hint="Its slug, as in the address of its page.">
          {(control) => <input {...control} name="market_id" defaultValue={of.marketId} required />}
        </Field>
        <Field label="Sets" error={problem?.of('quantity')} hint={hint}>
          {(control) => (
            <input {...control} name="quantity" type="number" inputMode="decimal" min="0" step="any" required />
          )}
        </Field>
        {change.error !== null && <ProblemNotice error={change.error} />}
        <div class="dialog-end">
          <button type="button" onClick={onClose}>
            Never mind
          </button>
          <button type="submit" class="primary" disabled={change.isPending}>
            {way === 'split' ? 'Split' : 'Merge'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
