import { useMutation, useQueryClient } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { Section } from '../../ui/bits';
import { Field } from '../../ui/field';
import { choiceOf, textOf } from '../../ui/form';
import { ProblemNotice } from '../../ui/query-view';

const MODES = ['incremental', 'full'] as const;

interface Request {
  mode: (typeof MODES)[number];
  active_only: boolean;
  limit?: number;
}

/** Asks a sync worker to read Polymarket's markets now. */
export function RefreshForm(): JSX.Element {
  const known = useQueryClient();
  const [mode, setMode] = useState<Request['mode']>('incremental');
  const refresh = useMutation({
    mutationFn: (query: Request) => ask(api.POST('/markets/admin/refresh', { params: { query } })),
    onSettled: () => known.invalidateQueries({ queryKey: ['refresh-jobs'] }),
  });
  const problem = refresh.error instanceof Problem ? refresh.error : null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const limit = textOf(form, 'limit');
    refresh.mutate({
      mode,
      active_only: form.has('active_only'),
      ...(limit === '' ? {} : { limit: Number(limit) }),
    });
  };
  return (
    <Section title="Refresh now">
      <form class="stack" onSubmit={submit}>
        <Field label="What to read" error={problem?.of('mode')}>
          {(control) => (
            <select
              {...control}
              value={mode}
              onChange={({ currentTarget }) => setMode(choiceOf(MODES, currentTarget.value) ?? 'incremental')}
            >
              <option value="incremental">Open markets (incremental)</option>
              <option value="full">Every market (full)</option>
            </select>
          )}
        </Field>
        {mode === 'full' && (
          <label class="check">
            <input type="checkbox" name="active_only" /> Leave closed markets out
          </label>
        )}
        <Field label="At most so many markets" error={problem?.of('limit')} hint="All of them when left empty.">
          {(control) => <input {...control} name="limit" type="number" step="1" inputMode="numeric" />}
        </Field>
        {refresh.error !== null && <ProblemNotice error={refresh.error} />}
        {refresh.isSuccess && (
          <p class="notice notice-good" role="status">
            It is queued; a sync worker takes it within seconds.
          </p>
        )}
        <button type="submit" class="primary" disabled={refresh.isPending}>
          Refresh markets
        </button>
      </form>
    </Section>
  );
}
