import type { Actor, AuditNote, RequestContext } from '@app/accounts';
import {
  DEFAULT_PRICE_INTERVAL,
  INTERVAL_FIDELITY,
  type MarketListQuery,
  type MarketRefreshJobSource,
  type MarketRefreshQuery,
  MAX_RANGE_DAYS,
  MAX_RANGE_POINTS,
  type PriceHistoryQuery,
  type SyncPassSource,
} from '@app/contracts';
import { DomainError, microUsdc, type MicroUsdc } from '@app/domain';
import type { HistoryRequest, MarketRefreshRequest } from '@app/markets';
import type { JobRun, MarketFilter, MarketSort, SyncKind, SyncState } from '@app/persistence';

/** Query parameters of a list as the store's filter. */
export function toMarketFilter(query: MarketListQuery): MarketFilter {
  return {
    search: query.search,
    active: query.active,
    closed: query.closed,
    volumeMin: amount(query.volume_min),
    volumeMax: amount(query.volume_max),
    liquidityMin: amount(query.liquidity_min),
    liquidityMax: amount(query.liquidity_max),
    tag: query.tag,
    eventSlug: query.event_slug,
    endDateMin: query.end_date_min,
    endDateMax: query.end_date_max,
  };
}

export function toMarketSort(query: MarketListQuery): MarketSort {
  return { key: query.sort_by, descending: query.sort_desc };
}

function amount(value: bigint | undefined): MicroUsdc | undefined {
  return value === undefined ? undefined : microUsdc(value);
}

/** How far the end of a range may lie in the future, so that the end of a day anywhere on earth is accepted. */
const FUTURE_SECONDS = 86_400;
const RANGE_POINTS = 720;
const RANGE_FIDELITIES = [1, 5, 15, 30, 60, 180, 360, 720, 1440] as const;

/**
 * Query parameters of a price history as a request, the end of a range cut to now.
 * @throws DomainError `REQUEST.UNACCEPTABLE` naming the field for a range in the future or too long for its grain
 */
export function toHistoryRequest(query: PriceHistoryQuery, now: Date): HistoryRequest {
  if (query.start_ts === undefined) {
    const interval = query.interval ?? DEFAULT_PRICE_INTERVAL;
    const fidelityMinutes = query.fidelity ?? INTERVAL_FIDELITY[interval].usual;
    return { span: { interval: interval === 'all' ? 'max' : interval }, fidelityMinutes };
  }
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const startTs = query.start_ts;
  if (startTs > nowSeconds) throw unacceptable('start_ts', `lies in the future; it is ${nowSeconds} now`);
  if (query.end_ts !== undefined && query.end_ts > nowSeconds + FUTURE_SECONDS) {
    throw unacceptable('end_ts', `lies in the future; it is ${nowSeconds} now`);
  }
  const endTs = Math.min(query.end_ts ?? nowSeconds, nowSeconds);
  const seconds = endTs - startTs;
  if (seconds > MAX_RANGE_DAYS * 86_400) {
    throw unacceptable(
      'start_ts',
      `is more than ${MAX_RANGE_DAYS} days before the end; ask interval=max for the whole life`,
    );
  }
  const fidelityMinutes = query.fidelity ?? usualFidelity(seconds);
  const points = Math.ceil(seconds / (fidelityMinutes * 60));
  if (points > MAX_RANGE_POINTS) {
    const enough = Math.ceil(seconds / 60 / MAX_RANGE_POINTS);
    throw unacceptable(
      'fidelity',
      `gives ${points} points over this range; at least ${enough} gives ${MAX_RANGE_POINTS} or fewer`,
    );
  }
  return { span: { startTs, endTs }, fidelityMinutes };
}

/** The finest usual grain that keeps a range at a chart's worth of points. */
function usualFidelity(seconds: number): number {
  return RANGE_FIDELITIES.find((minutes) => seconds / (minutes * 60) <= RANGE_POINTS) ?? 1440;
}

function unacceptable(field: string, message: string): DomainError {
  return new DomainError('REQUEST.UNACCEPTABLE', `${field} ${message}`, { fields: [{ field, message }] });
}

/** What is told of a pass of one kind; one that never ran is idle. */
export function toSyncPassSource(mode: SyncKind, state: SyncState | null): SyncPassSource {
  return {
    mode,
    state: state?.state ?? 'idle',
    fetched: state?.fetched ?? 0,
    written: state?.written ?? 0,
    unchanged: state?.unchanged ?? 0,
    failed: state?.failed ?? 0,
    ratePerSecond: state?.ratePerSecond ?? null,
    percent: state?.percent ?? null,
    etaSeconds: state?.etaSeconds ?? null,
    startedAt: state?.startedAt ?? null,
    finishedAt: state?.finishedAt ?? null,
    lastError: state?.lastError ?? null,
  };
}

/** The refresh an admin asks for. */
export function toRefreshRequest(query: MarketRefreshQuery, requestedBy: string): MarketRefreshRequest {
  return { kind: query.mode, activeOnly: query.active_only, limit: query.limit ?? null, requestedBy };
}

/** What the audit log says of a refresh. */
export function toRefreshNote(job: JobRun, actor: Actor, context: RequestContext): AuditNote {
  const { limit, activeOnly } = job.parameters;
  return {
    action: 'markets.refresh_requested',
    actor,
    context,
    detail: { job_id: job.id, mode: job.kind, active_only: activeOnly, limit },
  };
}

export function toRefreshJobSource(job: JobRun): MarketRefreshJobSource {
  return {
    id: job.id,
    mode: job.kind,
    activeOnly: job.parameters.activeOnly,
    limit: job.parameters.limit,
    state: job.state,
    requestedBy: job.requestedBy,
    requestedAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    progress: job.progress,
    lastError: job.lastError,
  };
}
