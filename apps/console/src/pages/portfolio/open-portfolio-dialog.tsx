import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, ask, idempotencyKey, type Schemas } from '../../api/client';
import { Intent } from '../../api/intent';
import { Problem } from '../../api/problem';
import { FormDialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { choiceOf, optionalTextOf, textOf } from '../../ui/form';
import { PROFILES } from './profiles';
import { PORTFOLIOS_KEY } from './queries';

type Profile = Schemas['Portfolio']['profile'];

const PROFILE_KEYS = Object.keys(PROFILES) as readonly Profile[];

/** Opens a portfolio, and goes there. */
export function OpenPortfolioDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [intent] = useState(() => new Intent(idempotencyKey));
  const [profile, setProfile] = useState<Profile>('realistic');
  const open = useMutation({
    mutationFn: (body: Schemas['PortfolioRequest']) =>
      ask(api.POST('/portfolios', { body, params: { header: { 'Idempotency-Key': intent.keyOf(body) } } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: PORTFOLIOS_KEY });
      navigate(`/portfolios/${id}`);
    },
  });
  const problem = open.error instanceof Problem ? open.error : null;
  const send = (form: FormData): void => {
    open.mutate({
      name: textOf(form, 'name'),
      description: optionalTextOf(form, 'description'),
      initial_balance: textOf(form, 'initial_balance').trim(),
      profile,
    });
  };
  return (
    <FormDialog
      title="Open a portfolio"
      confirm="Open"
      isPending={open.isPending}
      error={open.error}
      onSend={send}
      onClose={onClose}
    >
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
        hint={`${PROFILES[profile].meaning} It stays so: results of one portfolio can be compared with each other.`}
      >
        {(control) => (
          <select
            {...control}
            value={profile}
            onChange={({ currentTarget }) => setProfile(choiceOf(PROFILE_KEYS, currentTarget.value) ?? profile)}
          >
            {PROFILE_KEYS.map((each) => (
              <option key={each} value={each}>
                {PROFILES[each].name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </FormDialog>
  );
}
