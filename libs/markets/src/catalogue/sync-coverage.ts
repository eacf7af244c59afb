import { Market } from '@app/domain';
import { SyncState } from '@app/persistence';

/** Since when the last complete passes have compared every market they cover. */
export interface SyncCoverage {
  full: SyncState | null;
  incremental: SyncState | null;
}

/**
 * Returns when a market was last compared with the venue: when its own record was, or by the last complete pass over markets like it.
 * A pass writes nothing of a market it finds unchanged, so the record alone would look older than it is.
 */
export function lastComparedAt(
  market: Pick<Market, 'closed' | 'lastSyncedAt'>,
  { full, incremental }: SyncCoverage,
): Date {
  const partition = market.closed ? 'closed' : 'open';
  const passes = [full, incremental].map((state) =>
    state?.coveredRows.some(({ name }) => name === partition) === true ? state.coveredSince : null,
  );
  return latest([market.lastSyncedAt, ...passes]) ?? market.lastSyncedAt;
}

/** Since when no market has gone uncompared: the last complete pass over open and closed ones; null before the first. */
export function everythingComparedSince({ full }: SyncCoverage): Date | null {
  const partitions = new Set(full?.coveredRows.map(({ name }) => name));
  return full !== null && partitions.has('open') && partitions.has('closed') ? full.coveredSince : null;
}

/** When a pass last compared markets; null when none ever ran. */
export function lastProgressAt({ full, incremental }: SyncCoverage): Date | null {
  return latest([full?.progressedAt ?? null, incremental?.progressedAt ?? null]);
}

function latest(times: readonly (Date | null)[]): Date | null {
  return times.reduce((newest, time) => (time !== null && (newest === null || time > newest) ? time : newest), null);
}
