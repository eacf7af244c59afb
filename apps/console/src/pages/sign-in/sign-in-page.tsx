import { useMutation } from '@tanstack/preact-query';
import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { farewell, type Role, signIn } from '../../api/session';
import { PageTitle } from '../../ui/bits';
import { Field } from '../../ui/field';
import { textOf } from '../../ui/form';
import { ProblemNotice } from '../../ui/query-view';
import { PASSWORD_HINT } from '../account/password-hint';

interface Credentials {
  email: string;
  password: string;
}

/** Signs in, or opens an account and signs in with it. */
export function SignInPage(): JSX.Element {
  const [registering, setRegistering] = useState(false);
  const [location, navigate] = useLocation();
  const enter = useMutation({
    mutationFn: async (credentials: Credentials) => {
      if (registering)
        await ask(api.POST('/auth/register', { body: { ...credentials, password_confirm: credentials.password } }));
      const { access_token, expires_in, user_id, roles } = await ask(api.POST('/auth/login', { body: credentials }));
      signIn({
        token: access_token,
        userId: user_id,
        role: roles.at(-1) as Role,
        expiresAtMs: Date.now() + expires_in * 1_000,
      });
    },
    // Who came here from a page that needs an account stays on it.
    onSuccess: () => location === '/sign-in' && navigate('/markets'),
  });
  const problem = enter.error instanceof Problem ? enter.error : null;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter.mutate({ email: textOf(form, 'email'), password: textOf(form, 'password') });
  };
  const title = registering ? 'Open an account' : 'Sign in';
  return (
    <div class="narrow">
      <PageTitle title={title} />
      {farewell.value === null ? (
        <p class="muted">Trade in Polymarket's markets with paper money: against their order books, at no risk.</p>
      ) : (
        <p class="notice">{farewell.value}</p>
      )}
      <form class="card" onSubmit={submit}>
        <Field label="Email" error={problem?.of('email') ?? problem?.of('username')}>
          {(control) => <input {...control} name="email" type="email" autocomplete="username" required />}
        </Field>
        <Field label="Password" error={problem?.of('password')} {...(registering ? { hint: PASSWORD_HINT } : {})}>
          {(control) => (
            <input
              {...control}
              name="password"
              type="password"
              autocomplete={registering ? 'new-password' : 'current-password'}
              required
            />
          )}
        </Field>
        {enter.error !== null && <ProblemNotice error={enter.error} />}
        <button type="submit" class="primary" disabled={enter.isPending}>
          {title}
        </button>
      </form>
      <p>
        {registering ? 'There is an account already?' : 'No account yet?'}{' '}
        <button
          type="button"
          class="link"
          onClick={() => {
            enter.reset();
            setRegistering(!registering);
          }}
        >
          {registering ? 'Sign in' : 'Open one'}
        </button>
      </p>
    </div>
  );
}
