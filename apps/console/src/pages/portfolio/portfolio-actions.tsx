import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, ask, idempotencyKey, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { ConfirmDialog, FormDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { optionalTextOf, textOf } from '../../ui/form';
import { formatMoney } from '../../ui/format';
import { portfolioKey, PORTFOLIOS_KEY, refreshPortfolio, reportKey } from './queries';

type Portfolio = Schemas['PortfolioDetail'];
type Asked = 'change' | 'reset' | 'delete';

/** What is done to a portfolio as a whole. */
export function PortfolioActions({ portfolio }: { portfolio: Portfolio }): JSX.Element {
  const [asked, setAsked] = useState<{ what: Asked; key: string } | null>(null);
  const open = (what: Asked) => () => setAsked({ what, key: idempotencyKey() });
  const close = (): void => setAsked(null);
  return (
    <div class="row">
      <button type="button" onClick={open('change')}>
        Rename or switch {portfolio.is_active ? 'off' : 'on'}
      </button>
      <button type="button" onClick={open('reset')}>
        Reset
      </button>
      <button type="button" onClick={open('delete')}>
        Delete
      </button>
      {asked?.what === 'change' && <ChangeDialog portfolio={portfolio} onClose={close} />}
      {asked?.what === 'reset' && <ResetDialog portfolio={portfolio} idempotency={asked.key} onClose={close} />}
      {asked?.what === 'delete' && <DeleteDialog portfolio={portfolio} onClose={close} />}
    </div>
  );
}

interface AskedOf {
  portfolio: Portfolio;
  onClose: () => void;
}

function ChangeDialog({ portfolio, onClose }: AskedOf): JSX.Element {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (body: Schemas['PortfolioChangeRequest']) =>
      ask(api.PATCH('/portfolios/{id}', { params: { path: { id: portfolio.id } }, body })),
    onSuccess: async () => {
      await refreshPortfolio(queries, portfolio.id);
      onClose();
    },
  });
  const problem = change.error instanceof Problem ? change.error : null;
  const send = (form: FormData): void => {
    change.mutate({
      name: textOf(form, 'name'),
      description: optionalTextOf(form, 'description'),
      is_active: form.has('is_active'),
    });
  };
  return (
    <FormDialog
      title="Rename or switch off"
      confirm="Save"
      isPending={change.isPending}
      error={change.error}
      onSend={send}
      onClose={onClose}
    >
      <Field label="Name" error={problem?.of('name')}>
        {(control) => <input {...control} name="name" defaultValue={portfolio.name} required maxLength={100} />}
      </Field>
      <Field label="What it is for" error={problem?.of('description')}>
        {(control) => (
          <input {...control} name="description" defaultValue={portfolio.description ?? ''} maxLength={1_000} />
        )}
      </Field>
      <label class="check">
        <input type="checkbox" name="is_active" defaultChecked={portfolio.is_active} />
        It takes new orders; orders that rest go on either way
      </label>
    </FormDialog>
  );
}

function ResetDialog({ portfolio, idempotency, onClose }: AskedOf & { idempotency: string }): JSX.Element {
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title={`Reset ${portfolio.name}?`}
      confirm="Reset"
      isDangerous
      onClose={onClose}
      action={async () => {
        const params = { path: { id: portfolio.id }, header: { 'Idempotency-Key': idempotency } };
        await ask(api.POST('/portfolios/{id}/reset', { params }));
        await refreshPortfolio(queries, portfolio.id);
      }}
    >
      <p>
        Its orders are cancelled, its positions are given up, and a new run begins with{' '}
        {formatMoney(portfolio.initial_balance)}. The ledger keeps what was.
      </p>
    </ConfirmDialog>
  );
}

function DeleteDialog({ portfolio, onClose }: AskedOf): JSX.Element {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return (
    <ConfirmDialog
      title={`Delete ${portfolio.name}?`}
      confirm="Delete"
      isDangerous
      onClose={onClose}
      action={async () => {
        await ask(api.DELETE('/portfolios/{id}', { params: { path: { id: portfolio.id } } }));
        navigate('/portfolios');
        queries.removeQueries({ queryKey: portfolioKey(portfolio.id) });
        queries.removeQueries({ queryKey: reportKey(portfolio.id) });
        await queries.invalidateQueries({ queryKey: PORTFOLIOS_KEY });
      }}
    >
      <p>Its orders are cancelled, and it is no longer shown. There is no way back.</p>
    </ConfirmDialog>
  );
}
