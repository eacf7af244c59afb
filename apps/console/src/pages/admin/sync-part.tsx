import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import type { JSX } from 'preact';
import { api, ask, type Schemas } from '../../api/client';
import { session } from '../../api/session';
import { Age, Badge, Figure, Section } from '../../ui/bits';
import { formatCount, formatDateTime, formatSeconds } from '../../ui/format';
import { useFilters } from '../../ui/filters';
import { QueryView } from '../../ui/query-view';
import { type Column, Pager, Table } from '../../ui/table';
import { RefreshForm } from './refresh-form';
import { describePace, MODE_NAMES, secondsTaken, STATE_WORDS } from './sync-words';

type Stats = Schemas['MarketStats'];
type Job = Schemas['MarketRefreshJob'];

const POLL_MS = 5_000;
const PAGE_SIZE = 10;

/** How fresh the stored markets are, what is being read now, and a way to have it read again. */
export function SyncPart(): JSX.Element {
  const { page, go } = useFilters();
  const stats = useQuery({
    queryKey: ['markets-stats'],
    queryFn: ({ signal }) => ask(api.GET('/markets/stats', { signal })),
    refetchInterval: POLL_MS,
  });
  const jobs = useQuery({
    queryKey: ['refresh-jobs', page],
    queryFn: ({ signal }) =>
      ask(api.GET('/markets/admin/refresh', { params: { query: { page, page_size: PAGE_SIZE } }, signal })),
    refetchInterval: POLL_MS,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <QueryView query={stats}>
        {(found) => (
          <>
            <Stored stats={found} />
            <div class="halves">
              <Pass title="Full pass" pass={found.sync.full} />
              <Pass title="Incremental pass" pass={found.sync.incremental} />
            </div>
          </>
        )}
      </QueryView>
      <div class="columns">
        <Section title="Refreshes asked for">
          <QueryView query={jobs} empty={({ total }) => (total === 0 ? 'Nobody has asked for one in 90 days.' : null)}>
            {({ jobs: rows, total, total_pages }) => (
              <div class="stack" aria-busy={jobs.isPlaceholderData}>
                <Table caption="Refreshes, the latest asked for first" columns={COLUMNS} rows={rows} keyOf={idOf} />
                <Pager page={page} totalPages={total_pages} total={total} go={go} />
              </div>
            )}
          </QueryView>
        </Section>
        <RefreshForm />
      </div>
    </>
  );
}

function Stored({ stats }: { stats: Stats }): JSX.Element {
  return (
    <Section title="Stored markets">
      <dl class="figures">
        <Figure name="All">{formatCount(stats.total_markets)}</Figure>
        <Figure name="Active">{formatCount(stats.active_markets)}</Figure>
        <Figure name="Closed">{formatCount(stats.closed_markets)}</Figure>
        <Figure
          name="Everything compared since"
          meaning="No stored market was compared with Polymarket longer ago than this. Nothing before the first full pass has ended."
        >
          <Age of={stats.oldest_sync} />
        </Figure>
        <Figure name="Last compared" meaning="When a pass last compared a market with Polymarket.">
          <Age of={stats.newest_sync} />
        </Figure>
      </dl>
    </Section>
  );
}

/** The latest pass of one kind, whoever began it: the clock, or an admin. */
function Pass({ title, pass }: { title: string; pass: Stats['sync']['full'] }): JSX.Element {
  const { word, tone } = STATE_WORDS[pass.state];
  const taken = secondsTaken(pass, Date.now());
  return (
    <Section title={title} aside={<Badge tone={tone}>{word}</Badge>}>
      {pass.state === 'idle' ? (
        <p class="muted">A sync worker begins it by its schedule.</p>
      ) : (
        <>
          <div class="pace">
            <progress max={100} value={pass.percent ?? 0} aria-label={`Progress of the ${title.toLowerCase()}`} />
            <p>{describePace(pass)}</p>
          </div>
          <dl class="figures">
            <Figure name="Read">{formatCount(pass.fetched)}</Figure>
            <Figure name="Written">{formatCount(pass.written)}</Figure>
            <Figure name="Unchanged">{formatCount(pass.unchanged)}</Figure>
            <Figure name="Failed">
              <span class={pass.failed > 0 ? 'bad' : ''}>{formatCount(pass.failed)}</span>
            </Figure>
            <Figure name="Began">
              <Age of={pass.started_at} />
            </Figure>
            <Figure name={pass.finished_at === null ? 'Runs for' : 'Took'}>
              {taken === null ? '–' : formatSeconds(taken)}
            </Figure>
          </dl>
          {pass.last_error !== null && <p class="notice notice-bad">{pass.last_error}</p>}
        </>
      )}
    </Section>
  );
}

const idOf = ({ job_id }: Job): string => job_id;

const COLUMNS: Column<Job>[] = [
  { title: 'Asked for', cell: ({ requested_at }) => formatDateTime(requested_at) },
  {
    title: 'By',
    cell: ({ requested_by }) => (requested_by === session.value?.userId ? 'you' : <code>{requested_by}</code>),
  },
  { title: 'Reads', cell: describeScope },
  {
    title: 'State',
    cell: ({ state, last_error }) => (
      <div>
        <Badge tone={STATE_WORDS[state].tone}>{STATE_WORDS[state].word}</Badge>
        {last_error !== null && <p class="bad">{last_error}</p>}
      </div>
    ),
  },
  {
    title: 'Read',
    numeric: true,
    cell: ({ progress, state }) =>
      `${formatCount(progress.fetched)}${state === 'running' ? ` · ${progress.percent.toFixed(1)}%` : ''}`,
  },
  { title: 'Written', numeric: true, cell: ({ progress }) => formatCount(progress.written) },
  {
    title: 'Took',
    numeric: true,
    cell: (job) => {
      const taken = secondsTaken(job, Date.now());
      return taken === null ? '–' : formatSeconds(taken);
    },
  },
];

function describeScope({ mode, active_only, limit }: Job): string {
  const what = mode === 'full' && active_only ? MODE_NAMES.incremental : MODE_NAMES[mode];
  return limit === null ? what : `${what}, at most ${formatCount(limit)}`;
}
