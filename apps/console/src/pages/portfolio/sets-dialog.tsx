import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask, idempotencyKey, type Schemas } from '../../api/client';
import { Intent } from '../../api/intent';
import { Problem } from '../../api/problem';
import { FormDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { textOf } from '../../ui/form';
import { formatMoney, formatShares } from '../../ui/format';
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
  const [intent] = useState(() => new Intent(idempotencyKey));
  const change = useMutation({
    mutationFn: (body: Schemas['CompleteSetsRequest']) => {
      const params = { path: { id: detail.id }, header: { 'Idempotency-Key': intent.keyOf([way, body]) } };
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
  const send = (form: FormData): void => {
    change.mutate({ market_id: textOf(form, 'market_id').trim(), quantity: textOf(form, 'quantity').trim() });
  };
  const mergeable = mergeableSets(detail.positions, of.marketId);
  const hint =
    way === 'split'
      ? `1 USDC becomes one share of every outcome, free of fee. ${formatMoney(detail.cash_balance)} are free.`
      : `One share of every outcome becomes 1 USDC, free of fee.${of.marketId === '' ? '' : ` ${formatShares(mergeable)} complete sets are held and free.`}`;
  return (
    <FormDialog
      title="Complete sets"
      confirm={way === 'split' ? 'Split' : 'Merge'}
      isPending={change.isPending}
      error={change.error}
      onSend={send}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
