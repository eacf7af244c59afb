import { effect } from '@preact/signals';
import { api, ask } from './client';
import { Problem } from './problem';
import { session, signIn, signOut } from './session';

/** A token is exchanged for a fresh one when this much of its life is left. */
const REFRESH_BEFORE_MS = 5 * 60_000;
const RETRY_MS = 15_000;
const ENDED = 'Your session has ended. Sign in again to go on.';

/** Keeps who is signed in signed in, until the returned function is called: fetches a fresh token before the old one ends. */
export function keepSession(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = effect(() => {
    clearTimeout(timer);
    const now = session.value;
    if (now !== null)
      timer = setTimeout(() => void refresh(), Math.max(0, now.expiresAtMs - Date.now() - REFRESH_BEFORE_MS));
  });

  async function refresh(): Promise<void> {
    const before = session.peek();
    if (before === null) return;
    try {
      const fresh = await ask(api.POST('/auth/refresh'));
      // Signed out or in again meanwhile.
      if (session.peek() !== before) return;
      signIn({ ...before, token: fresh.access_token, expiresAtMs: Date.now() + fresh.expires_in * 1_000 });
    } catch (error) {
      if (session.peek() !== before) return;
      const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
      if (Date.now() >= before.expiresAtMs) signOut(ENDED);
      // A session that may not go on lives until its token ends.
      else timer = setTimeout(() => void refresh(), refused ? before.expiresAtMs - Date.now() : RETRY_MS);
    }
  }

  return () => {
    end();
    clearTimeout(timer);
  };
}
