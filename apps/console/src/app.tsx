import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Redirect, Route, Switch } from 'wouter-preact';
import { askWhoseData, queries } from './api/client';
import { keepSession } from './api/keep-session';
import { session } from './api/session';
import { AccountPage } from './pages/account/account-page';
import { AdminPage } from './pages/admin/admin-page';
import { MarketPage } from './pages/market/market-page';
import { MarketsPage } from './pages/markets/markets-page';
import { NotFoundPage } from './pages/not-found-page';
import { OrderPage } from './pages/order/order-page';
import { PortfolioPage } from './pages/portfolio/portfolio-page';
import { PortfoliosPage } from './pages/portfolio/portfolios-page';
import { SignInPage } from './pages/sign-in/sign-in-page';
import { Layout } from './layout';

/** Every page, and who may see it. */
export function App(): JSX.Element {
  const userId = session.value?.userId ?? null;
  useEffect(keepSession, []);
  useEffect(() => void askWhoseData(), []);
  // What one account saw is not shown to the next.
  useEffect(() => () => queries.clear(), [userId]);
  return (
    <Layout>
      <Switch>
        <Route path="/">
          <Redirect to="/markets" replace />
        </Route>
        <Route path="/sign-in">
          <SignInPage />
        </Route>
        <Route path="/markets">
          <MarketsPage />
        </Route>
        <Route path="/markets/:slug">{({ slug }) => <MarketPage key={slug} slug={slug} />}</Route>
        <Route path="/portfolios">
          <SignedIn>
            <PortfoliosPage />
          </SignedIn>
        </Route>
        <Route path="/portfolios/:id">
          {({ id }) => (
            <SignedIn>
              <PortfolioPage key={id} id={id} />
            </SignedIn>
          )}
        </Route>
        <Route path="/portfolios/:id/orders/:orderId">
          {({ id, orderId }) => (
            <SignedIn>
              <OrderPage key={orderId} portfolioId={id} orderId={orderId} />
            </SignedIn>
          )}
        </Route>
        <Route path="/account">
          <SignedIn>
            <AccountPage />
          </SignedIn>
        </Route>
        <Route path="/admin/:part?">
          {({ part }) => (
            <SignedIn>
              {session.value?.role === 'admin' ? <AdminPage part={part ?? 'sync'} /> : <NotFoundPage />}
            </SignedIn>
          )}
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </Layout>
  );
}

function SignedIn({ children }: { children: JSX.Element }): JSX.Element {
  return session.value === null ? <SignInPage /> : children;
}
