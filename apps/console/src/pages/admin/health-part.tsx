import { useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import { api, ask, type Schemas } from '../../api/client';
import { Age, Badge, Figure, Section, type Tone } from '../../ui/bits';
import { formatCount, formatDateTime, formatSeconds } from '../../ui/format';
import { Empty, QueryView } from '../../ui/query-view';
import { type Column, Table } from '../../ui/table';
import { readReport, type TroubledBook } from './worker-report';

type Health = Schemas['Health'];
type Worker = Schemas['WorkerHealth'];
type Dependency = Schemas['ComponentHealth'] & { name: string };
type Family = Schemas['UpstreamHealth'] & { name: string };

const POLL_MS = 5_000;

const TONES: Readonly<Record<string, Tone>> = {
  healthy: 'good',
  up: 'good',
  live: 'good',
  degraded: 'warn',
  recovering: 'warn',
  stale: 'bad',
  unhealthy: 'bad',
  down: 'bad',
};

/** How every process, what it depends on, and every followed book is. */
export function HealthPart(): JSX.Element {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => ask(api.GET('/health', { signal })),
    refetchInterval: POLL_MS,
  });
  return (
    <QueryView query={health}>
      {(found) => (
        <>
          <Overview health={found} />
          <Workers workers={found.workers} />
          <div class="halves">
            <Section title="What it depends on">
              <Table caption="Databases and Redis" columns={DEPENDENCIES} rows={dependenciesOf(found)} keyOf={nameOf} />
            </Section>
            <Section title="The venue">
              <p>{VENUES[found.upstream.venue ?? 'unknown']}</p>
              <Table caption="APIs of the venue" columns={FAMILIES} rows={familiesOf(found)} keyOf={nameOf} />
            </Section>
          </div>
        </>
      )}
    </QueryView>
  );
}

const VENUES = {
  polymarket: 'Market data come from Polymarket.',
  simulated: 'Market data come from a simulated venue.',
  unknown: 'No call has told yet where market data come from.',
} as const;

function Overview({ health }: { health: Health }): JSX.Element {
  return (
    <Section title="This server" aside={<Badge tone={TONES[health.status] ?? 'plain'}>{health.status}</Badge>}>
      <dl class="figures">
        <Figure name="Version">{health.version}</Figure>
        <Figure name="Up for">{formatSeconds(health.uptime_s)}</Figure>
        <Figure name="Checked">
          <Age of={health.checked_at} />
        </Figure>
      </dl>
    </Section>
  );
}

function Workers({ workers }: { workers: readonly Worker[] }): JSX.Element {
  return (
    <Section title="Workers">
      {workers.length === 0 && (
        <Empty>No worker has been heard of: nothing is synchronised, and no book is followed.</Empty>
      )}
      {workers.map((worker) => (
        <WorkerView key={worker.process} worker={worker} />
      ))}
    </Section>
  );
}

function WorkerView({ worker }: { worker: Worker }): JSX.Element {
  const { books, troubled, unnamed, rest } = readReport(worker.detail);
  return (
    <article class="stack worker">
      <header class="row">
        <h3>{worker.process}</h3>
        <Badge tone={worker.alive ? 'good' : 'bad'}>{worker.alive ? 'alive' : 'silent'}</Badge>
        <span class="muted" title={formatDateTime(worker.last_heartbeat)}>
          last heard {formatSeconds(worker.age_s)} ago
        </span>
      </header>
      {books !== null && (
        <ul class="row plain-list" aria-label={`Books of ${worker.process} by state`}>
          {Object.entries(books).map(([state, count]) => (
            <li key={state}>
              <Badge tone={count === 0 ? 'plain' : (TONES[state] ?? 'plain')}>
                {state} {formatCount(count)}
              </Badge>
            </li>
          ))}
        </ul>
      )}
      {troubled.length > 0 && (
        <Table
          caption={`Books of ${worker.process} that are not live`}
          columns={BOOKS}
          rows={troubled}
          keyOf={({ marketId }) => marketId}
        />
      )}
      {unnamed > 0 && (
        <p class="hint">
          {formatCount(unnamed)} more {unnamed === 1 ? 'book is' : 'books are'} not live.
        </p>
      )}
      {rest.length > 0 && (
        <dl class="figures">
          {rest.map(([name, value]) => (
            <Figure key={name} name={name}>
              {value}
            </Figure>
          ))}
        </dl>
      )}
    </article>
  );
}

const BOOKS: Column<TroubledBook>[] = [
  {
    title: 'Market',
    lead: true,
    cell: ({ marketId }) => <Link href={`/markets/${encodeURIComponent(marketId)}`}>{marketId}</Link>,
  },
  { title: 'Book', cell: ({ state }) => <Badge tone={TONES[state] ?? 'plain'}>{state}</Badge> },
  { title: 'Why', cell: ({ reason }) => reason ?? '–' },
];

const nameOf = ({ name }: { name: string }): string => name;

function dependenciesOf(health: Health): Dependency[] {
  const named = { ...health.databases, redis: health.redis, ...health.components };
  return Object.entries(named).map(([name, component]) => ({ name, ...component }));
}

const DEPENDENCIES: Column<Dependency>[] = [
  { title: 'Name', lead: true, cell: nameOf },
  { title: 'State', cell: ({ status }) => <Badge tone={TONES[status] ?? 'plain'}>{status}</Badge> },
  {
    title: 'Answered in',
    numeric: true,
    cell: ({ latency_ms }) => (latency_ms === null ? '–' : `${latency_ms.toFixed(1)} ms`),
  },
  { title: 'More', cell: ({ detail }) => detail ?? '–' },
];

function familiesOf({ upstream: { gamma, clob, data } }: Health): Family[] {
  return Object.entries({ gamma, clob, data }).map(([name, family]) => ({ name, ...family }));
}

const FAMILIES: Column<Family>[] = [
  { title: 'API', lead: true, cell: nameOf },
  { title: 'State', cell: ({ status }) => <Badge tone={TONES[status] ?? 'plain'}>{status}</Badge> },
  { title: 'Last answered', cell: ({ last_success_at }) => <Age of={last_success_at} /> },
  {
    title: 'Last failed',
    cell: ({ last_failure_at, last_error }) => (
      <div>
        <Age of={last_failure_at} />
        {last_error !== null && <p class="muted">{last_error}</p>}
      </div>
    ),
  },
];
