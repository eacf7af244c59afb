import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import type { Schemas } from '../../api/client';
import { Age, Badge, Figure, PageTitle, Section } from '../../ui/bits';
import { formatCompact, formatDateTime, formatPrice } from '../../ui/format';
import { feeCurve, feesInWords, standingOf } from './market-facts';
import { shownPrice } from './outcome-picker';

type Market = Schemas['MarketDetail'];

/** The question, how it stands, and what trading it is like. */
export function MarketHead({ market, outcomeIndex }: { market: Market; outcomeIndex: number }): JSX.Element {
  const { tone, word } = standingOf(market);
  const price = shownPrice(market, outcomeIndex);
  return (
    <>
      <PageTitle title={market.question}>
        <Badge tone={tone}>{word}</Badge>
      </PageTitle>
      <dl class="figures card">
        <Figure name="Scheduled end" meaning="A market may trade past it, or end before.">
          {formatDateTime(market.end_date)}
        </Figure>
        <Figure name="Volume, 24 h">${formatCompact(market.volume_24h)}</Figure>
        <Figure name="Volume, all time">${formatCompact(market.volume_total)}</Figure>
        <Figure name="Liquidity">${formatCompact(market.liquidity)}</Figure>
        {!market.closed && (
          <Figure name="Fees now" {...(market.fees === null ? {} : { meaning: feeCurve(market.fees) })}>
            {feesInWords(market.fees, price)}
          </Figure>
        )}
        <Figure name="Last checked" meaning="When this record was last compared with Polymarket's.">
          <Age of={market.last_synced_at} />
        </Figure>
      </dl>
      <Result market={market} />
    </>
  );
}

function Result({ market: { resolution, outcomes } }: { market: Market }): JSX.Element | null {
  const { status, payouts, resolved_at: at } = resolution;
  if (status === 'unresolved') return null;
  if (status !== 'resolved') {
    return (
      <p class="notice">A result was {status}. It can still be turned round; nothing is paid before it is final.</p>
    );
  }
  const paid = outcomes.map((outcome, index) => `${outcome} $${formatPrice(payouts[index])}`).join(', ');
  return (
    <p class="notice notice-good">
      Resolved{at === null ? '' : ` ${formatDateTime(at)}`}. One share pays: {paid}.
    </p>
  );
}

/** The rules, and what the market belongs to. */
export function MarketRules({ market }: { market: Market }): JSX.Element {
  const { description, event_slug: event, event_title: title, neg_risk: isOneOfSet, tags } = market;
  return (
    <Section title="Rules">
      <p class="rules">{description ?? 'Polymarket gives none.'}</p>
      {event !== null && (
        <p>
          Belongs to <Link href={`/markets?status=all&event=${encodeURIComponent(event)}`}>{title ?? event}</Link>
          {isOneOfSet && ', of whose markets exactly one resolves to yes'}.
        </p>
      )}
      {tags.length > 0 && (
        <p class="row">
          Tags:
          {tags.map(({ slug, label }) => (
            <Link key={slug} href={`/markets?tag=${encodeURIComponent(slug)}`}>
              {label}
            </Link>
          ))}
        </p>
      )}
    </Section>
  );
}
