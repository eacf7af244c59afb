import { useMutation } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { session, signIn, signOut } from '../../api/session';
import { Section } from '../../ui/bits';
import { Field } from '../../ui/field';
import { textOf } from '../../ui/form';
import { ProblemNotice } from '../../ui/query-view';
import { PASSWORD_HINT } from './password-hint';

interface PasswordChange {
  current_password: string;
  new_password: string;
  new_password_confirm: string;
}

/** Changes the password. It ends every token, so that this tab signs in again with the new one. */
export function ChangePassword({ email }: { email: string }): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [isChanged, setChanged] = useState(false);
  const change = useMutation({
    mutationFn: async (body: PasswordChange) => {
      const before = session.peek();
      await ask(api.POST('/auth/change-password', { body }));
      if (before === null) return;
      try {
        const next = await ask(api.POST('/auth/login', { body: { email, password: body.new_password } }));
        signIn({ ...before, token: next.access_token, expiresAtMs: Date.now() + next.expires_in * 1_000 });
      } catch {
        signOut('The password is changed. Sign in with the new one.');
      }
    },
    onSuccess: () => {
      form.current?.reset();
      setChanged(true);
    },
    onMutate: () => setChanged(false),
  });
  const problem = change.error instanceof Problem ? change.error : null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    change.mutate({
      current_password: textOf(given, 'current_password'),
      new_password: textOf(given, 'new_password'),
      new_password_confirm: textOf(given, 'new_password_confirm'),
    });
  };
  return (
    <Section title="Change the password">
      <form ref={form} class="stack" onSubmit={submit}>
        <input type="text" name="username" autocomplete="username" value={email} hidden readOnly />
        <Field label="Password now" error={problem?.of('current_password')}>
          {(control) => (
            <input {...control} name="current_password" type="password" autocomplete="current-password" required />
          )}
        </Field>
        <Field label="New password" error={problem?.of('new_password')} hint={PASSWORD_HINT}>
          {(control) => <input {...control} name="new_password" type="password" autocomplete="new-password" required />}
        </Field>
        <Field label="New password again" error={problem?.of('new_password_confirm')}>
          {(control) => (
            <input {...control} name="new_password_confirm" type="password" autocomplete="new-password" required />
          )}
        </Field>
        {change.error !== null && <ProblemNotice error={change.error} />}
        {isChanged && (
          <p class="notice notice-good" role="status">
            The password is changed. Every other browser and client has to sign in again.
          </p>
        )}
        <button type="submit" class="primary" disabled={change.isPending}>
          Change the password
        </button>
      </form>
    </Section>
  );
}
