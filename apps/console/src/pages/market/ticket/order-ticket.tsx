import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../../api/client';
import { session } from '../../../api/session';
import { Section } from '../../../ui/bits';
import { Loading, ProblemNotice } from '../../../ui/query-view';
import { usePortfolios } from '../../portfolio/queries';
import { chosenOf } from './chosen-portfolio';
import { FirstPortfolio } from './first-portfolio';
import { TicketForm } from './ticket-form';
import './ticket.css';

export interface OrderTicketProps {
  market: Schemas['MarketDetail'];
  outcomeIndex: number;
  onOutcome: (index: number) => void;
  /** A price that was picked in the book; `picked` rises with each. */
  price?: { value: number; picked: number };
}

/** Trades in a market: what an order would do, the order, and what became of it. */
export function OrderTicket(props: OrderTicketProps): JSX.Element {
  const { market } = props;
  const closedBecause = reasonAgainst(market);
  return (
    <Section title="Trade">
      {closedBecause !== null ? (
        <p class="muted">This market takes no orders: {closedBecause}.</p>
      ) : session.value === null ? (
        <p>
          <Link href="/sign-in">Sign in</Link> to trade here with paper money. Everybody gets an account.
        </p>
      ) : (
        <OwnTicket {...props} />
      )}
    </Section>
  );
}

function OwnTicket(props: OrderTicketProps): JSX.Element {
  const { data, error, refetch } = usePortfolios();
  if (data === undefined) {
    return error === null ? <Loading /> : <ProblemNotice error={error} retry={() => void refetch()} />;
  }
  const portfolio = chosenOf(data);
  return portfolio === undefined ? (
    <FirstPortfolio />
  ) : (
    <TicketForm {...props} portfolio={portfolio} portfolios={data} />
  );
}

function reasonAgainst({ closed, accepting_orders, outcomes }: Schemas['MarketDetail']): string | null {
  if (closed) return 'it is closed';
  if (outcomes.length !== 2) return `it has ${outcomes.length} outcomes, and only those with two can be traded here`;
  return accepting_orders ? null : 'Polymarket is not accepting orders in it';
}
