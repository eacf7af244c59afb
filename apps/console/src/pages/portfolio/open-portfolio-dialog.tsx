import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, ask, idempotencyKey, type Schemas } from '../../api/client';
import { Problem } from '../../api/problem';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { textOf } from '../../ui/form';
import { ProblemNotice } from '../../ui/query-view';
import { PORTFOLIOS_KEY } from './queries';

type Profile = Schemas['Portfolio']['profile'];

const PROFILES: Readonly<Record<Profile, string>> = {
  realistic: 'Realistic: displayed size, queues and a delay',
  conservative: 'Conservative: only what surely would have filled',
  ideal: 'Ideal: no delay, fills at the touch; for comparison',
};

/** Opens a portfolio, and goes there. */
export function OpenPortfolioDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  // Sent again after silence, it opens no second one; another form is another intent.
  const intent = useRef({ body: '', key: '' });
  const open = useMutation({
    mutationFn: (body: Schemas['PortfolioRequest']) => {
      const text = JSON.stringify(body);
      if (intent.current.body !== text) intent.current = { body: text, key: idempotencyKey() };
      return ask(api.POST('/portfolios', { body, params: { header: { 'Idempotency-Key': intent.current.key } } }));
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: PORTFOLIOS_KEY });
      navigate(`/portfolios/${id}`);
    },
  });
  const problem = open.error instanceof Problem ? open.error : null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const description = textOf(form, 'description').trim();
    open.mutate({
      name: textOf(form, 'name'),
      description: description === '' ? null : description,
      initial_balance: Number(textOf(form, 'initial_balance')),
      profile: textOf(form, 'profile') as Profile,
    });
  };
  return (
    <Dialog title="Open a portfolio" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field label="Name" error={problem?.of('name')}>
          {(control) => <input {...control} name="name" required maxLength={100} />}
        </Field>
        <Field label="What it is for (may be left out)" error={problem?.of('description')}>
          {(control) => <input {...control} name="description" maxLength={1_000} />}
        </Field>
        <Field label="Paper money to begin with, USDC" error={problem?.of('initial_balance')}>
          {(control) => (
            <input
              {...control}
              name="initial_balance"
              type="number"
              inputMode="decimal"
              min="1"
              step="any"
              defaultValue="10000"
              required
            />
          )}
        </Field>
        <Field
          label="How strict fills are"
          error={problem?.of('profile')}
          hint="It stays so: results of one portfolio can be compared with each other."
        >
          {(control) => (
            <select {...control} name="profile">
              {Object.entries(PROFILES).map(([profile, meaning]) => (
                <option key={profile} value={profile}>
                  {meaning}
                </option>
              ))}
            </select>
          )}
        </Field>
        {open.error !== null && <ProblemNotice error={open.error} />}
        <div class="dialog-end">
          <button type="button" onClick={onClose}>
            Never mind
          </button>
          <button type="submit" class="primary" disabled={open.isPending}>
            Open
          </button>
        </div>
      </form>
    </Dialog>
  );
}
