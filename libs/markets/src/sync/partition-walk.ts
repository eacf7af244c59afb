import { VenueMarket } from '@app/domain';
import { SyncFailure, SyncPartition } from '@app/persistence';
import { MarketPage } from '@app/polymarket';

/**
 * How far the pages of one partition have been read (they are stored somewhat later).
 * Invariant: pages come by rising venue id, so a page without any id above those seen means the list goes in circles.
 */
export interface PartitionWalk {
  readonly name: SyncPartition['name'];
  readonly cursor: string | null;
  /** Pages read, the number of the next one. */
  readonly pages: number;
  readonly rows: number;
  readonly lastId: bigint | null;
  readonly firstId: bigint | null;
  readonly previousIds: ReadonlySet<string>;
  readonly done: boolean;
}

export type WalkStep =
  | { ok: true; walk: PartitionWalk; markets: VenueMarket[]; failures: SyncFailure[]; duplicates: number }
  | { ok: false; problem: string };

/** Returns the walk that goes on where a partition's stored pages end. */
export function resumeWalk(partition: SyncPartition): PartitionWalk {
  return {
    name: partition.name,
    cursor: partition.cursor,
    pages: partition.pages,
    rows: partition.rows,
    lastId: partition.lastId === null ? null : BigInt(partition.lastId),
    firstId: partition.firstId === null ? null : BigInt(partition.firstId),
    previousIds: new Set(),
    done: partition.done,
  };
}

/**
 * Takes the next page of a partition: what of it is new, what was refused, and where the walk stands then.
 * A row that was on the page before is a duplicate and counted as one. Not taken at all is a page that cannot belong to a list that
 * advances: the cursor that was sent coming back, no rows although more are announced, no id above those seen.
 */
export function stepWalk(walk: PartitionWalk, page: Pick<MarketPage, 'rows' | 'nextCursor'>): WalkStep {
  const where = `the ${walk.name} list after page ${walk.pages}`;
  if (page.nextCursor !== null && page.nextCursor === walk.cursor) {
    return { ok: false, problem: `${where} answers with the cursor that was sent: it does not advance` };
  }
  if (page.nextCursor !== null && page.rows.length === 0) {
    return { ok: false, problem: `${where} answers no market but announces more` };
  }
  const markets: VenueMarket[] = [];
  const failures: SyncFailure[] = [];
  const ids = new Set<string>();
  let duplicates = 0;
  let { lastId, firstId } = walk;
  for (const row of page.rows) {
    if (!row.ok) {
      failures.push({ path: row.refusal.path, reason: row.refusal.reason, id: row.refusal.id });
      continue;
    }
    const { gammaId } = row.value;
    ids.add(gammaId);
    if (walk.previousIds.has(gammaId)) {
      duplicates += 1;
      continue;
    }
    markets.push(row.value);
    const id = BigInt(gammaId);
    if (lastId === null || id > lastId) lastId = id;
    firstId ??= id;
  }
  if (page.nextCursor !== null && ids.size > 0 && lastId === walk.lastId) {
    return {
      ok: false,
      problem: `${where} repeats markets only, none above id ${walk.lastId ?? 0n}: it goes in circles`,
    };
  }
  return {
    ok: true,
    markets,
    failures,
    duplicates,
    walk: {
      name: walk.name,
      cursor: page.nextCursor,
      pages: walk.pages + 1,
      rows: walk.rows + page.rows.length - duplicates,
      lastId,
      firstId,
      previousIds: ids,
      done: page.nextCursor === null,
    },
  };
}

/** A list shorter than this may shrink as it likes. */
const SMALLEST_JUDGED_ROWS = 200;

/**
 * Judges the end of a partition against the last complete pass; null when it is plausible.
 * A list that ends before half of what it had is an answer cut short, unless the pass before found the same: then it is believed.
 * @param before rows of the last complete pass, and of the pass given up for ending early, if that is how the last one ended
 */
export function judgeEnd(
  walk: Pick<PartitionWalk, 'name' | 'rows'>,
  before: { complete: number | null; givenUp: number | null },
): string | null {
  if (before.complete === null || before.complete < SMALLEST_JUDGED_ROWS || walk.rows * 2 >= before.complete)
    return null;
  const tolerance = Math.max(10, before.complete / 20);
  if (before.givenUp !== null && Math.abs(before.givenUp - walk.rows) <= tolerance) return null;
  return `the ${walk.name} list ended after ${walk.rows} markets, where the last complete pass read ${before.complete}`;
}
