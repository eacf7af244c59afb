import type { ComponentChildren, JSX } from 'preact';
import { Link, useLocation, useRoute } from 'wouter-preact';
import { simulated } from './api/client';
import { session, signOut } from './api/session';
import { live } from './live/live';

/** What is around every page: the way to the others, whose data it is, and whether the server still speaks. */
export function Layout({ children }: { children: ComponentChildren }): JSX.Element {
  const [, navigate] = useLocation();
  const now = session.value;
  const leave = (): void => {
    signOut();
    navigate('/sign-in');
  };
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      {simulated.value && (
        <aside aria-label="Market data">
          <p class="banner banner-simulated" role="note">
            <strong>Simulated data.</strong> These markets are invented by a demo venue; nothing here is real.
          </p>
        </aside>
      )}
      <header class="top">
        <Link href="/markets" class="brand">
          PaperTrading<span>PM</span>
        </Link>
        <nav aria-label="Main">
          <NavLink to="/markets">Markets</NavLink>
          {now !== null && <NavLink to="/portfolios">Portfolios</NavLink>}
          {now?.role === 'admin' && <NavLink to="/admin">Admin</NavLink>}
          {now !== null && <NavLink to="/account">Account</NavLink>}
        </nav>
        <div class="top-end">
          {now !== null && <Connection />}
          {now === null ? (
            <NavLink to="/sign-in">Sign in</NavLink>
          ) : (
            <button type="button" class="quiet" onClick={leave}>
              Sign out
            </button>
          )}
        </div>
      </header>
      {now !== null && <ConnectionBanner />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        Charts by{' '}
        <a href="https://www.tradingview.com/" rel="noreferrer">
          TradingView
        </a>{' '}
        Lightweight Charts™ · All times: {Intl.DateTimeFormat().resolvedOptions().timeZone}
      </footer>
    </>
  );
}

function NavLink({ to, children }: { to: string; children: ComponentChildren }): JSX.Element {
  const [here] = useRoute(`${to}/*?`);
  return (
    <Link href={to} class="nav-link" aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  );
}

const WORDS = {
  off: 'Not connected',
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  refused: 'Live data refused',
} as const;

function Connection(): JSX.Element {
  const state = live.state.value;
  return (
    <span class={`connection connection-${state}`} role="status" data-state={state}>
      {WORDS[state]}
    </span>
  );
}

function ConnectionBanner(): JSX.Element | null {
  const state = live.state.value;
  if (state !== 'lost' && state !== 'refused') return null;
  const reason = live.reason.value;
  return (
    <p class="banner banner-lost" role="alert">
      <strong>{WORDS[state]}.</strong> {reason === null ? '' : `${reason}. `}Live prices and books stand still until it
      is back; it is tried again by itself.
    </p>
  );
}
